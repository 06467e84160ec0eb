"""Tables of certificates: what its holder and its office read, and the register that verifiers ask."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from judicial_record.base import Base

_PARTITIONED = {"postgresql_partition_by": "hash (citizen_id)"}


class RegisterRow(Base):
    """One certificate as verifiers meet it. `issued_at` and `ended_at` are legal time, `signed_at` real."""

    __tablename__ = "certificate_register"

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    certificate_id: Mapped[UUID]
    citizen_id: Mapped[UUID]
    application_id: Mapped[UUID]
    form: Mapped[int] = mapped_column(SmallInteger)
    office: Mapped[str] = mapped_column(Text)
    pdf_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    code_index: Mapped[bytes] = mapped_column(LargeBinary)
    shown: Mapped[bytes] = mapped_column(LargeBinary)
    signers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    signature_level: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    issued_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    superseded_by: Mapped[str | None] = mapped_column(Text)


class CertificateRow(Base):
    """The signed file and its code (ciphertext), and who issued and ended it.

    `code` is empty where it was issued before codes were kept.
    """

    __tablename__ = "certificates"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "certificate_id"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    certificate_id: Mapped[UUID]
    application_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(Text)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    code: Mapped[bytes | None] = mapped_column(LargeBinary)
    issued_by: Mapped[str] = mapped_column(Text)
    ended_by: Mapped[str | None] = mapped_column(Text)
    end_reason: Mapped[bytes | None] = mapped_column(LargeBinary)
