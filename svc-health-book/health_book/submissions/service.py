"""The intake: a facility's file becomes visits, each whole or not at all.

A file is read and checked to its end before anything is stored, so that a file of another facility, or one
that is cut off, leaves nothing behind. Then its visits go in batches of one transaction each; where a batch
fails, its visits go one by one, so that none is lost with another (style.md, section 3).
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import Language, NotFound
from chassis.ids import new_id
from chassis.logging import get_logger
from contracts.events.health_book import VisitRecordedV1
from health_book.persons.service import PersonLinks
from health_book.submissions import repository
from health_book.submissions.document import Visit
from health_book.submissions.errors import NoDossierAccepted
from health_book.submissions.findings import FORMAT, Finding, Severity
from health_book.submissions.plan import Plan, Verdict, plan_file
from health_book.submissions.receipt import in_language, make_receipt, verdicts
from health_book.submissions.repository import Connection, Kept, Submission
from health_book.submissions.signature import PublicKey
from health_book.vault import Vault

BATCH_SIZE = 50
_READ_IN_THREAD_FROM_BYTES = 128 << 10

log = get_logger(__name__)
Json = dict[str, Any]  # Any: JSON members
Arguments = tuple[int, str, tuple[Any, ...]]  # Any: values of a query


@dataclass(frozen=True, slots=True)
class Sender:
    """The facility's system that sends, and the language of its receipt."""

    facility_code: str
    client_id: str
    language: Language


