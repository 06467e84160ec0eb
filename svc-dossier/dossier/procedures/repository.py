"""Queries of the catalogue."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dossier.procedures.models import ProcedureRow


class ProcedureRepository:
    """The versions of all procedures."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, code: str, version: int) -> ProcedureRow | None:
        """Return one version."""
        return await self._db.get(ProcedureRow, (code, version))

    async def find_in_force(self, code: str, on: date) -> ProcedureRow | None:
        """Return the version in force on a legal day."""
        statement = select(ProcedureRow).where(
            ProcedureRow.code == code,
            ProcedureRow.valid_from <= on,
            or_(ProcedureRow.valid_until.is_(None), ProcedureRow.valid_until > on),
        )
        return (await self._db.scalars(statement)).one_or_none()

    async def list_in_force(
        self,
        on: date,
        words: Sequence[str],
        agency: str | None,
        field: str | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> Sequence[ProcedureRow]:
        """Return procedures in force that have every folded word, by folded name and code."""
        statement = select(ProcedureRow).where(
            ProcedureRow.valid_from <= on,
            or_(ProcedureRow.valid_until.is_(None), ProcedureRow.valid_until > on),
        )
        for word in words:
            statement = statement.where(func.strpos(ProcedureRow.search, word) > 0)
        if agency is not None:
            statement = statement.where(ProcedureRow.agency_code == agency)
        if field is not None:
            statement = statement.where(ProcedureRow.field_code == field)
        if after is not None:
            statement = statement.where(tuple_(ProcedureRow.sort_name, ProcedureRow.code) > tuple_(*after))
        statement = statement.order_by(ProcedureRow.sort_name, ProcedureRow.code).limit(limit)
        return (await self._db.scalars(statement)).all()

    async def lock(self, code: str) -> ProcedureRow | None:
        """Return the latest version of a procedure and keep other writers of it off until the commit.

        The lock is on the code and not on a row, since the first version has no row to lock.
        """
        await self._db.execute(
            text("select pg_advisory_xact_lock(hashtextextended('procedures:' || :code, 0))"), {"code": code}
        )
        statement = select(ProcedureRow).where(ProcedureRow.code == code)
        statement = statement.order_by(ProcedureRow.version.desc()).limit(1)
        return (await self._db.scalars(statement)).one_or_none()

    async def add(self, row: ProcedureRow, previous: ProcedureRow | None) -> None:
        """Add a version; the one before it ends the day that this one begins."""
        if previous is not None:
            previous.valid_until = row.valid_from
            await self._db.flush()
        self._db.add(row)
        await self._db.flush()

    async def codes(self) -> set[str]:
        """Return the codes known."""
        return set((await self._db.scalars(select(ProcedureRow.code).distinct())).all())
