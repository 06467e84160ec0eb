"""What the worker does without anybody: accept, look up, stop what waits in vain, mark what is late.

Every case is a unit of work of its own, taken with SKIP LOCKED: workers share the queue, one that dies leaves
the case as it was, and a case that fails is tried later without holding up the others.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.logging import get_logger
from judicial_record.applications.journal import SYSTEM
from judicial_record.applications.look_ups import LookUps
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.payments import ApplicationPayments
from judicial_record.applications.reference import transitions
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.service import Parts

BATCH = 50
RETRY_AFTER = timedelta(seconds=30)
_STOPS = {"awaiting_payment": "stop_unpaid", "awaiting_supplement": "stop_unanswered"}

log = get_logger(__name__)
Step = Callable[[AsyncSession, ApplicationRow], Awaitable[bool]]


class Automation:
    """The automatic steps; each method is one turn of a timer and returns how many cases it moved."""

    def __init__(self, parts: Parts, look_ups: LookUps, payments: ApplicationPayments) -> None:
        self._parts = parts
        self._look_ups = look_ups
        self._payments = payments

    async def advance(self) -> int:
        """Accept what was submitted and look up what was accepted, at most a batch of each."""
        moved = 0
        for _ in range(2):  # submitted, then accepted, in one turn
            async with self._parts.database.transaction() as db:
                due = await ApplicationRepository(db).list_automatic(self._parts.clocks.real_now(), BATCH)
            moved += await self._each(due, self._advance)
        return moved

    async def watch_clocks(self) -> int:
        """Stop what the applicant let lapse, and mark what the office let lapse, by the legal clock."""
        now, real_now = self._parts.clocks.legal_now(), self._parts.clocks.real_now()
        async with self._parts.database.transaction() as db:
            repository = ApplicationRepository(db)
            lapsed = await repository.list_waited_out(now, real_now, BATCH)
            overdue = await repository.list_overdue(now, real_now, BATCH)
        return await self._each(lapsed, self._stop) + await self._each(overdue, self._mark_overdue)

    async def _each(self, due: Sequence[tuple[UUID, UUID]], step: Step) -> int:
        moved = 0
        for citizen_id, application_id in due:
            try:
                async with self._parts.database.transaction() as db:
                    if step == self._stop:
                        await self._payments.cancel(db, application_id)
                    row = await ApplicationRepository(db).find(
                        citizen_id, application_id, for_update=True, skip_locked=True
                    )
                    is_done = row is not None and await step(db, row)
                    if not is_done:  # somebody else was quicker: undo also what came before the lock
                        await db.rollback()
                    moved += is_done
            except Exception:  # whatever it was: this case waits, the others go on
                log.exception("application.automatic_step_failed", application_id=str(application_id))
                await self._postpone(citizen_id, application_id)
        return moved

    async def _advance(self, db: AsyncSession, row: ApplicationRow) -> bool:
        if row.status == "submitted":
            now = self._parts.clocks.legal_now()
            row.accepted_at = now
            row.overdue_at = None
            self._parts.clock.start(row, "ordinary", now)
            action = "accept"
        elif row.status == "accepted":
            await self._look_ups.renew(db, row)
            action = "look_up"
        else:
            return False
        await self._parts.journal.change(db, row, transitions().find(row.status, action, SYSTEM.role), SYSTEM)
        return True

    async def _stop(self, db: AsyncSession, row: ApplicationRow) -> bool:
        action = _STOPS.get(row.status)
        now = self._parts.clocks.legal_now()
        if action is None or row.waits_until is None or row.waits_until >= now:
            return False
        transition = transitions().find(row.status, action, SYSTEM.role)
        row.reason = self._parts.vault.seal("reason", row.application_id, transition.facts["done_vi"])
        await self._parts.journal.change(db, row, transition, SYSTEM)
        return True

    async def _mark_overdue(self, db: AsyncSession, row: ApplicationRow) -> bool:
        is_late = row.due_at is not None and row.due_at < self._parts.clocks.legal_now()
        if not is_late or row.overdue_at is not None or row.finished_at is not None or row.status in _STOPS:
            return False
        await self._parts.journal.mark_overdue(db, row)
        return True

    async def _postpone(self, citizen_id: UUID, application_id: UUID) -> None:
        async with self._parts.database.transaction() as db:
            row = await ApplicationRepository(db).find(citizen_id, application_id, for_update=True)
            if row is not None:
                row.next_attempt_at = self._parts.clocks.real_now() + RETRY_AFTER
