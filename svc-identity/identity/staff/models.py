"""Tables of `staff`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

_Instant = TIMESTAMP(timezone=True)


class StaffAccountRow(Base):
    """One member of staff. One that is gone from the registrations stays as inactive.

    `password_hash` is Argon2id; `last_totp_step` is the last 30-second step whose code was used, which no
    code of that step or an earlier one is taken after.
    """

    __tablename__ = "staff_accounts"

    username: Mapped[str] = mapped_column(Text, primary_key=True)
    citizen_id: Mapped[UUID]
    organisation: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    password_hash: Mapped[str] = mapped_column(Text)
    totp_secret_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    last_totp_step: Mapped[int | None] = mapped_column(BigInteger)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    updated_at: Mapped[datetime] = mapped_column(_Instant)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(_Instant)


class SignInAttemptRow(Base):
    """Failures counted for one username or one address, known by a keyed hash only."""

    __tablename__ = "sign_in_attempts"

    key_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failure_count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(_Instant, index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(_Instant)
