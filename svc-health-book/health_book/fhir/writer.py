"""Stores a read Bundle whole or not at all: visits, keys, patients, resources, receipt and events.

Locks are taken in one order by all: the file, its visits, its keys. So two senders of the same thing wait for
each other and never in a circle, and what was sent twice is there once.
"""

from collections.abc import Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson

from chassis import outbox
from chassis.db import Database
from chassis.ids import new_id
from health_book.fhir import repository as resources
from health_book.fhir.bundles import Bundle, Entry
from health_book.fhir.issues import PatientChanged
from health_book.fhir.json_text import Json, dump
from health_book.fhir.persons import patient_of
from health_book.fhir.plan import PlannedVisit
from health_book.fhir.references import rewritten
from health_book.fhir.search import happened_at, tokens_of
from health_book.submissions import repository as submissions
from health_book.submissions.arguments import arguments_of
from health_book.submissions.receipt import make_receipt
from health_book.submissions.repository import Connection, Kept
from health_book.submissions.writer import event_of
from health_book.vault import Vault

_FACILITIES = UUID("6d1f3a52-5c0e-4f6e-9b8e-2c7d0d0f5a11")
Person = tuple[UUID | None, str]
"""What identity answered: the citizen, or none with the state in which the patient waits."""


@dataclass(slots=True)
class BundleFile:
    """A Bundle on its way into the database; `context` carries the trace of its request."""

    facility_code: str
    client_id: str
    media_type: str
    size_bytes: int
    sha256: bytes
    original: bytes
    received_at: datetime
    bundle: Bundle
    visits: Sequence[PlannedVisit]
    people: Mapping[int, Person]
    """What identity says of the Patients of the Bundle, by position."""
    outer_people: Mapping[str, Person]
    """The same of Patients that are there already, by the reference that names them."""
    links: Mapping[str, str]
    """References that lead out of the Bundle to what is there already, with what they become."""
    submission_id: UUID = field(default_factory=new_id)
    context: Context = field(default_factory=copy_context)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one entry. Outcomes: created, updated, unchanged."""

    kind: str
    resource_id: UUID
    version: int
    outcome: str


@dataclass(slots=True)
class _Row:
    entry: Entry
    resource_id: UUID
    compartment_id: UUID
    visit_id: UUID | None
    version: int = 1
    outcome: str = "created"


def compartment_of_facility(facility_code: str) -> UUID:
    """Return where a facility's own resources lie, those of no patient."""
    return uuid5(_FACILITIES, facility_code)


