"""Tables of `dossiers`.

Not partitioned by owner (decision 0023): officers work them by agency, status and due day across all owners,
and a citizen has a handful. What is personal in them is ciphertext.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from contracts.portal import OwnerKind
from dossier.base import Base

Instant = TIMESTAMP(timezone=True)


class DossierRow(Base):
    """One dossier. Written by `dossiers.service.change_status` once it is filed.

    `status` is 0 for a draft, else the national number; `status_before` is where 7 (withdrawal asked) came
    from. `version` counts every change. `agency_code` is the organisation that works on it, `assigned_to` the
    citizen id of its officer. `deadline` is casework's document of how `due_at` was counted;
    `intake_due_at` the end of intake, `applicant_due_at` what the applicant is waited for until.
    """

    __tablename__ = "dossiers"

    dossier_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    code: Mapped[str | None] = mapped_column(Text, unique=True)
    procedure_code: Mapped[str] = mapped_column(Text)
    procedure_version: Mapped[int] = mapped_column(Integer)
    agency_code: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(SmallInteger, default=0)
    status_before: Mapped[int | None] = mapped_column(SmallInteger)
    status_reason: Mapped[str | None] = mapped_column(Text)
    owner_kind: Mapped[OwnerKind] = mapped_column(Text)
    owner_id: Mapped[UUID]
    owner_organisation: Mapped[str | None] = mapped_column(Text)
    acting_citizen_id: Mapped[UUID | None]
    parties: Mapped[bytes | None] = mapped_column(LargeBinary)
    form: Mapped[bytes] = mapped_column(LargeBinary)
    pin: Mapped[bytes | None] = mapped_column(LargeBinary)
    pin_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_dossier_id: Mapped[UUID | None]
    peer: Mapped[str | None] = mapped_column(Text)
    external_code: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    intake_due_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    deadline: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # Any: JSON members
    applicant_due_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    returned_at: Mapped[datetime | None] = mapped_column(Instant)
    supplement_round: Mapped[int] = mapped_column(SmallInteger, default=0)
    assigned_to: Mapped[UUID | None]


class HistoryRow(Base):
    """One change of a filed dossier: what was done, by whom, and the status it led to.

    `at` is the legal instant, `recorded_at` the real one. `note` is told to the applicant; it names no
    person. `details` are further facts of the step (a round, an old due day), never personal.
    """

    __tablename__ = "dossier_history"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "version"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    version: Mapped[int] = mapped_column(Integer)
    transition_id: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    from_status: Mapped[int] = mapped_column(SmallInteger)
    to_status: Mapped[int] = mapped_column(SmallInteger)
    is_automatic: Mapped[bool] = mapped_column(Boolean)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_subject: Mapped[str] = mapped_column(Text)
    acting_subject: Mapped[str | None] = mapped_column(Text)
    actor_role: Mapped[str | None] = mapped_column(Text)
    actor_organisation: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # Any: JSON members
    at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class SlipRow(Base):
    """One slip of the one-stop mechanism as it was issued, encrypted; `kind` is its official number."""

    __tablename__ = "dossier_slips"
    __table_args__ = (PrimaryKeyConstraint("dossier_id", "kind", "number"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"))
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime] = mapped_column(Instant)


class RatingRow(Base):
    """What the applicant thought of how a dossier was handled; `comment` is ciphertext."""

    __tablename__ = "dossier_ratings"

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier_id"), primary_key=True)
    score: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[bytes | None] = mapped_column(LargeBinary)
    rated_at: Mapped[datetime] = mapped_column(Instant)
