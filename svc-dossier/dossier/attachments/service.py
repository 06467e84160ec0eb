"""Takes files into slots and gives them back."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import BodyTooLarge, FieldError, Invalid, NotFound, Text
from chassis.ids import new_id
from dossier.attachments.errors import DigestMismatch, FileTypeRefused
from dossier.attachments.models import AttachmentRow
from dossier.attachments.names import safe_name
from dossier.attachments.repository import AttachmentRepository
from dossier.attachments.sniffing import sniff
from dossier.dossiers.models import DossierRow
from dossier.dossiers.schemas import AttachmentOut
from dossier.procedures.schemas import Paper
from dossier.vault import Vault

NAME, CONTENT = "attachments.name", "attachments.content"
_DIGEST = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/=]{44}):")
_GENERIC = frozenset({"", "application/octet-stream"})
_EMPTY = Text(vi="Tệp rỗng.", en="The file is empty.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived; `name`, `media_type` and `digest` are what the sender claims."""

    content: bytes
    name: str | None
    media_type: str
    digest: str | None = None
    origin: str = "uploaded"
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AttachmentService:
    """Files of one dossier, in the caller's unit of work; the caller has locked the dossier."""

    db: AsyncSession
    vault: Vault
    clocks: Clocks
    max_bytes: int

    async def put(self, dossier: DossierRow, paper: Paper, upload: Upload) -> tuple[AttachmentRow, bool]:
        """Put a file into a slot; return it and whether it is another one than was there.

        Raises: Invalid for an empty file, BodyTooLarge, DigestMismatch, FileTypeRefused.
        """
        if not upload.content:
            raise Invalid(errors=[FieldError("", "empty_file", _EMPTY)])
        if len(upload.content) > self.max_bytes:
            raise BodyTooLarge(size=len(upload.content))
        digest = hashlib.sha256(upload.content).digest()
        _require_digest(upload.digest, digest)
        media_type = sniff(upload.content)
        claimed = upload.media_type.partition(";")[0].strip().lower()
        if media_type not in paper.media_types or claimed not in {*_GENERIC, media_type}:
            raise FileTypeRefused(found=media_type, claimed=claimed[:60])
        repository = AttachmentRepository(self.db)
        name = safe_name(upload.name, slot=paper.slot, media_type=media_type)
        there = await repository.find_current(dossier.dossier_id, paper.slot)
        if there is not None and there.sha256 == digest and self._name(there) == name:
            return there, False
        attachment_id = new_id()
        row = AttachmentRow(
            attachment_id=attachment_id,
            dossier_id=dossier.dossier_id,
            slot=paper.slot,
            round=dossier.supplement_round,
            name=self.vault.seal_text(name, NAME, attachment_id),
            media_type=media_type,
            size_bytes=len(upload.content),
            sha256=digest,
            content=self.vault.seal_bytes(upload.content, CONTENT, attachment_id),
            origin=upload.origin,
            document_id=upload.document_id,
            added_at=self.clocks.legal_now(),
            replaced_at=None,
        )
        await repository.replace(row, row.added_at, keep_old=dossier.status != 0)
        return row, True

    async def get(self, dossier_id: UUID, slot: str) -> tuple[AttachmentOut, bytes]:
        """Return what is in a slot. Raises: NotFound."""
        row = await AttachmentRepository(self.db).find_current(dossier_id, slot, with_content=True)
        if row is None:
            raise NotFound
        return self.out(row), self.vault.open_bytes(row.content, CONTENT, row.attachment_id)

    async def list_out(self, dossier_id: UUID) -> list[AttachmentOut]:
        """Return the file of each slot, by slot, without content."""
        return [self.out(row) for row in await AttachmentRepository(self.db).list_current(dossier_id)]

    def out(self, row: AttachmentRow) -> AttachmentOut:
        """Return a file as its dossier's owner sees it."""
        return AttachmentOut.model_validate(
            {
                "id": row.attachment_id,
                "slot": row.slot,
                "name": self._name(row),
                "media_type": row.media_type,
                "size_bytes": row.size_bytes,
                "sha256": row.sha256.hex(),
                "round": row.round,
                "origin": row.origin,
                "document_id": row.document_id,
                "added_at": row.added_at,
            }
        )

    def _name(self, row: AttachmentRow) -> str:
        return self.vault.open_text(row.name, NAME, row.attachment_id)


def _require_digest(header: str | None, digest: bytes) -> None:
    """Hold the SHA-256 of a Content-Digest header (RFC 9530), where there is one. Raises: DigestMismatch."""
    if header is None:
        return
    given = _DIGEST.search(header)
    expected = base64.b64encode(digest).decode()
    if given is None or not hmac.compare_digest(given.group(1), expected):
        raise DigestMismatch
