"""Queries of the inbox and of what an officer reads of one dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from dossier.attachments.models import AttachmentRow
from dossier.desk.models import InnerRequestRow
from dossier.results.models import ResultRow

NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""Where a dossier without a day stands in the order of the inbox."""

_INBOX = """
    select d.dossier_id, d.code, d.version, d.status, d.agency_code, d.assigned_to, d.next_due_at,
        d.submitted_at, d.procedure_code, p.name as procedure_name,
        exists (
            select 1 from result_proposals r where r.dossier_id = d.dossier_id and r.closed_at is null
        ) as is_proposed
    from dossiers d
    join procedures p on p.code = d.procedure_code and p.version = d.procedure_version
    where d.agency_code = any(:agencies) and d.status in (1, 2, 4, 5, 6, 7, 9)
        and d.status = any(:statuses)
        and (d.next_due_at, d.dossier_id) > (:after_at, :after_id)
"""
_BEFORE = " and d.next_due_at <= :before"
_PROPOSED = """
    and exists (select 1 from result_proposals r where r.dossier_id = d.dossier_id and r.closed_at is null)
"""
_MINE = " and d.assigned_to = :officer"
_ORDER = " order by d.next_due_at, d.dossier_id limit :limit"


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """Which dossiers of an inbox, by the day of their status.

    `next_due_at` is the exclusive end of that day, so `before`, the beginning of a day, takes in what is due
    on the day before it.
    """

    agencies: Sequence[str]
    statuses: Sequence[int]
    before: datetime | None
    only_proposed: bool
    officer: UUID | None


class DeskRepository:
    """What officers look at."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def inbox(
        self, query: InboxQuery, after: tuple[datetime, UUID], limit: int
    ) -> Sequence[Any]:  # Any: rows of the statement
        """Return dossiers in the order of their days that come after a position."""
        statement, values = (
            _INBOX,
            {
                "agencies": list(query.agencies),
                "statuses": list(query.statuses),
                "after_at": after[0],
                "after_id": after[1],
                "limit": limit,
            },
        )
        if query.before is not None:
            statement, values = statement + _BEFORE, values | {"before": query.before}
        if query.only_proposed:
            statement += _PROPOSED
        if query.officer is not None:
            statement, values = statement + _MINE, values | {"officer": query.officer}
        return (await self._db.execute(text(statement + _ORDER), values)).all()

    async def attachments(self, dossier_id: UUID) -> Sequence[AttachmentRow]:
        """Return the files in force, without their content, by slot."""
        statement = (
            select(AttachmentRow)
            .where(AttachmentRow.dossier_id == dossier_id, AttachmentRow.replaced_at.is_(None))
            .order_by(AttachmentRow.slot)
        )
        return (await self._db.scalars(statement)).all()

    async def inner_requests(self, dossier_id: UUID) -> Sequence[InnerRequestRow]:
        """Return the inner requests, oldest first."""
        statement = (
            select(InnerRequestRow)
            .where(InnerRequestRow.dossier_id == dossier_id)
            .order_by(InnerRequestRow.number)
        )
        return (await self._db.scalars(statement)).all()

    async def results(self, dossier_id: UUID) -> Sequence[ResultRow]:
        """Return the signed papers, oldest first, without their files."""
        statement = (
            select(ResultRow)
            .where(ResultRow.dossier_id == dossier_id)
            .order_by(ResultRow.issued_at, ResultRow.code)
        )
        return (await self._db.scalars(statement)).all()
