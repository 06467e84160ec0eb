"""Loads the registrations of organisations, as a step of `migrate`."""

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from identity.organisations.registrations import OrganisationRegistration
from identity.organisations.service import OrganisationService
from identity.people.service import Vault
from identity.staff.loading import find_person

log = get_logger(__name__)


async def load_organisations(
    database: Database, vault: Vault, registrations: list[OrganisationRegistration], clocks: Clocks
) -> None:
    """Enter the organisations and grants that are not there yet; idempotent, ends nothing.

    What has since come from VNeID (another name, another representative) stays, and so does the end of a
    grant. Raises: PersonUnclear.
    """
    for one in registrations:
        representative = await find_person(database, vault, one.representative, clocks)
        delegates = [
            (await find_person(database, vault, delegate.person, clocks), delegate.valid_from)
            for delegate in one.delegates
        ]
        async with database.transaction() as db:
            organisations = OrganisationService(db, clocks)
            if await organisations.is_known(one.tax_code):
                continue
            organisation_id = await organisations.record(
                one.tax_code, one.name, address=one.address, representative=representative
            )
            for citizen_id, valid_from in delegates:
                await organisations.delegate(
                    organisation_id, citizen_id, granted_by=representative, valid_from=valid_from
                )
    log.info("organisations.loaded", count=len(registrations))
