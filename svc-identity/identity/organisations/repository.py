"""Queries of `organisations`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import exists, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.organisations.models import DelegationRow, OrganisationRow


@dataclass(frozen=True, slots=True)
class Representation:
    """An organisation that a person may act for, and as what."""

    organisation_id: UUID
    tax_code: str
    name: str
    basis: Literal["legal_representative", "delegate"]


class OrganisationRepository:
    """Organisations and who may act for them."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def lock(self, tax_code: str) -> OrganisationRow | None:
        """Return an organisation and keep others off it until the transaction ends."""
        statement = select(OrganisationRow).where(OrganisationRow.tax_code == tax_code).with_for_update()
        return (await self._db.scalars(statement)).one_or_none()

    async def add(self, row: OrganisationRow) -> bool:
        """Return whether the organisation is entered by this call: a tax code has one owner."""
        values = {
            name: getattr(row, name)
            for name in (
                "organisation_id", "tax_code", "name", "address", "representative_citizen_id", "created_at",
                "updated_at",
            )
        }  # fmt: skip
        added = await self._db.execute(
            insert(OrganisationRow)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["tax_code"])
            .returning(OrganisationRow.organisation_id)
        )
        return added.first() is not None

    async def end_delegations(self, organisation_id: UUID, now: datetime) -> None:
        """End every grant that still holds."""
        await self._db.execute(
            update(DelegationRow)
            .where(DelegationRow.organisation_id == organisation_id, DelegationRow.ended_at.is_(None))
            .values(ended_at=now)
        )

    async def add_delegation(self, row: DelegationRow) -> None:
        """Enter a grant unless the organisation has ever granted that person anything."""
        known = exists().where(
            DelegationRow.organisation_id == row.organisation_id, DelegationRow.citizen_id == row.citizen_id
        )
        columns = ("delegation_id", "organisation_id", "citizen_id", "granted_by_citizen_id", "granted_at",
                   "valid_from", "valid_until")  # fmt: skip
        types = DelegationRow.__table__.c
        values = select(*(literal(getattr(row, name), types[name].type) for name in columns)).where(~known)
        await self._db.execute(insert(DelegationRow).from_select(columns, values).on_conflict_do_nothing())

    async def list_representations(self, citizen_id: UUID, today: date) -> Sequence[Representation]:
        """Return the organisations that a person may act for on a legal day, by tax code."""
        holds = exists().where(
            DelegationRow.organisation_id == OrganisationRow.organisation_id,
            DelegationRow.citizen_id == citizen_id,
            DelegationRow.ended_at.is_(None),
            DelegationRow.valid_from <= today,
            or_(DelegationRow.valid_until.is_(None), DelegationRow.valid_until > today),
        )
        is_representative = OrganisationRow.representative_citizen_id == citizen_id
        rows = await self._db.scalars(
            select(OrganisationRow).where(or_(is_representative, holds)).order_by(OrganisationRow.tax_code)
        )
        return [
            Representation(
                row.organisation_id,
                row.tax_code,
                row.name,
                "legal_representative" if row.representative_citizen_id == citizen_id else "delegate",
            )
            for row in rows
        ]
