"""The national population register: one look-up by personal number."""

from typing import Any

import httpx2

from chassis.errors import UpstreamUnavailable
from identity.people.papers import Sex, read_born_on, stored_name
from identity.people.rules import Description

_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}


class PopulationRegister:
    """Client of the register at one address."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._url = url
        self._client = client

    async def find(self, personal_id: str) -> Description | None:
        """Return what the register holds, or `None` when it knows no such number.

        Raises: UpstreamUnavailable: no answer, or one that cannot be read; nothing is then known either way.
        """
        try:
            response = await self._client.post(self._url, json={"personal_id": personal_id})
            if response.status_code == 404:
                return None
            response.raise_for_status()
            return _read(response.json())
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "30"}, peer="population-register") from failure


def _read(answer: dict[str, Any]) -> Description | None:  # Any: the register's JSON
    if not answer["found"]:
        return None
    person = answer["person"]
    return Description(stored_name(person["name"]), read_born_on(person["born_on"]), _SEXES[person["sex"]])
