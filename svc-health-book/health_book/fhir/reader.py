"""Reading and searching: a citizen's own book, or what a hospital's system sent.

A citizen sees what came as FHIR as it came, and what came in the national format as `derived.py` makes it. A
system sees only what it sent; that leaves a trace for the person, in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.access_log import INSERT_SQL, PARENT, AccessEntry, record_refusal, row
from chassis.auth import Actor
from chassis.db import Database
from chassis.errors import MalformedCursor, NotFound, RoleMissing
from chassis.paging import Cursors
from health_book.fhir import repository
from health_book.fhir.bundles import SHARED_TYPES
from health_book.fhir.derived import DERIVED_TYPES, derive, patient_resource, visit_of_id
from health_book.fhir.json_text import Json, dump, parse
from health_book.fhir.repository import Connection
from health_book.fhir.search import Search, happened_at, read_search, tokens_of, uuid_of
from health_book.fhir.visits import STANDARD
from health_book.vault import Vault
from health_book.visits import repository as visits
from health_book.visits.service import OWN_DATA

_VISITS_AT_ONCE = 50
_PURPOSE = "read_back_what_was_sent"
_GROUND = "sender"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it goes out."""

    text: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Match:
    """One match of a search; `place` is its position in the list, `citizen_id` whose it is if not known
    from the reader."""

    resource_id: str
    text: str
    place: list[Any]
    citizen_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, and where the next page begins."""

    matches: list[Match]
    next_cursor: str | None


class FhirReader:
    """Use cases of whoever reads FHIR."""

    def __init__(self, database: Database, vault: Vault, cursors: Cursors) -> None:
        self._database = database
        self._vault = vault
        self._cursors = cursors

    async def read(self, actor: Actor, kind: str, resource_id: str, version: int | None = None) -> Resource:
        """Return a resource, current or of one version.

        Raises: NotFound, also for another's, after that person's access log has the attempt.
        """
        async with self._database.connection() as connection:
            if actor.citizen_id is not None and version is None:
                made = await self._read_derived(connection, actor.citizen_id, kind, resource_id)
                if made is not None:
                    await _trace(connection, actor, [actor.citizen_id], kind, f"{kind}/{resource_id}")
                    return Resource(dump(made).encode(), int(made.get("meta", {}).get("versionId", 1)))
            found = await self._address(connection, actor, kind, resource_id)
            if found is None or found["resource_type"] != kind:
                raise NotFound
            if not await self._is_allowed(connection, actor, found):
                await self._refuse(actor, found["citizen_id"], f"{kind}/{resource_id}")
                raise NotFound
            kept = await repository.get_content(
                connection, found["compartment_id"], kind, found["resource_id"], version
            )
            if kept is None:
                raise NotFound
            await _trace(connection, actor, [found["citizen_id"]], kind, f"{kind}/{resource_id}")
        text = self._vault.open_resource(kept["content"], kept["facility_code"], found["resource_id"])
        return Resource(text, kept["version"])

    async def _address(self, connection: Connection, actor: Actor, kind: str, resource_id: str) -> Any:
        known = uuid_of(resource_id)
        if known is None and actor.organisation and actor.kind == "system":
            key = (kind, self._vault.index_identifier(f"id|{resource_id}"))
            known = (await repository.find_claims(connection, actor.organisation, [key])).get(key)
        return await repository.find_address(connection, known) if known else None

    async def _is_allowed(self, connection: Connection, actor: Actor, found: Any) -> bool:
        if actor.citizen_id is None:
            return bool(found["facility_code"] == actor.organisation)
        if found["citizen_id"] == actor.citizen_id:
            return True
        if found["resource_type"] not in SHARED_TYPES or found["citizen_id"] is not None:
            return False
        kept = await repository.get_content(
            connection, found["compartment_id"], found["resource_type"], found["resource_id"]
        )
        own = await repository.list_patients(connection, actor.citizen_id)
        return kept is not None and await repository.is_sent_with(connection, own, kept["submission_id"])

    async def _read_derived(
        self, connection: Connection, citizen_id: UUID, kind: str, resource_id: str
    ) -> Json | None:
        if kind == "Patient" and resource_id == str(citizen_id):
            return await self._own_patient(connection, citizen_id)
        visit_id = visit_of_id(kind, resource_id)
        if visit_id is None:
            return None
        row = await visits.find_visit(connection, citizen_id, UUID(visit_id))
        if row is None:
            return None
        document = orjson.loads(row["document"])
        if document["standard"] == STANDARD:
            return None
        made = derive(kind, document, str(citizen_id))
        return next((one for one in made if one["id"] == resource_id), None)

    async def _own_patient(self, connection: Connection, citizen_id: UUID) -> Json:
        newest = await visits.find_newest_patient(connection, citizen_id)
        administrative = None
        if newest is not None:
            place = (newest["facility_code"], newest["facility_visit_code"])
            administrative = orjson.loads(self._vault.open_patient(newest["patient"], *place))
        others = await repository.list_patients(connection, citizen_id)
        return patient_resource(str(citizen_id), administrative, [str(one) for one in others])

    async def search(self, actor: Actor, kind: str, parameters: Iterable[tuple[str, str]]) -> Found:
        """Return a page of what the actor may see of a type, newest first.

        Raises: Refused for parameters that are not supported, MalformedCursor.
        """
        asked = read_search(kind, parameters, self._vault.index_identifier)
        scope = f"fhir:{kind}:{actor.citizen_id or actor.organisation}"
        position = self._cursors.decode(asked.cursor, scope=scope) if asked.cursor else ["r", None]
        async with self._database.connection() as connection:
            found = await self._matches(connection, actor, asked, position, asked.count + 1)
            await _trace(connection, actor, [one.citizen_id for one in found], kind, kind)
        shown = found[: asked.count]
        next_cursor = None
        if len(found) > asked.count:
            next_cursor = self._cursors.encode(shown[-1].place, scope=scope)
        return Found(shown, next_cursor)

    async def _matches(
        self, connection: Connection, actor: Actor, asked: Search, position: Sequence[Any], limit: int
    ) -> list[Match]:
        """Return at most `limit` matches after a position."""
        found: list[Match] = []
        own = await _compartments(connection, actor)
        if position[0] == "r":
            for one in await self._stored(connection, actor, asked, own, position[1], limit):
                text = self._vault.open_resource(one["content"], one["facility_code"], one["resource_id"])
                resource_id = str(one["resource_id"])
                found.append(Match(resource_id, text.decode(), ["r", resource_id], one["citizen_id"]))
            position = ["v", None, None, -1]
        citizen_id = actor.citizen_id
        is_own = asked.patients is None or str(citizen_id) in asked.patients
        if citizen_id is not None and is_own and len(found) < limit:
            missing = limit - len(found)
            made = await self._derived(connection, citizen_id, asked, position, missing)
            found += [Match(one["id"], dump(one), place) for one, place in made]
        return found

    async def _stored(
        self,
        connection: Connection,
        actor: Actor,
        asked: Search,
        own: list[UUID] | None,
        after: str | None,
        limit: int,
    ) -> list[Any]:
        values: list[Any] = [asked.kind]
        where = ["resource_type = $1"]

        def add(condition: str, value: Any) -> None:
            values.append(value)
            where.append(condition.format(f"${len(values)}"))

        if own is None:
            add("facility_code = {}", actor.organisation)
        else:
            add("compartment_id = any({}::uuid[])", own)
        for column, named in (
            ("resource_id", asked.ids),
            ("compartment_id", asked.patients),
            ("visit_id", asked.visits),
        ):
            if named is not None:
                add(column + " = any({}::uuid[])", [known for one in named if (known := uuid_of(one))])
        for group in asked.groups:
            add("tokens && {}::text[]", group)
        for span in asked.spans:
            if span.start is not None:
                add("happened_at >= {}", span.start)
            if span.end is not None:
                add("happened_at < {}", span.end)
        if after is not None:
            add("resource_id < {}::uuid", UUID(after))
        return await repository.search(connection, where, values, limit)

    async def _derived(
        self, connection: Connection, citizen_id: UUID, asked: Search, position: Sequence[Any], limit: int
    ) -> list[tuple[Json, list[Any]]]:
        """Return what visits of the national format make of a type, newest first, after a position."""
        if asked.kind == "Patient":
            patient = await self._own_patient(connection, citizen_id)
            is_asked = position[1] is None and self._fits(asked, patient)
            return [(patient, ["v", "9999-12-31T00:00:00+00:00", str(citizen_id), 0])] if is_asked else []
        if asked.kind not in DERIVED_TYPES:
            return []
        found: list[tuple[Json, list[Any]]] = []
        after = _visit_position(position)
        offset = int(position[3])
        while len(found) < limit:
            rows = await visits.list_documents(connection, citizen_id, _VISITS_AT_ONCE, after, STANDARD)
            for one in rows:
                place = [one["started_at"].isoformat(), str(one["visit_id"])]
                is_here = position[1:3] == place
                if asked.visits is not None and place[1] not in asked.visits:
                    continue
                made = derive(asked.kind, orjson.loads(one["document"]), str(citizen_id))
                found += [
                    (resource, ["v", *place, number])
                    for number, resource in enumerate(made)
                    if not (is_here and number <= offset) and self._fits(asked, resource)
                ]
            if len(rows) < _VISITS_AT_ONCE:
                break
            after = (rows[-1]["started_at"], rows[-1]["visit_id"], False)
        return found[:limit]

    def _fits(self, asked: Search, resource: Json) -> bool:
        tokens = tokens_of(resource, self._vault.index_identifier)
        return asked.fits(tokens, happened_at(resource), resource["id"])

    async def subject(self, actor: Actor, patient_id: str) -> tuple[Json, frozenset[str]]:
        """Return the Patient of a summary, and every id under which the same person's resources stand.

        Raises: NotFound, as `read`.
        """
        if actor.citizen_id is None:
            resource = parse((await self.read(actor, "Patient", patient_id)).text)
            return resource, frozenset({str(resource["id"])})
        if patient_id != str(actor.citizen_id):
            await self.read(actor, "Patient", patient_id)  # refuses, and leaves the trace
        async with self._database.statement() as connection:
            patient = await self._own_patient(connection, actor.citizen_id)
            others = await repository.list_patients(connection, actor.citizen_id)
        patient.pop("link", None)
        return patient, frozenset({str(actor.citizen_id), *map(str, others)})

    async def _refuse(self, actor: Actor, owner: UUID | None, resource: str) -> None:
        if owner is not None and owner != actor.citizen_id:
            await record_refusal(self._database, _entry(actor, owner, (), "refused", resource, "not_found"))


async def _compartments(connection: Connection, actor: Actor) -> list[UUID] | None:
    """Return a citizen's compartments; `None` for a system, which is narrowed by its facility."""
    if actor.citizen_id is not None:
        return await repository.list_patients(connection, actor.citizen_id)
    if not actor.organisation:
        raise RoleMissing(reason="no_organisation")
    return None


