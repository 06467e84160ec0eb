"""Reads signed papers and slips back, byte for byte as they were issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from chassis.errors import NotFound
from dossier.desk.papers import SLIP_KIND
from dossier.dossiers.models import SlipRow
from dossier.results.models import ResultRow
from dossier.results.service import DOCUMENT_KIND
from dossier.vault import Vault


@dataclass(frozen=True, slots=True)
class StoredSlip:
    """A slip, without its content."""

    kind: str
    number: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of a dossier, for callers who may see it."""

    db: AsyncSession
    vault: Vault

    async def results(self, dossier_id: UUID) -> Sequence[ResultRow]:
        """Return the signed papers, oldest first, without their files."""
        statement = (
            select(ResultRow)
            .where(ResultRow.dossier_id == dossier_id)
            .order_by(ResultRow.issued_at, ResultRow.code)
        )
        return (await self.db.scalars(statement)).all()

    async def document(self, dossier_id: UUID, result_id: UUID) -> tuple[str, bytes]:
        """Return code and PDF of a signed paper. Raises: NotFound."""
        statement = (
            select(ResultRow)
            .where(ResultRow.dossier_id == dossier_id, ResultRow.result_id == result_id)
            .options(undefer(ResultRow.document))
        )
        row = (await self.db.scalars(statement)).one_or_none()
        if row is None:
            raise NotFound
        return row.code, self.vault.open_bytes(row.document, DOCUMENT_KIND, row.result_id)

    async def slips(self, dossier_id: UUID) -> list[StoredSlip]:
        """Return the slips, by form and number, without their content."""
        statement = (
            select(SlipRow.kind, SlipRow.number, SlipRow.issued_at)
            .where(SlipRow.dossier_id == dossier_id)
            .order_by(SlipRow.kind, SlipRow.number)
        )
        return [StoredSlip(*row) for row in (await self.db.execute(statement)).all()]

    async def slip(self, dossier_id: UUID, kind: str, number: int) -> bytes:
        """Return the PDF of a slip. Raises: NotFound."""
        row = await self.db.get(SlipRow, (dossier_id, kind, number)) if 0 < number < 1 << 15 else None
        if row is None:
            raise NotFound
        return self.vault.open_bytes(row.content, SLIP_KIND, dossier_id)
