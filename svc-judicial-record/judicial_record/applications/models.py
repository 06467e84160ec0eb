"""Tables of applications. All but the keys are hash-partitioned by citizen.

`application_keys` finds an application by id alone (officers, payments, the portal) and holds that a person
has one open application per form. Ciphertexts are read by `vault.py`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, LargeBinary, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from judicial_record.base import Base

Json = dict[str, Any]  # Any: JSON members
_PARTITIONED = {"postgresql_partition_by": "hash (citizen_id)"}


class ApplicationKeyRow(Base):
    """Where an application is found by its id, and whether it is its person's open one of that form."""

    __tablename__ = "application_keys"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    citizen_id: Mapped[UUID]
    form: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    is_open: Mapped[bool] = mapped_column(Boolean)


class ApplicationRow(Base):
    """One application as it stands. Instants are UTC, legal time; `next_attempt_at` real time."""

    __tablename__ = "applications"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "application_id"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    application_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    form: Mapped[int] = mapped_column(SmallInteger)
    purpose_code: Mapped[str | None] = mapped_column(Text)
    delivery: Mapped[str] = mapped_column(Text)
    copies: Mapped[int] = mapped_column(SmallInteger)
    include_bans: Mapped[bool] = mapped_column(Boolean)
    office: Mapped[str] = mapped_column(Text)
    holder: Mapped[bytes] = mapped_column(LargeBinary)
    fee: Mapped[bytes] = mapped_column(LargeBinary)
    amount_vnd: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    national_status: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(Integer)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    submitted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    lane: Mapped[str | None] = mapped_column(Text)
    look_up: Mapped[bytes | None] = mapped_column(LargeBinary)
    limit_code: Mapped[str | None] = mapped_column(Text)
    clock_started_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    suspensions: Mapped[list[Json]] = mapped_column(JSONB)
    deadline: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    due_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    waits_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    overdue_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    claimed_by: Mapped[str | None] = mapped_column(Text)
    claimed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    proposal: Mapped[bytes | None] = mapped_column(LargeBinary)
    proposed_by: Mapped[str | None] = mapped_column(Text)
    proposed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by: Mapped[str | None] = mapped_column(Text)
    next_attempt_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class StepRow(Base):
    """One thing that was done, in order without gaps; `is_public` steps are the citizen's history.

    `national_path` are the national statuses gone through, the last being where it ended; `actor` is the
    subject of an officer's token and never shown outside the office.
    """

    __tablename__ = "application_steps"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "application_id", "sequence"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    application_id: Mapped[UUID]
    sequence: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    national_path: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    role: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    is_public: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    due_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class SupplementRow(Base):
    """One round in which the applicant was asked for more."""

    __tablename__ = "application_supplements"
    __table_args__ = (PrimaryKeyConstraint("citizen_id", "application_id", "round"), _PARTITIONED)

    citizen_id: Mapped[UUID]
    application_id: Mapped[UUID]
    round: Mapped[int] = mapped_column(SmallInteger)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_for: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    due_before_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    due_after_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
