"""Tables of `organisations`."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

_Instant = TIMESTAMP(timezone=True)


class OrganisationRow(Base):
    """One organisation, known by its tax code, and its legal representative."""

    __tablename__ = "organisations"
    __table_args__ = (CheckConstraint("name <> '' and length(name) <= 255", name="name"),)

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    tax_code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    representative_citizen_id: Mapped[UUID] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(_Instant)
    updated_at: Mapped[datetime] = mapped_column(_Instant)


class DelegationRow(Base):
    """The right of one person to act for an organisation, granted by its legal representative.

    `valid_until` is the first legal day on which it holds no more.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="valid_until"),
        Index(
            "delegations_organisation_id_citizen_id_key",
            "organisation_id",
            "citizen_id",
            unique=True,
            postgresql_where="ended_at is null",
        ),
    )

    delegation_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.organisation_id"))
    citizen_id: Mapped[UUID] = mapped_column(index=True)
    granted_by_citizen_id: Mapped[UUID]
    granted_at: Mapped[datetime] = mapped_column(_Instant)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(_Instant)
