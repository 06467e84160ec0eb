"""Tables of `sign_in`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

_Instant = TIMESTAMP(timezone=True)


class AccountRow(Base):
    """An upstream account and its person. `account_id` is VNeID's `TechID`, which survives a new number."""

    __tablename__ = "accounts"
    __table_args__ = (
        PrimaryKeyConstraint("provider", "account_id"),
        UniqueConstraint("provider", "citizen_id"),
    )

    provider: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str] = mapped_column(Text)
    citizen_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(_Instant)
    last_sign_in_at: Mapped[datetime] = mapped_column(_Instant)


class AuthorizationRequestRow(Base):
    """A sign-in under way: what the client asked for, bound to the browser that began it."""

    __tablename__ = "authorization_requests"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    browser_fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    client_id: Mapped[str] = mapped_column(Text, ForeignKey("clients.client_id"))
    redirect_uri: Mapped[str] = mapped_column(Text)
    client_state: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    nonce: Mapped[str | None] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(Text)
    level: Mapped[int | None] = mapped_column(SmallInteger)
    must_be_fresh: Mapped[bool]
    language: Mapped[str] = mapped_column(Text)
    realm: Mapped[str] = mapped_column(Text, server_default="vneid")
    created_at: Mapped[datetime] = mapped_column(_Instant)
    expires_at: Mapped[datetime] = mapped_column(_Instant, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(_Instant)
