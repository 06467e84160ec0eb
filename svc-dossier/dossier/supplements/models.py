"""Table of `supplements`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKey, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from dossier.base import Base

Instant = TIMESTAMP(timezone=True)


class SupplementRoundRow(Base):
    """One request for supplement: one complete list, a deadline, an answer. Instants are legal time.

    `answered_at` stays empty where the round was closed without an answer. `revision` counts the slips: each
    amended one names the slip that it replaces. `deadline` is casework's document of the count.
    """

    __tablename__ = "supplement_rounds"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "round"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    revision: Mapped[int] = mapped_column(SmallInteger, default=1)
    asked_before_acceptance: Mapped[bool] = mapped_column(Boolean)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_by_organisation: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    items: Mapped[list[str]] = mapped_column(JSONB)
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[dict[str, Any]] = mapped_column(JSONB)  # Any: JSON members
    extensions: Mapped[int] = mapped_column(SmallInteger, default=0)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
