"""Use cases of the own document store, over the results that are in force."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from chassis.auth import Actor
from chassis.errors import MalformedCursor, NotFound
from chassis.paging import Cursors, Page
from dossier.attachments.service import Upload
from dossier.documents.schemas import DocumentOut
from dossier.dossiers.models import DossierRow
from dossier.dossiers.own import trace_acting
from dossier.dossiers.parties import Owner, owner_of
from dossier.procedures.models import ProcedureRow
from dossier.results.models import ResultRow
from dossier.results.service import DOCUMENT_KIND
from dossier.vault import Vault

_GIVING = ("granted", "published")


@dataclass(frozen=True, slots=True)
class DocumentService:
    """The documents of whoever asks, in the request's unit of work."""

    db: AsyncSession
    vault: Vault

    async def list_page(
        self, actor: Actor, cursors: Cursors, *, cursor: str | None, limit: int
    ) -> Page[DocumentOut]:
        """Return own documents in force, newest first. Raises: MalformedCursor."""
        owner = owner_of(actor)
        scope = f"documents:{owner.kind}:{owner.owner_id}"
        statement = _owned(owner).order_by(ResultRow.result_id.desc()).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(ResultRow.result_id < _position(cursors.decode(cursor, scope=scope)))
        rows = (await self.db.execute(statement)).all()
        await trace_acting(self.db, actor, "documents")
        following = (
            cursors.encode([str(rows[limit - 1][0].result_id)], scope=scope) if len(rows) > limit else None
        )
        return Page[DocumentOut](
            items=[_out(result, name) for result, name in rows[:limit]], next_cursor=following
        )

    async def as_upload(self, actor: Actor, document_id: UUID) -> Upload:
        """Return a document as a file to be put into a slot. Raises: NotFound where it is not one's own."""
        statement = _owned(owner_of(actor)).where(ResultRow.result_id == document_id)
        found = (await self.db.execute(statement.options(undefer(ResultRow.document)))).one_or_none()
        if found is None:
            raise NotFound
        result: ResultRow = found[0]
        return Upload(
            content=self.vault.open_bytes(result.document, DOCUMENT_KIND, result.result_id),
            name=f"{result.code}.pdf",
            media_type="application/pdf",
            origin="document_store",
            document_id=result.result_id,
        )


def _owned(owner: Owner) -> Select[ResultRow, str]:
    return (
        select(ResultRow, ProcedureRow.name)
        .join(DossierRow, DossierRow.dossier_id == ResultRow.dossier_id)
        .join(
            ProcedureRow,
            (ProcedureRow.code == DossierRow.procedure_code)
            & (ProcedureRow.version == DossierRow.procedure_version),
        )
        .where(
            DossierRow.owner_id == owner.owner_id,
            DossierRow.owner_kind == owner.kind,
            ResultRow.state == "valid",
            ResultRow.kind.in_(_GIVING),
        )
    )


def _out(row: ResultRow, name: str) -> DocumentOut:
    return DocumentOut.model_validate(
        {
            "id": row.result_id,
            "code": row.code,
            "name": name,
            "kind": row.kind,
            "dossier_id": row.dossier_id,
            "issued_at": row.issued_at,
            "sha256": row.sha256.hex(),
            "document_url": f"/v1/me/dossiers/{row.dossier_id}/results/{row.result_id}/document",
        }
    )


def _position(position: list[str | int | None]) -> UUID:
    try:
        return UUID(str(position[0]))
    except (ValueError, IndexError) as failure:
        raise MalformedCursor from failure