def _visit_position(position: Sequence[Any]) -> tuple[datetime, UUID, bool] | None:
    """Return the visit at which a page begins, itself included."""
    if position[1] is None:
        return None
    try:
        return datetime.fromisoformat(str(position[1])), UUID(str(position[2])), True
    except ValueError as failure:
        raise MalformedCursor from failure


async def _trace(
    connection: Connection, actor: Actor, citizens: Sequence[UUID | None], section: str, resource: str
) -> None:
    """Leave a trace for each person whose data a system or a parent reads; one's own reading leaves none."""
    if actor.citizen_id is not None:
        citizens = [actor.citizen_id] if actor.act is not None and citizens else []
    for citizen_id in sorted({one for one in citizens if one is not None}):
        entry = _entry(actor, citizen_id, (section,), "allowed", resource, None)
        await connection.execute(INSERT_SQL, *row(entry))


def _entry(
    actor: Actor, citizen_id: UUID, sections: tuple[str, ...], outcome: Any, resource: str, reason: str | None
) -> AccessEntry:
    grounds = {"system": _GROUND, "citizen": PARENT}
    role = "parent" if actor.act is not None else "citizen"
    return AccessEntry(
        citizen_id=citizen_id,
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role=role if actor.kind == "citizen" else next(iter(sorted(actor.roles)), None),
        actor_organisation=actor.organisation,
        purpose=_PURPOSE if actor.kind == "system" else OWN_DATA,
        legal_ground=grounds[actor.kind] if outcome == "allowed" else "none",
        sections=sections,
        outcome=outcome,
        resource=resource,
        reason=reason,
    )
