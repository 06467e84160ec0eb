"""Queries of applications, in the caller's session. Those by citizen touch one partition."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from judicial_record.applications.models import ApplicationKeyRow, ApplicationRow, StepRow, SupplementRow
from judicial_record.applications.rules import OPEN_STATUSES

_IDLE = ("awaiting_payment", "awaiting_supplement")
_AUTOMATIC = ("submitted", "accepted")


def _is_due(real_now: datetime) -> ColumnElement[bool]:
    """Return the condition that a case which failed before may be tried again."""
    return or_(ApplicationRow.next_attempt_at.is_(None), ApplicationRow.next_attempt_at <= real_now)


class ApplicationRepository:
    """Applications, their keys, steps and supplement rounds."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def claim_key(self, key: ApplicationKeyRow) -> bool:
        """Return whether the key was taken; not while the person has an open application of that form."""
        statement = (
            insert(ApplicationKeyRow)
            .values(
                application_id=key.application_id,
                citizen_id=key.citizen_id,
                form=key.form,
                code=key.code,
                office=key.office,
                is_open=key.is_open,
            )
            .on_conflict_do_nothing(
                index_elements=["citizen_id", "form"], index_where=ApplicationKeyRow.__table__.c.is_open
            )
            .returning(ApplicationKeyRow.application_id)
        )
        return (await self._db.execute(statement)).first() is not None

    async def find_open(self, citizen_id: UUID, form: int) -> UUID | None:
        """Return the id of a person's open application of a form."""
        statement = select(ApplicationKeyRow.application_id).where(
            ApplicationKeyRow.citizen_id == citizen_id,
            ApplicationKeyRow.form == form,
            ApplicationKeyRow.is_open,
        )
        return (await self._db.scalars(statement)).first()

    async def close_key(self, application_id: UUID) -> None:
        """Let the person apply again: the application has ended."""
        await self._db.execute(
            update(ApplicationKeyRow)
            .where(ApplicationKeyRow.application_id == application_id)
            .values(is_open=False)
        )

    async def find_key(self, application_id: UUID) -> ApplicationKeyRow | None:
        """Return whose an application is and which office works on it."""
        return await self._db.get(ApplicationKeyRow, application_id)

    async def find(
        self, citizen_id: UUID, application_id: UUID, *, for_update: bool = False, skip_locked: bool = False
    ) -> ApplicationRow | None:
        """Return a person's application, on request locked until the transaction ends."""
        statement = select(ApplicationRow).where(
            ApplicationRow.citizen_id == citizen_id, ApplicationRow.application_id == application_id
        )
        if for_update:
            statement = statement.with_for_update(skip_locked=skip_locked).execution_options(
                populate_existing=True
            )
        return (await self._db.scalars(statement)).first()

    async def list_own(self, citizen_id: UUID, after: UUID | None, limit: int) -> Sequence[ApplicationRow]:
        """Return a person's applications, newest first."""
        statement = select(ApplicationRow).where(ApplicationRow.citizen_id == citizen_id)
        if after is not None:
            statement = statement.where(ApplicationRow.application_id < after)
        statement = statement.order_by(ApplicationRow.application_id.desc()).limit(limit)
        return (await self._db.scalars(statement)).all()

    async def list_of_office(
        self, office: str, statuses: Sequence[str], overdue: bool | None, after: UUID | None, limit: int
    ) -> Sequence[ApplicationRow]:
        """Return an office's applications, oldest first, those of all open statuses where none is named."""
        statement = select(ApplicationRow).where(
            ApplicationRow.office == office, ApplicationRow.status.in_(statuses or sorted(OPEN_STATUSES))
        )
        if overdue is not None:
            is_overdue = ApplicationRow.overdue_at.is_not(None)
            statement = statement.where(is_overdue if overdue else ~is_overdue)
        if after is not None:
            statement = statement.where(ApplicationRow.application_id > after)
        statement = statement.order_by(ApplicationRow.application_id).limit(limit)
        return (await self._db.scalars(statement)).all()

    async def list_steps(self, citizen_id: UUID, application_id: UUID) -> Sequence[StepRow]:
        """Return the steps of an application in order."""
        statement = (
            select(StepRow)
            .where(StepRow.citizen_id == citizen_id, StepRow.application_id == application_id)
            .order_by(StepRow.sequence)
        )
        return (await self._db.scalars(statement)).all()

    async def next_sequence(self, citizen_id: UUID, application_id: UUID) -> int:
        """Return the position of the next step; the caller holds the application's lock."""
        statement = select(func.coalesce(func.max(StepRow.sequence), 0) + 1).where(
            StepRow.citizen_id == citizen_id, StepRow.application_id == application_id
        )
        return int((await self._db.scalars(statement)).one())

    async def count_steps(self, row: ApplicationRow, actions: Sequence[str]) -> int:
        """Return how often any of some actions was done on an application."""
        statement = select(func.count()).where(
            StepRow.citizen_id == row.citizen_id,
            StepRow.application_id == row.application_id,
            StepRow.action.in_(actions),
        )
        return int((await self._db.scalars(statement)).one())

    async def list_supplements(self, citizen_id: UUID, application_id: UUID) -> Sequence[SupplementRow]:
        """Return the supplement rounds of an application in order."""
        statement = (
            select(SupplementRow)
            .where(SupplementRow.citizen_id == citizen_id, SupplementRow.application_id == application_id)
            .order_by(SupplementRow.round)
        )
        return (await self._db.scalars(statement)).all()

    async def list_automatic(self, real_now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """Return (citizen, application) of what the worker has to move on, oldest first."""
        statement = (
            select(ApplicationRow.citizen_id, ApplicationRow.application_id)
            .where(ApplicationRow.status.in_(_AUTOMATIC), _is_due(real_now))
            .order_by(ApplicationRow.application_id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._db.execute(statement)]

    async def list_waited_out(
        self, legal_now: datetime, real_now: datetime, limit: int
    ) -> Sequence[tuple[UUID, UUID]]:
        """Return (citizen, application) of those whose applicant's time has run out."""
        statement = (
            select(ApplicationRow.citizen_id, ApplicationRow.application_id)
            .where(
                ApplicationRow.status.in_(_IDLE),
                ApplicationRow.waits_until < legal_now,
                _is_due(real_now),
            )
            .order_by(ApplicationRow.waits_until)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._db.execute(statement)]

    async def list_overdue(
        self, legal_now: datetime, real_now: datetime, limit: int
    ) -> Sequence[tuple[UUID, UUID]]:
        """Return (citizen, application) of those past their day that are not marked so yet."""
        statement = (
            select(ApplicationRow.citizen_id, ApplicationRow.application_id)
            .where(
                ApplicationRow.due_at < legal_now,
                ApplicationRow.overdue_at.is_(None),
                ApplicationRow.finished_at.is_(None),
                ApplicationRow.status.not_in(_IDLE),
                _is_due(real_now),
            )
            .order_by(ApplicationRow.due_at)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._db.execute(statement)]

    def add(self, row: ApplicationRow | StepRow | SupplementRow) -> None:
        """Add a row with the transaction."""
        self._db.add(row)
