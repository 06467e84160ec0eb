"""Tables of convictions; ciphertexts are read by `vault.py`.

`conviction_claims` numbers the versions of each document by its natural key; `conviction_records` keeps every
version under its citizen, or under `NOBODY` until identity has named one.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Integer, LargeBinary, PrimaryKeyConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from judicial_record.base import Base

Json = dict[str, Any]  # Any: JSON members
NOBODY = UUID(int=0)
_PARTITIONED = {"postgresql_partition_by": "hash (citizen_id)"}


class ClaimRow(Base):
    """The one row of a source's document; locked while a version is added."""

    __tablename__ = "conviction_claims"

    key_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    record_id: Mapped[UUID]
    citizen_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    issued_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    content_index: Mapped[bytes] = mapped_column(LargeBinary)


class RecordRow(Base):
    """One version of a document. `received_at` and `next_attempt_at` are real time."""

    __tablename__ = "conviction_records"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "record_id", "version"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    record_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    is_current: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    person_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class CoverageRow(Base):
    """What a source told of the completeness of its information; the highest version holds."""

    __tablename__ = "conviction_coverage"
    __table_args__ = (PrimaryKeyConstraint("source", "version"),)

    source: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    entries: Mapped[list[Json]] = mapped_column(JSONB)
    told_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class VerificationRow(Base):
    """One question to one source. `asked_at`, `due_at`, `answered_at` legal time, `next_attempt_at` real."""

    __tablename__ = "verification_requests"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "request_id"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    request_id: Mapped[UUID]
    application_id: Mapped[UUID]
    source: Mapped[str] = mapped_column(Text)
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    requested_by: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    deadline: Mapped[Json] = mapped_column(JSONB)
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class FindingRow(Base):
    """What an officer found out by other ways; legal time."""

    __tablename__ = "conviction_findings"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "finding_id"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    finding_id: Mapped[UUID]
    application_id: Mapped[UUID]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