class SubmissionService:
    """Use cases of a facility: submit a file, try it out, read a receipt or the file again."""

    def __init__(
        self,
        database: Database,
        people: PersonLinks,
        vault: Vault,
        clocks: Clocks,
        *,
        facility_keys: Mapping[str, Sequence[PublicKey]],
        is_summary_paper_expected: bool,
    ) -> None:
        self._database = database
        self._people = people
        self._vault = vault
        self._clocks = clocks
        self._facility_keys = facility_keys
        self._is_summary_paper_expected = is_summary_paper_expected

    async def submit(self, sender: Sender, body: bytes, media_type: str) -> Json:
        """Take a file and return its receipt; idempotent by content and by visit.

        Raises: MalformedBody, OtherFacility, NoDossierAccepted; then nothing is stored.
        """
        plan = await self._plan(sender, body)
        arguments = await self._arguments(plan)
        file = _File(sender, body, media_type, hashlib.sha256(body).digest())
        receipt = await self._keep(file, plan, arguments)
        log.info(
            "submission.kept",
            submission_id=receipt["id"],
            accepted=receipt["accepted"],
            unchanged=receipt["unchanged"],
            unlinked=receipt["unlinked"],
            rejected=len(receipt["rejected"]),
        )
        return in_language(receipt, sender.language)

    async def try_out(self, sender: Sender, body: bytes) -> Json:
        """Return the receipt that the file would get, and store nothing. Raises: as `submit`."""
        plan = await self._plan(sender, body)
        async with self._database.connection() as connection:
            claims = await repository.find_claims(
                connection,
                sender.facility_code,
                [visit.facility_visit_code for visit in plan.visits.values()],
            )
        kept = [
            _foreseen(position, visit, claims.get(visit.facility_visit_code))
            for position, visit in plan.visits.items()
        ]
        receipt = make_receipt(None, self._clocks.real_now(), kept, plan.refused, plan.warnings)
        return in_language(receipt, sender.language)

    async def get_receipt(self, sender: Sender, submission_id: UUID) -> Json:
        """Return the receipt of an earlier submission. Raises: NotFound, also for another facility's."""
        submission = await self._get(sender, submission_id)
        if submission.receipt is None:
            return {
                "id": str(submission_id),
                "state": "working",
                "received_at": submission.received_at.isoformat(),
            }
        return in_language(submission.receipt, sender.language)

    async def get_original(self, sender: Sender, submission_id: UUID) -> tuple[bytes, str]:
        """Return a file byte for byte as it was sent, and its media type. Raises: NotFound."""
        submission = await self._get(sender, submission_id)
        return self._vault.open_original(submission.original, submission.sha256), submission.media_type

    async def _get(self, sender: Sender, submission_id: UUID) -> Submission:
        async with self._database.connection() as connection:
            submission = await repository.find_submission(connection, sender.facility_code, submission_id)
        if submission is None:
            raise NotFound
        return submission

    async def _plan(self, sender: Sender, body: bytes) -> Plan:
        """Read and check a file; a large one beside the event loop, so that others are served meanwhile."""
        run = asyncio.to_thread if len(body) >= _READ_IN_THREAD_FROM_BYTES else _run_here
        plan: Plan = await run(
            plan_file,
            body,
            sender.facility_code,
            keys=self._facility_keys.get(sender.facility_code, ()),
            is_summary_paper_expected=self._is_summary_paper_expected,
        )
        if not plan.visits:
            raise _nothing_accepted(plan.refused, sender.language)
        return plan

    async def _arguments(self, plan: Plan) -> list[Arguments]:
        """Return what `record_visit` takes for each visit, without submission id and time of arrival."""
        questions = [visit.patient.question for visit in plan.visits.values()]
        answers = await self._people.find(questions)
        return [
            (position, visit.facility_visit_code, self._values(visit, citizen_id, state, question))
            for (position, visit), (citizen_id, state), question in zip(
                plan.visits.items(), answers, questions, strict=True
            )
        ]

    def _values(self, visit: Visit, citizen_id: UUID | None, state: str, question: Json) -> tuple[Any, ...]:
        place = (visit.facility_code, visit.facility_visit_code)
        is_linked = citizen_id is not None
        return (
            citizen_id,
            new_id(),
            *place,
            visit.is_closed,
            visit.started_at,
            visit.ended_at,
            visit.condition_code,
            visit.condition_text,
            visit.overview.decode(),
            visit.document.decode(),
            self._vault.seal_patient(visit.patient.administrative, *place),
            self._vault.seal_sections(visit.sealed, *place),
            visit.digest,
            None if is_linked else self._vault.seal_question(question),
            None if is_linked else self._vault.index_of(question),
            state,
        )

    async def _keep(self, file: "_File", plan: Plan, visits: Sequence[Arguments]) -> Json:
        """Store the file's visits in batches, then its receipt with the last one."""
        received_at = self._clocks.real_now()
        submission_id = new_id()
        original = self._vault.seal_original(file.body, file.sha256)
        kept: list[Kept] = []
        batches = [visits[n : n + BATCH_SIZE] for n in range(0, len(visits), BATCH_SIZE)]
        while batches:
            batch = batches.pop(0)
            try:
                async with self._database.connection() as connection:
                    submission_id = await repository.claim_submission(
                        connection,
                        facility_code=file.sender.facility_code,
                        submission_id=submission_id,
                        sha256=file.sha256,
                        received_at=received_at,
                        client_id=file.sender.client_id,
                        size_bytes=len(file.body),
                        media_type=file.media_type,
                        original=original,
                    )
                    done = kept + await self._record(connection, submission_id, received_at, batch)
                    if not batches:
                        receipt = await self._finish(connection, file, plan, submission_id, received_at, done)
            except (
                asyncpg.DataError,
                asyncpg.IntegrityConstraintViolationError,
                asyncpg.DeadlockDetectedError,
            ):
                if len(batch) == 1:
                    raise
                log.warning("submission.batch_split", count=len(batch))
                batches[:0] = [[one] for one in batch]
            except NoDossierAccepted:
                if kept:  # earlier batches have left the file's row behind
                    async with self._database.connection() as connection:
                        await repository.drop_submission(connection, file.sender.facility_code, submission_id)
                raise
            else:
                kept = done
        return receipt

    async def _record(
        self, connection: Connection, submission_id: UUID, received_at: Any, batch: Sequence[Arguments]
    ) -> list[Kept]:
        """Take a batch and announce what is new in the citizens' books."""
        rows = [
            (position, code, (*values[:14], submission_id, received_at, *values[14:]))
            for position, code, values in batch
        ]
        kept = await repository.record_visits(connection, rows)
        facilities = {position: values[2] for position, _, values in batch}
        events = [
            VisitRecordedV1(
                visit_id=one.visit_id,
                citizen_id=one.citizen_id,
                facility_code=facilities[one.position],
                version=one.version,
                outcome="recorded" if one.is_first else "superseded",
                recorded_at=received_at,
                detail_url=f"/v1/me/health-book/visits/{one.visit_id}",
            )
            for one in kept
            if one.outcome in ("recorded", "superseded") and one.visit_id and one.citizen_id
        ]
        if events:
            await connection.executemany(outbox.INSERT_SQL, [outbox.row(event) for event in events])
        return kept

    async def _finish(
        self,
        connection: Connection,
        file: "_File",
        plan: Plan,
        submission_id: UUID,
        received_at: Any,
        kept: Sequence[Kept],
    ) -> Json:
        """Keep and return the receipt. Raises: NoDossierAccepted when all belong to other people."""
        refused = plan.refused + [
            Verdict(one.position, _other_person(one.position))
            for one in kept
            if one.outcome == "other_person"
        ]
        taken = sorted((one for one in kept if one.outcome != "other_person"), key=lambda one: one.position)
        if not taken:
            raise _nothing_accepted(refused, file.sender.language)
        refused.sort(key=lambda verdict: verdict.position)
        warnings = [w for w in plan.warnings if any(one.position == w.position for one in taken)]
        receipt = make_receipt(submission_id, received_at, taken, refused, warnings)
        await repository.keep_receipt(connection, file.sender.facility_code, submission_id, receipt)
        return receipt


@dataclass(frozen=True, slots=True)
class _File:
    sender: Sender
    body: bytes
    media_type: str
    sha256: bytes


async def _run_here(function: Any, *arguments: Any, **options: Any) -> Any:  # Any: as asyncio.to_thread
    return function(*arguments, **options)


def _nothing_accepted(refused: Sequence[Verdict], language: Language) -> NoDossierAccepted:
    return NoDossierAccepted([{**item, "message": item["message"][language]} for item in verdicts(refused)])


def _other_person(position: int) -> Finding:
    return Finding(f"/HOSO/{position - 1}/XML1/SO_CCCD", "other_person", Severity.refuse, FORMAT)


def _foreseen(position: int, visit: Visit, claim: asyncpg.Record | None) -> Kept:
    """Return what would become of a visit, without asking identity for its person."""
    visit_id, version, outcome = None, 1, "recorded"
    if claim is not None:
        visit_id, version = claim["visit_id"], claim["version"]
        is_same = claim["digest"] == visit.digest or (claim["is_closed"] and not visit.is_closed)
        outcome = "unchanged" if is_same else "superseded"
    return Kept(position, visit.facility_visit_code, visit_id, version, outcome, None, claim is None)