class BundleWriter:
    """The one way in which a Bundle becomes rows."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def keep(self, file: BundleFile) -> tuple[Json, list[Taken]]:
        """Store a Bundle; return its receipt in both languages and what became of each entry, in order.

        Idempotent by the keys of resources and visits. Raises: PatientChanged; then nothing is stored.
        """
        async with self._database.connection() as connection:
            await submissions.claim_submissions(connection, [file])
            kept = await self._record_visits(connection, file)
            rows = await self._identify(connection, file, kept)
            await self._keep_patients(connection, file, rows)
            await self._store(connection, file, rows)
            await _retire_replaced(connection, kept, rows)
            receipt = make_receipt(file.submission_id, file.received_at, kept, [], [])
            text = orjson.dumps(receipt).decode()
            await submissions.keep_receipts(connection, [(file.facility_code, file.submission_id, text)])
            events = [
                file.context.copy().run(outbox.row, event)
                for one in kept
                if (event := event_of(file.facility_code, file.received_at, one)) is not None
            ]
            if events:
                await connection.executemany(outbox.INSERT_SQL, events)
        return receipt, [Taken(row.entry.kind, row.resource_id, row.version, row.outcome) for row in rows]

    async def _record_visits(self, connection: Connection, file: BundleFile) -> list[Kept]:
        arguments = []
        for planned in file.visits:
            person = (
                file.people[planned.patient]
                if planned.patient is not None
                else file.outer_people[planned.outer_patient or ""]
            )
            arguments.append((file, arguments_of(self._vault, planned.number, planned.visit, *person)))
        kept = [one for _, one in await submissions.record_visits(connection, arguments)]
        if any(one.outcome == "other_person" for one in kept):
            raise PatientChanged
        return sorted(kept, key=lambda one: one.position)

    async def _identify(self, connection: Connection, file: BundleFile, kept: Sequence[Kept]) -> list[_Row]:
        """Give each entry its id: that of its visit, that of its keys, or a new one."""
        visit_of: dict[int, UUID] = {}
        ids = {
            entry.position: UUID(target.partition("/")[2])
            for entry in file.bundle.entries.values()
            if (target := file.links.get(f"{entry.kind}/{entry.own_id}"))
        }
        for planned, one in zip(file.visits, kept, strict=True):
            assert one.visit_id is not None  # noqa: S101  (every visit that is kept has an id)
            visit_of.update(dict.fromkeys(planned.entries, one.visit_id))
            if planned.encounter is not None:
                ids[planned.encounter] = one.visit_id
        ids = await self._claim(connection, file, ids)
        home = compartment_of_facility(file.facility_code)
        rows = []
        for entry in file.bundle.entries.values():
            compartment = home
            if entry.patient is not None:
                compartment = ids[entry.patient]
            elif entry.outer_patient is not None:
                compartment = _linked(file.links, entry.outer_patient, "Patient") or home
            visit_id = visit_of.get(entry.position)
            if visit_id is None and entry.outer_visit is not None:
                visit_id = _linked(file.links, entry.outer_visit, "Encounter")
            rows.append(_Row(entry, ids[entry.position], compartment, visit_id))
        return rows

    async def _claim(
        self, connection: Connection, file: BundleFile, settled: dict[int, UUID]
    ) -> dict[int, UUID]:
        """Return the id of each entry by its keys; those of visits are `settled` already."""
        proposed = {n: settled.get(n) or new_id() for n in file.bundle.entries}
        asked = sorted(
            (entry.kind, self._vault.index_identifier(key), place, entry.position)
            for entry in file.bundle.entries.values()
            for place, key in enumerate(entry.keys)
        )
        held = await resources.claim(
            connection, [(file.facility_code, kind, key, proposed[n]) for kind, key, _, n in asked]
        )
        best: dict[int, tuple[int, UUID]] = {}
        for (_, _, place, position), found in zip(asked, held, strict=True):
            if found != proposed[position] and place < best.get(position, (1 << 30, found))[0]:
                best[position] = (place, found)
        ids = _distinct(proposed, {n: found for n, (_, found) in best.items() if n not in settled})
        moved = [
            (file.facility_code, kind, key, ids[n])
            for (kind, key, _, n), found in zip(asked, held, strict=True)
            if found != ids[n]
        ]
        if moved:
            await resources.settle_claims(connection, moved)
        return ids

    async def _keep_patients(self, connection: Connection, file: BundleFile, rows: Sequence[_Row]) -> None:
        for row in sorted(rows, key=lambda one: one.resource_id):
            if row.entry.kind != "Patient":
                continue
            citizen_id, state = file.people[row.entry.position]
            question = patient_of(row.entry.resource).question
            owner = await connection.fetchval(
                resources.PATIENT,
                row.resource_id,
                file.facility_code,
                citizen_id,
                self._vault.seal_question(question),
                self._vault.index_of(question),
                state,
                file.received_at,
            )
            if citizen_id is not None and owner != citizen_id:
                raise PatientChanged

    async def _store(self, connection: Connection, file: BundleFile, rows: Sequence[_Row]) -> None:
        current = await resources.find_current(connection, [row.resource_id for row in rows])
        gone = [row.resource_id for row in rows if row.resource_id not in current]
        earlier = await resources.find_last_versions(connection, gone) if gone else {}
        changed: list[_Row] = []
        for row in rows:
            before = current.get(row.resource_id)
            if before is None:
                row.version = earlier.get(row.resource_id, 0) + 1
                changed.append(row)
                continue
            row.version = before["version"]
            is_same = before["digest"] == row.entry.digest and before["compartment_id"] == row.compartment_id
            if is_same and before["visit_id"] == row.visit_id:
                row.outcome = "unchanged"
            else:
                row.version, row.outcome = before["version"] + 1, "updated"
                changed.append(row)
        replaced = [current[row.resource_id] for row in changed if row.resource_id in current]
        await resources.retire(
            connection,
            [(old["compartment_id"], old["resource_type"], old["resource_id"]) for old in replaced],
        )
        if changed:
            await connection.executemany(resources.ADDRESS, [_address(file, row) for row in changed])
            targets = {row.entry.position: f"{row.entry.kind}/{row.resource_id}" for row in rows}
            values = [self._values(file, row, targets) for row in changed]
            await connection.executemany(resources.INSERT, values)

    def _values(self, file: BundleFile, row: _Row, targets: Mapping[int, str]) -> tuple[Any, ...]:
        resource = row.entry.resource
        text = dump(_as_kept(file, row, targets))
        return (
            row.compartment_id,
            row.entry.kind,
            row.resource_id,
            row.version,
            file.facility_code,
            row.visit_id,
            happened_at(resource),
            tokens_of(resource, self._vault.index_identifier),
            row.entry.digest,
            self._vault.seal_resource(text, file.facility_code, row.resource_id),
            file.submission_id,
            file.received_at,
        )


def _distinct(proposed: Mapping[int, UUID], known: Mapping[int, UUID]) -> dict[int, UUID]:
    """Return the known id of each entry, or its proposed one; two entries of one file never share an id."""
    ids, taken = dict(proposed), set(proposed.values())
    for position, found in sorted(known.items()):
        if found not in taken:
            ids[position] = found
            taken.add(found)
    return ids


def _as_kept(file: BundleFile, row: _Row, targets: Mapping[int, str]) -> Json:
    """Return a resource as it goes out: as it came, but for id, meta and references to our ids."""

    def ours(reference: str) -> str | None:
        position = file.bundle.addresses.position(reference)
        return targets[position] if position is not None else file.links.get(reference)

    meta = row.entry.resource.get("meta")
    told = {"versionId": str(row.version), "lastUpdated": _instant(file.received_at)}
    kept = {"resourceType": row.entry.kind, "id": str(row.resource_id), "meta": {**(meta or {}), **told}}
    for name, value in row.entry.resource.items():
        if name not in kept:
            kept[name] = rewritten({name: value}, ours)[name]
    return kept


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _address(file: BundleFile, row: _Row) -> tuple[UUID, str, str, UUID]:
    return (row.resource_id, row.entry.kind, file.facility_code, row.compartment_id)


def _linked(links: Mapping[str, str], reference: str, kind: str) -> UUID | None:
    """Return the id that an outer reference leads to, if it is there."""
    found = links.get(reference) or links.get(f"{kind}/{reference}")
    return UUID(found.partition("/")[2]) if found else None


async def _retire_replaced(connection: Connection, kept: Sequence[Kept], rows: Sequence[_Row]) -> None:
    """Move to the history what an earlier version of a corrected visit had and this one has not."""
    corrected = [one.visit_id for one in kept if one.version > 1 and one.outcome != "unchanged"]
    if not corrected:
        return
    staying = {row.resource_id for row in rows}
    found = await resources.list_of_visits(connection, [one for one in corrected if one])
    await resources.retire(
        connection,
        [
            (one["compartment_id"], one["resource_type"], one["resource_id"])
            for one in found
            if one["resource_id"] not in staying
        ],
    )
