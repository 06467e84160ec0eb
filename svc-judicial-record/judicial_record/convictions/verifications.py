"""Questions to courts and police about one person, each with its own clock, asked until they are answered.

A question is kept in the transaction of the officer's action and sent by a timer, so that an action never
waits for a peer. What is answered comes in like everything that the source sends; when the last answer of an
application is in, applications are called back in its transaction.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from casework.calendar import WorkCalendar
from casework.deadlines import TimeLimit, due
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import UpstreamUnavailable
from chassis.ids import new_id
from chassis.logging import get_logger
from judicial_record.convictions.coverage import coverage_of
from judicial_record.convictions.intake import ConvictionIntake
from judicial_record.convictions.models import VerificationRow
from judicial_record.convictions.peers import Question, Reply, SourcePeer
from judicial_record.convictions.repository import ConvictionRepository, read_entries
from judicial_record.convictions.sources import Source, sources
from judicial_record.convictions.vault import ConvictionVault
from judicial_record.convictions.verification_repository import VerificationRepository

ANSWER_WITHIN = TimeLimit(5, "working_day")
"""How long a source has; no text read names a limit, so this is a default of ours."""
BATCH = 20
_LEASE = timedelta(seconds=60)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)

AnswersAreIn = Callable[[AsyncSession, UUID], Awaitable[object]]
log = get_logger(__name__)


class PersonDescriber(Protocol):
    """Tells how a citizen is described to a source."""

    async def describe(self, citizen_id: UUID) -> dict[str, Any] | None:  # Any: JSON members
        """Return name, birth, sex and papers, or None for nobody. Raises: UpstreamUnavailable."""
        ...


class VerificationService:
    """Asks, and keeps what is answered."""

    def __init__(
        self,
        database: Database,
        vault: ConvictionVault,
        intake: ConvictionIntake,
        peer: SourcePeer,
        people: PersonDescriber,
        clocks: Clocks,
        *,
        bodies: Mapping[str, Source] | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._intake = intake
        self._peer = peer
        self._people = people
        self._clocks = clocks
        self._bodies = bodies or sources()
        self._calendar = WorkCalendar.vietnam()
        self.answers_are_in: AnswersAreIn | None = None
        """Called in the transaction of an application's last answer."""

    async def request(
        self,
        db: AsyncSession,
        application_id: UUID,
        citizen_id: UUID,
        *,
        reason: str,
        requested_by: str,
        since: date | None = None,
    ) -> Sequence[UUID]:
        """Keep a question to each source that is left open, in the caller's transaction; return their ids.

        Left open are the sources whose information is incomplete from `since` on (the person's fourteenth
        birthday); where all are complete, those that know of new offences. A source with an open question of
        this application is not asked twice.
        """
        repository = VerificationRepository(db)
        asked = {
            row.source
            for row in await repository.list_of_application(citizen_id, application_id)
            if row.state != "answered"
        }
        now = self._clocks.legal_now()
        deadline = due(ANSWER_WITHIN, start_at=now, calendar=self._calendar)
        made = []
        for source in await self._left_open(db, since):
            if source in asked:
                continue
            request_id = new_id()
            db.add(
                VerificationRow(
                    citizen_id=citizen_id,
                    request_id=request_id,
                    application_id=application_id,
                    source=source,
                    reason=self._vault.seal("verification_requests.reason", request_id, reason),
                    requested_by=requested_by,
                    state="queued",
                    asked_at=now,
                    deadline=deadline.document(),
                    due_at=deadline.due_at,
                    attempts=0,
                    next_attempt_at=self._clocks.real_now(),
                )
            )
            made.append(request_id)
        await db.flush()
        return made

    async def _left_open(self, db: AsyncSession, since: date | None) -> list[str]:
        told = {code: read_entries(row) for code, row in (await ConvictionRepository(db).coverage()).items()}
        today = self._clocks.legal_today()
        starts = [one.since for entries in told.values() for one in entries]
        coverage = coverage_of(
            self._bodies.values(), told, {}, since=since or max(starts, default=today), asked_on=today
        )
        open_ones = [one.source for one in coverage if not one.is_complete]
        knowing = [code for code, source in self._bodies.items() if "proceedings" in source.coverage]
        return sorted(set(open_ones or knowing))

    async def send_due(self) -> int:
        """Send or ask after every question whose turn has come; return how many were answered.

        Safe in several workers at once: each question is leased for a minute.
        """
        now = self._clocks.real_now()
        async with self._database.transaction() as db:
            rows = await VerificationRepository(db).take_due(now, now + _LEASE, BATCH)
        return sum([await self._try(row) for row in rows])

    async def _try(self, row: VerificationRow) -> bool:
        """Return whether a question was answered; one that fails waits, the others go on."""
        try:
            return await self._advance(row)
        except Exception:  # whatever it was: its turn comes again when its lease ends
            log.exception("verification.failed", request_id=str(row.request_id))
            return False

    async def _advance(self, row: VerificationRow) -> bool:
        reply = await self._reply_to(row)
        if reply.state == "answered":
            return await self._take(row, reply)
        return await self._postpone(
            row, {"pending": "waiting", "unknown": "unknown"}.get(reply.state, "queued")
        )

    async def _postpone(self, row: VerificationRow, state: str) -> bool:
        pause = min(_FIRST_PAUSE * int(2 ** min(row.attempts, 12)), _LONGEST_PAUSE)
        async with self._database.transaction() as db:
            await VerificationRepository(db).postpone(
                row.citizen_id, row.request_id, state, self._clocks.real_now() + pause
            )
        log.info("verification.not_answered", request_id=str(row.request_id), state=state)
        return False

    async def _reply_to(self, row: VerificationRow) -> Reply:
        """Return what the source says: asked after where it was sent before, else sent."""
        if row.state != "queued":
            reply = await self._peer.look(row.source, row.request_id)
            if reply.state != "absent":
                return reply
        try:
            person = await self._people.describe(row.citizen_id)
        except UpstreamUnavailable:
            return Reply("absent")
        if person is None:
            log.error("verification.nobody", request_id=str(row.request_id))
            return Reply("absent")
        return await self._peer.ask(row.source, Question(row.request_id, person, self._clocks.legal_today()))

    async def _take(self, row: VerificationRow, reply: Reply) -> bool:
        """Take what was found like all that the source sends, then keep the answer.

        Documents that cannot be read are no answer: they would close the source's gap with nothing.
        """
        if reply.items:
            verdicts = await self._intake.take(self._bodies[row.source], reply.items)
            if verdicts.rejected:
                log.error("verification.unreadable_documents", request_id=str(row.request_id))
                return await self._postpone(row, "unknown")
        async with self._database.transaction() as db:
            repository = VerificationRepository(db)
            left = await repository.lock_open(row.citizen_id, row.application_id)
            kept = await repository.lock(row.citizen_id, row.request_id)
            if kept is None or kept.state == "answered":
                return False
            kept.state, kept.verdict, kept.next_attempt_at = "answered", reply.verdict, None
            kept.answered_at = self._clocks.legal_now()
            kept.answer = self._vault.seal(
                "verification_requests.answer", row.request_id, {"items": list(reply.items)}
            )
            await db.flush()
            if left == 1 and self.answers_are_in is not None:
                await self.answers_are_in(db, row.application_id)
        log.info("verification.answered", request_id=str(row.request_id))
        return True
