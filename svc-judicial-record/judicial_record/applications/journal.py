"""The one place where an application changes status: row, step, version and event, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from casework.transitions import Transition
from chassis import outbox
from chassis.clock import Clocks
from contracts.events.judicial_record import ApplicationChangedV1, ApplicationStatus
from judicial_record.applications.models import ApplicationRow, StepRow
from judicial_record.applications.reference import path_of
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.rules import OPEN_STATUSES, national_path
from judicial_record.applications.vault import ApplicationVault

OVERDUE = "overdue"
"""A step that is no transition: the day has passed."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who does a step: the role it is done in, and the subject of the token (`system` for the worker)."""

    role: str
    subject: str


APPLICANT = "applicant"
SYSTEM = Author("system", "system")


def applicant(citizen_id: UUID) -> Author:
    """Return the applicant as an author."""
    return Author(APPLICANT, str(citizen_id))


class Journal:
    """Writes changes. The caller holds the lock of the application's row."""

    def __init__(self, vault: ApplicationVault, clocks: Clocks) -> None:
        self._vault = vault
        self._clocks = clocks

    async def change(
        self,
        db: AsyncSession,
        row: ApplicationRow,
        transition: Transition,
        author: Author,
        *,
        note: object = None,
    ) -> None:
        """Take a step that the table allows. `note` is kept encrypted with the step and shown with it."""
        now = self._clocks.legal_now()
        path = national_path(path_of(transition), transition.action, row.delivery)
        row.status = transition.to_status
        row.national_status = path[-1]
        row.version = (row.version or 0) + 1
        row.next_attempt_at = None
        if row.status not in OPEN_STATUSES:
            row.finished_at = now
            row.waits_until = None
            row.claimed_by = row.claimed_at = None
            await ApplicationRepository(db).close_key(row.application_id)
        is_shown = transition.facts["shown"] == "yes"
        await self._add_step(db, row, transition.action, [*path], author, note, is_shown, now)
        if transition.facts["announced"] == "yes":
            await outbox.add(db, _changed(row, now))

    async def mark_overdue(self, db: AsyncSession, row: ApplicationRow) -> None:
        """Note that the day has passed. It is a step of the history, but no change of status."""
        now = self._clocks.legal_now()
        row.overdue_at = now
        row.version += 1
        await self._add_step(db, row, OVERDUE, [row.national_status], SYSTEM, None, True, now)

    async def _add_step(
        self,
        db: AsyncSession,
        row: ApplicationRow,
        action: str,
        path: list[int],
        author: Author,
        note: object,
        is_shown: bool,
        now: datetime,
    ) -> None:
        repository = ApplicationRepository(db)
        step = StepRow(
            citizen_id=row.citizen_id,
            application_id=row.application_id,
            sequence=await repository.next_sequence(row.citizen_id, row.application_id),
            action=action,
            status=row.status,
            national_path=[int(number) for number in path],
            role=author.role,
            actor=author.subject,
            office=row.office,
            is_public=is_shown,
            note=None if note is None else self._vault.seal("note", row.application_id, note),
            due_at=row.due_at,
            at=now,
        )
        repository.add(step)
        await db.flush()


def _changed(row: ApplicationRow, now: datetime) -> ApplicationChangedV1:
    return ApplicationChangedV1(
        application_id=row.application_id,
        citizen_id=row.citizen_id,
        code=row.code,
        status=cast("ApplicationStatus", row.status),
        national_status=row.national_status,
        version=row.version,
        changed_at=now,
        detail_url=f"/v1/me/judicial-record-applications/{row.application_id}",
    )
