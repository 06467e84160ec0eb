"""Table of `payments`: what a dossier was asked to pay. The payments themselves are casework's tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ForeignKey, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from dossier.base import Base

Instant = TIMESTAMP(timezone=True)


class PaymentRequestRow(Base):
    """One request to pay, in whole dong. `lines` are `{code, label, amount_vnd}` and add up to `amount_vnd`.

    `paid_at` stays empty where the request was closed unpaid. Instants are legal time.
    """

    __tablename__ = "payment_requests"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "number"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    asked_before_acceptance: Mapped[bool] = mapped_column(Boolean)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # Any: JSON members
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[dict[str, Any]] = mapped_column(JSONB)  # Any: JSON members
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
