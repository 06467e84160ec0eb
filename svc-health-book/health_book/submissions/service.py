"""The intake: a facility's file becomes visits, each whole or not at all.

A file is read and checked to its end before anything is stored, so that a file of another facility, or one
that is cut off, leaves nothing behind; `writer.py` then stores it.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import Language, NotFound
from chassis.logging import get_logger
from health_book.persons.service import PersonLinks
from health_book.submissions import repository
from health_book.submissions.arguments import arguments_of
from health_book.submissions.document import Visit
from health_book.submissions.plan import Plan, Verdict, plan_file
from health_book.submissions.receipt import in_language, make_receipt
from health_book.submissions.repository import Kept, Submission, VisitArguments
from health_book.submissions.signature import PublicKey
from health_book.submissions.writer import File, SubmissionWriter, nothing_accepted
from health_book.vault import Vault

_READ_IN_THREAD_FROM_BYTES = 128 << 10

log = get_logger(__name__)
Json = dict[str, Any]  # Any: JSON members


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
        self._writer = SubmissionWriter(database)
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
        sha256 = hashlib.sha256(body).digest()
        receipt = await self._writer.keep(
            File(
                facility_code=sender.facility_code,
                client_id=sender.client_id,
                language=sender.language,
                media_type=media_type,
                size_bytes=len(body),
                sha256=sha256,
                original=self._vault.seal_original(body, sha256),
                received_at=self._clocks.real_now(),
                plan=plan,
                visits=arguments,
            )
        )
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
        receipt = await foreseen_receipt(
            self._database,
            sender.facility_code,
            plan.visits,
            self._clocks.real_now(),
            plan.refused,
            plan.warnings,
        )
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
        async with self._database.statement() as connection:
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
            raise nothing_accepted(plan.refused, sender.language)
        return plan

    async def _arguments(self, plan: Plan) -> list[VisitArguments]:
        """Return what `record_visit` takes for each visit, with its person where identity names one."""
        questions = [visit.patient.question for visit in plan.visits.values()]
        answers = await self._people.find(questions)
        return [
            arguments_of(self._vault, position, visit, citizen_id, state)
            for (position, visit), (citizen_id, state) in zip(plan.visits.items(), answers, strict=True)
        ]


async def _run_here(function: Any, *arguments: Any, **options: Any) -> Any:  # Any: as asyncio.to_thread
    return function(*arguments, **options)


async def foreseen_receipt(
    database: Database,
    facility_code: str,
    visits: Mapping[int, Visit],
    received_at: datetime,
    refused: Sequence[Verdict] = (),
    warnings: Sequence[Verdict] = (),
) -> Json:
    """Return the receipt that visits, by position, would get, in both languages; reads only."""
    async with database.statement() as connection:
        claims = await repository.find_claims(
            connection, facility_code, [visit.facility_visit_code for visit in visits.values()]
        )
    kept = [
        _foreseen(position, visit, claims.get(visit.facility_visit_code))
        for position, visit in visits.items()
    ]
    return make_receipt(None, received_at, kept, refused, warnings)


def _foreseen(position: int, visit: Visit, claim: asyncpg.Record | None) -> Kept:
    """Return what would become of a visit, without asking identity for its person."""
    visit_id, version, outcome = None, 1, "recorded"
    if claim is not None:
        visit_id, version = claim["visit_id"], claim["version"]
        is_same = claim["digest"] == visit.digest or (claim["is_closed"] and not visit.is_closed)
        outcome = "unchanged" if is_same else "superseded"
    return Kept(position, visit.facility_visit_code, visit_id, version, outcome, None, claim is None)
