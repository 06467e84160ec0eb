"""Asks identity who an applicant is (`POST /internal/v1/person-facts`)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx2

from chassis.errors import UpstreamUnavailable
from chassis.service_tokens import ServiceTokens

AUDIENCE = "urn:lienthong:identity"
SCOPE = "people.read"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person as the population register describes him or her; `born_on` is `YYYY-MM-DD`, `YYYY` or None."""

    personal_id: str | None
    name: str
    born_on: str | None
    sex: str
    nationality: str
    province_code: str | None
    commune_code: str | None
    residence: str | None
    is_confirmed: bool

    def birth(self) -> tuple[date, bool] | None:
        """Return the day of birth and whether only its year is known (then that year's last day)."""
        if self.born_on is None:
            return None
        if len(self.born_on) == 4:
            return date(int(self.born_on), 12, 31), True
        return date.fromisoformat(self.born_on), False


class IdentityClient:
    """Identity, as far as the judicial record uses it."""

    def __init__(
        self, http: httpx2.AsyncClient, tokens: ServiceTokens, base_url: str, timeout_seconds: float
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._url = f"{base_url}/internal/v1/person-facts"
        self._timeout_seconds = timeout_seconds

    async def person_facts(self, citizen_id: UUID, purpose: str) -> PersonFacts | None:
        """Return what is known of a person, or None where identity knows nobody by that id.

        Raises: UpstreamUnavailable when identity does not answer, or not as agreed.
        """
        token = await self._tokens.token(AUDIENCE, SCOPE)
        try:
            response = await self._http.post(
                self._url,
                json={"citizen_ids": [str(citizen_id)], "purpose": purpose},
                headers={"authorization": f"Bearer {token}"},
                timeout=self._timeout_seconds,
            )
            if response.status_code == 401:
                self._tokens.forget(AUDIENCE, SCOPE)
            response.raise_for_status()
            items = response.json()["items"]
            return _facts(items[0]) if items else None
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure


def _facts(item: dict[str, Any]) -> PersonFacts:  # Any: JSON members
    residence = item["residence"] or {}
    return PersonFacts(
        personal_id=item["personal_id"],
        name=item["name"],
        born_on=item["born_on"],
        sex=item["sex"],
        nationality=item["nationality"],
        province_code=residence.get("province_code"),
        commune_code=residence.get("commune_code"),
        residence=residence.get("text"),
        is_confirmed=item["confirmed"],
    )
