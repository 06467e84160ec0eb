"""Tables of `desk`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from dossier.base import Base

Instant = TIMESTAMP(timezone=True)


class InnerRequestRow(Base):
    """Another body asked for its opinion, a council or an inspection; the dossier's clock runs on."""

    __tablename__ = "inner_requests"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "number"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[dict[str, Any]] = mapped_column(JSONB)  # Any: JSON members


class DeadlineMarkRow(Base):
    """That a timer has told of a deadline once: `due_soon` before it, `overdue` after it. Legal time."""

    __tablename__ = "deadline_marks"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "kind", "due_at"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    kind: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    marked_at: Mapped[datetime] = mapped_column(Instant)
