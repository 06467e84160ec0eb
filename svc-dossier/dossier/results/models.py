"""Tables of `results`. What a result says is ciphertext, bound to its row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, deferred, mapped_column

from dossier.base import Base

Instant = TIMESTAMP(timezone=True)


class ProposalRow(Base):
    """What an officer proposes to the one who signs; a later proposal closes the earlier. Legal time.

    `content` is sealed JSON: reason, legal_basis, content.
    """

    __tablename__ = "result_proposals"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "number"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class ResultRow(Base):
    """One signed paper. `state` is of this paper; a revocation is a paper of its own that names the revoked.

    `content` is sealed JSON of what the paper says, `document` the sealed PDF, `sha256` of the plain PDF.
    """

    __tablename__ = "results"

    result_id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    code: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("results.result_id"))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    signed_by: Mapped[str] = mapped_column(Text)
    signer_organisation: Mapped[str] = mapped_column(Text)
    signature_level: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    document: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
