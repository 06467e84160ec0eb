"""The national population register: one look-up by personal number."""

from dataclasses import dataclass
from typing import Any

import httpx2

from chassis.errors import UpstreamUnavailable
from identity.people.papers import Sex, is_personal_id, read_born_on, stored_name
from identity.people.rules import Description

_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}
_VIETNAM = "000"


@dataclass(frozen=True, slots=True)
class Residence:
    """Where a person lives: province and commune by their official codes, and as written on papers."""

    province_code: str
    commune_code: str
    text: str


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative as the register holds one; `personal_id` is `None` while a birth has no number yet."""

    kind: str
    personal_id: str | None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What the register says of a person. `nationality` is `VN`, else the register's own code."""

    description: Description
    nationality: str = "VN"
    residence: Residence | None = None
    is_alive: bool = True
    relatives: tuple[Relative, ...] = ()


class PopulationRegister:
    """Client of the register at one address."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._url = url
        self._client = client

    async def find(self, personal_id: str) -> RegisterEntry | None:
        """Return what the register holds, or `None` when it knows no such number.

        Raises: UpstreamUnavailable: no answer, or one that cannot be read; nothing is then known either way.
        """
        try:
            response = await self._client.post(self._url, json={"personal_id": personal_id})
            if response.status_code == 404:
                return None
            response.raise_for_status()
            answer = response.json()
            return _read(answer["person"]) if answer["found"] else None
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "30"}, peer="population-register") from failure


def _read(person: dict[str, Any]) -> RegisterEntry:  # Any: the register's JSON
    description = Description(
        stored_name(person["name"]), read_born_on(person["born_on"]), _SEXES[person["sex"]]
    )
    code = person.get("nationality") or _VIETNAM
    return RegisterEntry(
        description,
        nationality="VN" if code == _VIETNAM else str(code),
        residence=_residence(person.get("address")),
        is_alive=bool(person.get("is_alive", True)),
        relatives=tuple(_relative(one) for one in person.get("relations") or ()),
    )


def _residence(address: dict[str, Any] | None) -> Residence | None:  # Any: as above
    if address is None:
        return None
    return Residence(
        str(address["province_code"]), str(address["commune_code"]), stored_name(address["text"])
    )


def _relative(relation: dict[str, Any]) -> Relative:  # Any: as above
    number = relation.get("personal_id")
    is_number = isinstance(number, str) and is_personal_id(number)
    return Relative(str(relation["kind"]), number if is_number else None)
