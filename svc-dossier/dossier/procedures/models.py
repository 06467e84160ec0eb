"""Table of `procedures`: one row per version, never changed once a dossier may stand under it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, PrimaryKeyConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from dossier.base import Base


class ProcedureRow(Base):
    """One dated version of a procedure.

    In force from `valid_from` until the day before `valid_until`, both legal days. `document` is what the
    catalogue publishes; the columns beside it are what lists and officers' queues look for. `sort_name` and
    `search` are folded: lower case, without accents.
    """

    __tablename__ = "procedures"
    __table_args__ = (PrimaryKeyConstraint("code", "version"),)

    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    agency_code: Mapped[str] = mapped_column(Text)
    field_code: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)  # Any: JSON members
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
