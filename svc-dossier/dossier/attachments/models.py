"""Table of `attachments`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, deferred, mapped_column

from dossier.base import Base

Instant = TIMESTAMP(timezone=True)


class AttachmentRow(Base):
    """One file in one slot. A later file of the slot leaves this one with `replaced_at`.

    `name` and `content` are ciphertext bound to `attachment_id`; `sha256` is of the plain content. `round` is
    0 for what was filed and the round of supplement for what came later. `origin` says from where it came;
    `document_id` names the document of the owner's store that was used again.
    """

    __tablename__ = "attachments"

    attachment_id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    slot: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    origin: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID | None]
    added_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
