"""Finds the citizen of a document through identity, and joins later what could not be found at once.

A document is never refused for its person: without one it waits under `NOBODY`, a timer asks again, and until
then `look_up` counts it as a gap for everybody whom it could concern.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import httpx2

from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import UpstreamUnavailable
from chassis.logging import get_logger
from chassis.service_tokens import ServiceTokens
from judicial_record.convictions.items import ConvictedPersonIn, Item
from judicial_record.convictions.models import NOBODY
from judicial_record.convictions.repository import ConvictionRepository
from judicial_record.convictions.vault import ConvictionVault

AUDIENCE, SCOPE = "urn:lienthong:identity", "people.resolve"
BATCH = 200
_TIMEOUT_SECONDS = 3.0
_FIRST_PAUSE = {"waiting": timedelta(seconds=2), "insufficient": timedelta(hours=1)}
_LONGEST_PAUSE = {"waiting": timedelta(minutes=1), "insufficient": timedelta(days=1)}

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a document is about: `state` as the table keeps it."""

    citizen_id: UUID
    state: str


class PersonResolver(Protocol):
    """Names citizens by their papers."""

    async def resolve(self, people: Sequence[ConvictedPersonIn]) -> list[Found]:
        """Return whom each description means, in order; never raises for identity."""
        ...


class IdentityResolver:
    """Asks identity (`POST /internal/v1/person-resolutions`)."""

    def __init__(self, http: httpx2.AsyncClient, tokens: ServiceTokens, identity_url: str) -> None:
        self._http = http
        self._tokens = tokens
        self._url = f"{identity_url}/internal/v1/person-resolutions"

    async def resolve(self, people: Sequence[ConvictedPersonIn]) -> list[Found]:
        if not people:
            return []
        items = [
            {"ref": str(n), **person.model_dump(mode="json", exclude_none=True)}
            for n, person in enumerate(people)
        ]
        try:
            token = await self._tokens.token(AUDIENCE, SCOPE)
            response = await self._http.post(
                self._url,
                json={"items": items},
                headers={"authorization": f"Bearer {token}"},
                timeout=_TIMEOUT_SECONDS,
            )
            if response.status_code == 401:
                self._tokens.forget(AUDIENCE, SCOPE)
            response.raise_for_status()
            by_ref = {one["ref"]: one for one in response.json()["items"]}
            return [_found(by_ref[item["ref"]]) for item in items]
        except (httpx2.HTTPError, UpstreamUnavailable, ValueError, KeyError, TypeError) as failure:
            log.warning("convictions.identity_away", error_type=type(failure).__name__, count=len(people))
            return [Found(NOBODY, "waiting")] * len(people)


def _found(item: dict[str, Any]) -> Found:  # Any: JSON members
    if item["citizen_id"]:
        return Found(UUID(item["citizen_id"]), "linked")
    return Found(NOBODY, "conflict" if item["state"] == "conflict" else "insufficient")


def next_attempt(state: str, attempts: int, now: datetime) -> datetime | None:
    """Return when identity is asked again, real time: soon while it is away, seldom where papers lack."""
    if state in ("linked", "organisation"):
        return None
    kind = "waiting" if state == "waiting" else "insufficient"
    return now + min(_FIRST_PAUSE[kind] * int(2 ** min(attempts, 20)), _LONGEST_PAUSE[kind])


class WaitingPeople:
    """The queue of documents whose person is not known."""

    def __init__(
        self, database: Database, resolver: PersonResolver, vault: ConvictionVault, clocks: Clocks
    ) -> None:
        self._database = database
        self._resolver = resolver
        self._vault = vault
        self._clocks = clocks

    async def link_waiting(self) -> int:
        """Ask again for every document whose turn has come; return how many found theirs. Idempotent."""
        now = self._clocks.real_now()
        async with self._database.transaction() as db:
            due = await ConvictionRepository(db).list_due(now, BATCH)
        items = [self._vault.open_item(row.content, row.record_id, row.version) for row in due]
        found = await self._resolver.resolve([_person(item) for item in items])
        linked = 0
        for row, one in zip(due, found, strict=True):
            async with self._database.transaction() as db:
                repository = ConvictionRepository(db)
                if one.state == "linked":
                    await repository.link(row.record_id, one.citizen_id)
                    linked += 1
                else:
                    later = next_attempt(one.state, row.attempts + 1, now) or now
                    await repository.postpone(row.record_id, row.version, one.state, later)
        if due:
            log.info("convictions.linked", count=linked, due_count=len(due))
        return linked


def _person(item: Item) -> ConvictedPersonIn:
    if item.person is None:
        raise ValueError("a document of a legal entity waits for nobody")
    return item.person
