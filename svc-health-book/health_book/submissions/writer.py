"""Stores planned files: small ones that arrive together in one transaction, large ones in several.

A group that fails for what one of its files holds is done again file by file, and a file of several batches
visit by visit, so that none is lost with another (style.md, section 3: the named exception to one unit of
work per request).
"""

from collections.abc import Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from chassis import outbox
from chassis.db import Database
from chassis.errors import Language
from chassis.ids import new_id
from chassis.logging import get_logger
from contracts.events.health_book import VisitRecordedV1
from health_book.batching import Batcher
from health_book.submissions import repository
from health_book.submissions.errors import NoDossierAccepted
from health_book.submissions.findings import FORMAT, Finding, Severity
from health_book.submissions.plan import Plan, Verdict
from health_book.submissions.receipt import in_language, make_receipt, verdicts
from health_book.submissions.repository import Connection, Kept, VisitArguments

BATCH_SIZE = 50
GROUP_SIZE = 64
_REFUSALS = {"other_person": "/XML1/SO_CCCD", "not_storable": ""}
"""Outcomes by which a sound dossier is not taken after all, with the place that each names."""
FAULTS_OF_ONE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)

Json = dict[str, Any]  # Any: JSON members
log = get_logger(__name__)


@dataclass(slots=True)
class File:
    """A planned file on its way into the database; `context` carries the trace of its request."""

    facility_code: str
    client_id: str
    language: Language
    media_type: str
    size_bytes: int
    sha256: bytes
    original: bytes
    received_at: datetime
    plan: Plan
    visits: Sequence[VisitArguments]
    submission_id: UUID = field(default_factory=new_id)
    context: Context = field(default_factory=copy_context)


class SubmissionWriter:
    """The one way in which files become rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._group = Batcher(self._store_group, limit=GROUP_SIZE, flights=2)

    async def keep(self, file: File) -> Json:
        """Store a file and return its receipt in both languages.

        Raises: NoDossierAccepted when every visit belongs to another person; then nothing is kept.
        """
        if len(file.visits) <= BATCH_SIZE:
            return await self._group.submit(file)
        answer = await self._store_in_batches(file, BATCH_SIZE)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _store_group(self, files: list[File]) -> list[Json | Exception]:
        if len(files) > 1:
            try:
                return await self._store(files)
            except FAULTS_OF_ONE as failure:
                log.warning("submission.group_split", count=len(files), error_type=type(failure).__name__)
        return [await self._store_alone(file) for file in files]

    async def _store_alone(self, file: File) -> Json | Exception:
        try:
            try:
                return (await self._store([file]))[0]
            except FAULTS_OF_ONE:
                return await self._store_in_batches(file, 1)
        except Exception as failure:
            return failure

    async def _store(self, files: Sequence[File]) -> list[Json | Exception]:
        """Store whole files in one transaction; answer receipts and refusals in their order."""
        async with self._database.connection() as connection:
            await repository.claim_submissions(connection, files)
            kept = await self._record(connection, [(file, visit) for file in files for visit in file.visits])
            return await _finish(connection, [(file, kept[id(file)]) for file in files])

    async def _store_in_batches(self, file: File, size: int) -> Json | Exception:
        """Store a file in transactions of `size` visits, one by one where that fails, then its receipt."""
        batches = [file.visits[n : n + size] for n in range(0, len(file.visits), size)]
        kept: list[Kept] = []
        while batches:
            batch = batches.pop(0)
            try:
                async with self._database.connection() as connection:
                    await repository.claim_submissions(connection, [file])
                    recorded = await self._record(connection, [(file, visit) for visit in batch])
            except FAULTS_OF_ONE as failure:
                log.exception("submission.batch_failed", count=len(batch), error_type=type(failure).__name__)
                if len(batch) > 1:
                    batches[:0] = [[one] for one in batch]
                else:
                    kept.append(_not_storable(batch[0]))
            else:
                kept += recorded[id(file)]
        async with self._database.connection() as connection:
            await repository.claim_submissions(connection, [file])
            return (await _finish(connection, [(file, kept)]))[0]

    async def _record(
        self, connection: Connection, visits: Sequence[tuple[File, VisitArguments]]
    ) -> dict[int, list[Kept]]:
        """Take visits and announce what is new in the citizens' books; answer by `id()` of the file.

        Not by the submission's id: the same file may be sent twice at once and be in one group.
        """
        kept: dict[int, list[Kept]] = {id(file): [] for file, _ in visits}
        rows = []
        for file, one in await repository.record_visits(connection, visits):
            kept[id(file)].append(one)
            event = event_of(file.facility_code, file.received_at, one)
            if event is not None:
                rows.append(file.context.copy().run(outbox.row, event))
        if rows:
            await connection.executemany(outbox.INSERT_SQL, rows)
        return kept


def event_of(facility_code: str, received_at: datetime, kept: Kept) -> VisitRecordedV1 | None:
    """Return what a kept visit announces; nothing while it is unchanged or waits for its person."""
    if kept.outcome not in ("recorded", "superseded") or kept.visit_id is None or kept.citizen_id is None:
        return None
    return VisitRecordedV1(
        visit_id=kept.visit_id,
        citizen_id=kept.citizen_id,
        facility_code=facility_code,
        version=kept.version,
        outcome="recorded" if kept.is_first else "superseded",
        recorded_at=received_at,
        detail_url=f"/v1/me/health-book/visits/{kept.visit_id}",
    )


async def _finish(
    connection: Connection, files: Sequence[tuple[File, Sequence[Kept]]]
) -> list[Json | Exception]:
    """Keep and return the receipts; a file whose visits all belong to other people is dropped and refused."""
    answers: list[Json | Exception] = []
    receipts = []
    for file, kept in files:
        answer = _receipt(file, kept)
        answers.append(answer)
        if isinstance(answer, Exception):
            await repository.drop_submission(connection, file.facility_code, file.submission_id)
        else:
            receipts.append((file.facility_code, file.submission_id, orjson.dumps(answer).decode()))
    if receipts:
        await repository.keep_receipts(connection, receipts)
    return answers


def _receipt(file: File, kept: Sequence[Kept]) -> Json | NoDossierAccepted:
    refused = [*file.plan.refused, *(_refusal(one) for one in kept if one.outcome in _REFUSALS)]
    refused.sort(key=lambda verdict: verdict.position)
    taken = sorted((one for one in kept if one.outcome not in _REFUSALS), key=lambda one: one.position)
    if not taken:
        return nothing_accepted(refused, file.language)
    positions = {one.position for one in taken}
    warnings = [warning for warning in file.plan.warnings if warning.position in positions]
    return make_receipt(file.submission_id, file.received_at, taken, refused, warnings)


def nothing_accepted(refused: Sequence[Verdict], language: Language) -> NoDossierAccepted:
    """Return the refusal of a whole file in the sender's language."""
    told = in_language({"rejected": verdicts(refused), "warnings": []}, language)
    return NoDossierAccepted(told["rejected"])


def _refusal(kept: Kept) -> Verdict:
    pointer = f"/HOSO/{kept.position - 1}{_REFUSALS[kept.outcome]}"
    return Verdict(kept.position, Finding(pointer, kept.outcome, Severity.refuse, FORMAT))


def _not_storable(visit: VisitArguments) -> Kept:
    return Kept(visit.position, visit.visit_code, None, 0, "not_storable", None, False)
