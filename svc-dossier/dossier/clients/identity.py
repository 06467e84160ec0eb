"""Asks identity who people and organisations are: facts for those who file, ids for those a peer names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from chassis.errors import UpstreamUnavailable
from chassis.service_tokens import ServiceTokens

AUDIENCE = "urn:lienthong:identity"
_PURPOSE = "dossier-filing"

Json = dict[str, Any]  # Any: JSON members


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person, as far as a dossier names them."""

    citizen_id: UUID
    personal_id: str | None
    name: str
    born_on: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation, as far as a dossier names it."""

    organisation_id: UUID
    tax_code: str
    name: str
    address: str | None


class IdentityClient:
    """Identity, as far as the dossier service uses it."""

    def __init__(self, http: httpx2.AsyncClient, tokens: ServiceTokens, base_url: str) -> None:
        self._http = http
        self._tokens = tokens
        self._base_url = base_url

    async def people(self, citizen_ids: Sequence[UUID]) -> dict[UUID, PersonFacts]:
        """Return the facts of those known; each look-up stands in the person's access log.

        Raises: UpstreamUnavailable when identity does not answer, or not as agreed.
        """
        asked = {"citizen_ids": [str(one) for one in citizen_ids], "purpose": _PURPOSE}
        answer = await self._ask("person-facts", "people.read", asked)
        try:
            found = [_person(item) for item in answer["items"]]
        except (ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure
        return {facts.citizen_id: facts for facts in found}

    async def organisation(self, organisation_id: UUID) -> OrganisationFacts | None:
        """Return the facts of an organisation. Raises: UpstreamUnavailable."""
        asked = {"organisation_ids": [str(organisation_id)]}
        answer = await self._ask("organisation-facts", "people.read", asked)
        try:
            return next((_organisation(item) for item in answer["items"]), None)
        except (ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure

    async def organisation_of(self, tax_code: str) -> OrganisationFacts | None:
        """Return the organisation of a tax code. Raises: UpstreamUnavailable."""
        answer = await self._ask("organisation-facts", "people.read", {"tax_codes": [tax_code]})
        try:
            return next((_organisation(item) for item in answer["items"]), None)
        except (ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure

    async def resolve(self, personal_id: str, name: str) -> UUID | None:
        """Return the citizen of a personal number, entered as unconfirmed where new; None in conflict.

        Raises: UpstreamUnavailable.
        """
        item = {"ref": "0", "personal_id": personal_id, "name": name}
        answer = await self._ask("person-resolutions", "people.resolve", {"items": [item]})
        try:
            citizen_id = answer["items"][0]["citizen_id"]
            return UUID(citizen_id) if citizen_id else None
        except (ValueError, KeyError, TypeError, IndexError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure

    async def _ask(self, what: str, scope: str, asked: Json) -> Json:
        token = await self._tokens.token(AUDIENCE, scope)
        try:
            response = await self._http.post(
                f"{self._base_url}/internal/v1/{what}",
                json=asked,
                headers={"authorization": f"Bearer {token}"},
            )
            if response.status_code == 401:
                self._tokens.forget(AUDIENCE, scope)
            response.raise_for_status()
            answer: Json = response.json()
        except (httpx2.HTTPError, ValueError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure
        return answer


def _person(item: Json) -> PersonFacts:
    residence = item["residence"]
    return PersonFacts(
        citizen_id=UUID(item["citizen_id"]),
        personal_id=item["personal_id"],
        name=item["name"],
        born_on=item["born_on"],
        address=residence["text"] if residence else None,
    )


def _organisation(item: Json) -> OrganisationFacts:
    return OrganisationFacts(
        organisation_id=UUID(item["organisation_id"]),
        tax_code=item["tax_code"],
        name=item["name"],
        address=item["address"],
    )
