"""Queries of `attachments`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from dossier.attachments.models import AttachmentRow


class AttachmentRepository:
    """The files of dossiers. Content is read only where it is asked for."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def list_current(self, dossier_id: UUID) -> Sequence[AttachmentRow]:
        """Return the file of each slot, by slot."""
        statement = select(AttachmentRow).where(
            AttachmentRow.dossier_id == dossier_id, AttachmentRow.replaced_at.is_(None)
        )
        return (await self._db.scalars(statement.order_by(AttachmentRow.slot))).all()

    async def find_current(
        self, dossier_id: UUID, slot: str, *, with_content: bool = False
    ) -> AttachmentRow | None:
        """Return the file of one slot."""
        statement = select(AttachmentRow).where(
            AttachmentRow.dossier_id == dossier_id,
            AttachmentRow.slot == slot,
            AttachmentRow.replaced_at.is_(None),
        )
        if with_content:
            statement = statement.options(undefer(AttachmentRow.content))
        return (await self._db.scalars(statement)).one_or_none()

    async def replace(self, row: AttachmentRow, at: datetime, *, keep_old: bool) -> None:
        """Put a file into its slot; what was there stays as replaced, or goes while nobody has filed it."""
        there = (
            AttachmentRow.dossier_id == row.dossier_id,
            AttachmentRow.slot == row.slot,
            AttachmentRow.replaced_at.is_(None),
        )
        if keep_old:
            await self._db.execute(update(AttachmentRow).where(*there).values(replaced_at=at))
        else:
            await self._db.execute(delete(AttachmentRow).where(*there))
        self._db.add(row)
        await self._db.flush()

    async def remove(self, dossier_id: UUID, slot: str | None = None) -> int:
        """Delete a draft's files, of one slot or all; return how many."""
        statement = delete(AttachmentRow).where(AttachmentRow.dossier_id == dossier_id)
        if slot is not None:
            statement = statement.where(AttachmentRow.slot == slot)
        return len((await self._db.scalars(statement.returning(AttachmentRow.attachment_id))).all())
