"""What becomes of organisations: entered and renewed by VNeID's word, who acts by their own."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.ids import new_id
from chassis.logging import get_logger
from identity.organisations.models import DelegationRow, OrganisationRow
from identity.organisations.repository import OrganisationRepository

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OrganisationService:
    """Use cases of organisations, in the caller's unit of work."""

    db: AsyncSession
    clocks: Clocks

    async def record(self, tax_code: str, name: str, *, address: str | None, representative: UUID) -> UUID:
        """Return the organisation of a tax code, entered or renewed. Idempotent.

        A new legal representative ends the grants of the former one.
        """
        organisations, now = OrganisationRepository(self.db), self.clocks.real_now()
        made = OrganisationRow(
            organisation_id=new_id(),
            tax_code=tax_code,
            name=name,
            address=address,
            representative_citizen_id=representative,
            created_at=now,
            updated_at=now,
        )
        if await organisations.add(made):
            return made.organisation_id
        row = await organisations.lock(tax_code)
        assert row is not None  # noqa: S101 - nothing deletes organisations
        if row.representative_citizen_id != representative:
            await organisations.end_delegations(row.organisation_id, now)
            log.info("organisation.representative_changed", organisation_id=str(row.organisation_id))
        if (row.name, row.representative_citizen_id) != (name, representative) or (
            address is not None and row.address != address
        ):
            row.name, row.representative_citizen_id, row.updated_at = name, representative, now
            row.address = address or row.address
            await self.db.flush()
        return row.organisation_id

    async def is_known(self, tax_code: str) -> bool:
        """Return whether an organisation has this tax code."""
        return await OrganisationRepository(self.db).lock(tax_code) is not None

    async def delegate(
        self, organisation_id: UUID, citizen_id: UUID, *, granted_by: UUID, valid_from: date
    ) -> None:
        """Let a person act for an organisation, unless it has ever said anything about that person before."""
        row = DelegationRow(
            delegation_id=new_id(),
            organisation_id=organisation_id,
            citizen_id=citizen_id,
            granted_by_citizen_id=granted_by,
            granted_at=self.clocks.real_now(),
            valid_from=valid_from,
            valid_until=None,
        )
        await OrganisationRepository(self.db).add_delegation(row)
