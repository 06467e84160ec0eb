"""Tables of `tokens`. Nothing in them can be used by who reads them: codes are stored as hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

_Instant = TIMESTAMP(timezone=True)


class SessionRow(Base):
    """One sign-in of one citizen through one client: how surely, when, and for whom."""

    __tablename__ = "sessions"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    citizen_id: Mapped[UUID] = mapped_column(index=True)
    client_id: Mapped[str] = mapped_column(Text, ForeignKey("clients.client_id"))
    provider: Mapped[str] = mapped_column(Text)
    acr: Mapped[str] = mapped_column(Text)
    auth_time: Mapped[datetime] = mapped_column(_Instant)
    created_at: Mapped[datetime] = mapped_column(_Instant)
    expires_at: Mapped[datetime] = mapped_column(_Instant, index=True)
    kind: Mapped[str] = mapped_column(Text, server_default="citizen")
    organisation_id: Mapped[UUID | None]
    organisation: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{citizen}")


class AuthorizationCodeRow(Base):
    """One code: kept after use so that a second use is noticed and takes back what the first one gave."""

    __tablename__ = "authorization_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.session_id", ondelete="CASCADE"), index=True
    )
    client_id: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(_Instant)
    used_at: Mapped[datetime | None] = mapped_column(_Instant)
    token_id: Mapped[str | None] = mapped_column(Text)
    token_expires_at: Mapped[datetime | None] = mapped_column(_Instant)


class ClientAssertionRow(Base):
    """A client assertion that was taken, so that it is not taken again."""

    __tablename__ = "client_assertions"
    __table_args__ = (PrimaryKeyConstraint("client_id", "assertion_id"),)

    client_id: Mapped[str] = mapped_column(Text)
    assertion_id: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(_Instant, index=True)


class RevokedTokenRow(Base):
    """An access token that must be refused until it would have expired anyway."""

    __tablename__ = "revoked_tokens"

    token_id: Mapped[str] = mapped_column(Text, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(_Instant, index=True)
    revoked_at: Mapped[datetime] = mapped_column(_Instant)
    reason: Mapped[str] = mapped_column(Text)
