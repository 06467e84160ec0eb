"""Queries of `dossiers`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotFound
from dossier.dossiers.models import DossierRow, HistoryRow
from dossier.dossiers.parties import Owner

_LOCK_DRAFTS = text("select pg_advisory_xact_lock(hashtextextended('drafts:' || :owner, 0))")
_DISCARD_ABANDONED = text("""
    with abandoned as (
        select dossier_id from dossiers where status = 0 and updated_at < :before
        order by dossier_id limit :limit for update skip locked
    ), files as (
        delete from attachments where dossier_id in (select dossier_id from abandoned)
    )
    delete from dossiers where dossier_id in (select dossier_id from abandoned) returning dossier_id
""")


class DossierRepository:
    """The dossiers and their history."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def get(self, dossier_id: UUID, *, for_update: bool = False) -> DossierRow:
        """Return a dossier, whoever owns it; locked until the transaction ends. Raises: NotFound."""
        statement = select(DossierRow).where(DossierRow.dossier_id == dossier_id)
        if for_update:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        row = (await self._db.scalars(statement)).one_or_none()
        if row is None:
            raise NotFound
        return row

    async def find_owned(
        self, owner: Owner, dossier_id: UUID, *, for_update: bool = False
    ) -> DossierRow | None:
        """Return a dossier of this owner."""
        statement = select(DossierRow).where(
            DossierRow.dossier_id == dossier_id,
            DossierRow.owner_id == owner.owner_id,
            DossierRow.owner_kind == owner.kind,
        )
        if for_update:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return (await self._db.scalars(statement)).one_or_none()

    async def find_citizen_owner(self, dossier_id: UUID) -> UUID | None:
        """Return the citizen whose dossier it is, or who filed it for a company."""
        statement = select(DossierRow.owner_kind, DossierRow.owner_id, DossierRow.acting_citizen_id).where(
            DossierRow.dossier_id == dossier_id
        )
        found = (await self._db.execute(statement)).one_or_none()
        if found is None:
            return None
        kind, owner_id, acting = found
        citizen: UUID | None = owner_id if kind == "citizen" else acting
        return citizen

    async def list_owned(
        self, owner: Owner, after: UUID | None, limit: int, *, status: int | None
    ) -> Sequence[DossierRow]:
        """Return dossiers of an owner, newest first, that come after a position; ids are ordered by time."""
        statement = select(DossierRow).where(
            DossierRow.owner_id == owner.owner_id, DossierRow.owner_kind == owner.kind
        )
        if after is not None:
            statement = statement.where(DossierRow.dossier_id < after)
        if status is not None:
            statement = statement.where(DossierRow.status == status)
        return (await self._db.scalars(statement.order_by(DossierRow.dossier_id.desc()).limit(limit))).all()

    async def count_drafts(self, owner: Owner) -> int:
        """Return how many drafts an owner has; none is added until this transaction ends."""
        await self._db.execute(_LOCK_DRAFTS, {"owner": f"{owner.kind}:{owner.owner_id}"})
        statement = select(func.count()).where(
            DossierRow.owner_id == owner.owner_id, DossierRow.owner_kind == owner.kind, DossierRow.status == 0
        )
        return (await self._db.scalars(statement)).one()

    async def discard_abandoned(self, before: datetime, limit: int) -> int:
        """Delete drafts that nobody touched since `before`, with their files; return how many."""
        found = await self._db.execute(_DISCARD_ABANDONED, {"before": before, "limit": limit})
        return len(found.all())

    async def find_by_code(self, code: str) -> DossierRow | None:
        """Return the dossier of a national code."""
        return (await self._db.scalars(select(DossierRow).where(DossierRow.code == code))).one_or_none()

    async def list_history(
        self, dossier_id: UUID, after: int = 0, limit: int | None = None
    ) -> Sequence[HistoryRow]:
        """Return the changes of a dossier, oldest first, that come after a version."""
        statement = (
            select(HistoryRow)
            .where(HistoryRow.dossier_id == dossier_id, HistoryRow.version > after)
            .order_by(HistoryRow.version)
        )
        if limit is not None:
            statement = statement.limit(limit)
        return (await self._db.scalars(statement)).all()
