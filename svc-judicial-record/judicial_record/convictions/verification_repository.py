"""Queries on questions to sources."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import LEGAL_ZONE
from judicial_record.convictions.models import VerificationRow


class VerificationRepository:
    """Queries of one unit of work."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def answered_on(self, citizen_id: UUID) -> Mapping[str, date]:
        """Return the last legal day on which each source answered about a person, by its code."""
        found = await self._db.execute(
            select(VerificationRow.source, func.max(VerificationRow.answered_at))
            .where(VerificationRow.citizen_id == citizen_id, VerificationRow.state == "answered")
            .group_by(VerificationRow.source)
        )
        return {source: at.astimezone(LEGAL_ZONE).date() for source, at in found if at is not None}

    async def list_of_application(self, citizen_id: UUID, application_id: UUID) -> Sequence[VerificationRow]:
        """Return the questions of an application, the first asked first."""
        found = await self._db.scalars(
            select(VerificationRow)
            .where(VerificationRow.citizen_id == citizen_id, VerificationRow.application_id == application_id)
            .order_by(VerificationRow.request_id)
        )
        return found.all()

    async def take_due(self, now: datetime, until: datetime, limit: int) -> Sequence[VerificationRow]:
        """Return questions whose turn has come and let no other worker have them before `until`."""
        found = await self._db.scalars(
            select(VerificationRow)
            .where(VerificationRow.next_attempt_at <= now)
            .order_by(VerificationRow.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = found.all()
        for row in rows:
            row.next_attempt_at = until
        return rows

    async def lock(self, citizen_id: UUID, request_id: UUID) -> VerificationRow | None:
        """Return one question, locked for a change."""
        return await self._db.scalar(
            select(VerificationRow)
            .where(VerificationRow.citizen_id == citizen_id, VerificationRow.request_id == request_id)
            .with_for_update()
        )

    async def lock_open(self, citizen_id: UUID, application_id: UUID) -> int:
        """Return how many questions of an application are open, its rows locked in one order."""
        found = await self._db.scalars(
            select(VerificationRow.state)
            .where(VerificationRow.citizen_id == citizen_id, VerificationRow.application_id == application_id)
            .order_by(VerificationRow.request_id)
            .with_for_update()
        )
        return sum(state != "answered" for state in found)

    async def postpone(
        self, citizen_id: UUID, request_id: UUID, state: str, next_attempt_at: datetime
    ) -> None:
        """Note an attempt without an answer."""
        await self._db.execute(
            update(VerificationRow)
            .where(
                VerificationRow.citizen_id == citizen_id,
                VerificationRow.request_id == request_id,
                VerificationRow.state != "answered",
            )
            .values(state=state, attempts=VerificationRow.attempts + 1, next_attempt_at=next_attempt_at)
        )
