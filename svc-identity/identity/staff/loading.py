"""Loads the staff registrations, as a step of `migrate`."""

from datetime import datetime
from uuid import UUID

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from identity.people.schemas import PersonIn
from identity.people.service import PeopleService, Vault
from identity.staff.registrations import PersonRegistration, StaffRegistration
from identity.staff.repository import StaffRepository
from identity.staff.service import secret_context

log = get_logger(__name__)


class PersonUnclear(ValueError):
    """A registration's person is known under another name: nobody is made staff by mistake."""


async def load_staff(
    database: Database, vault: Vault, registrations: list[StaffRegistration], clocks: Clocks
) -> None:
    """Make the stored accounts equal to the registrations; idempotent. An account keeps its person.

    Raises: PersonUnclear.
    """
    async with database.transaction() as db:
        known = await StaffRepository(db).citizens()
    people = {
        one.username: known.get(one.username) or await find_person(database, vault, one.person, clocks)
        for one in registrations
    }
    now = clocks.real_now()
    async with database.transaction() as db:
        staff = StaffRepository(db)
        for one in registrations:
            await staff.put(one.username, _values(one, people[one.username], vault, now))
        await staff.deactivate_others([one.username for one in registrations], now)
    log.info("staff.loaded", count=len(registrations))


async def find_person(database: Database, vault: Vault, person: PersonRegistration, clocks: Clocks) -> UUID:
    """Return the `citizen_id` of a registration's person, entered as unconfirmed where nobody has the number.

    Raises: PersonUnclear.
    """
    described = PersonIn(
        ref="0", personal_id=person.personal_id, name=person.name, born_on=person.born_on, sex=person.sex
    )
    (found,) = await PeopleService(database, vault, clocks).resolve([described])
    if found.citizen_id is None:
        raise PersonUnclear(f"{person.name}: the number is known under another name ({found.state})")
    return found.citizen_id


def _values(one: StaffRegistration, citizen_id: UUID, vault: Vault, now: datetime) -> dict[str, object]:
    return {
        "citizen_id": citizen_id,
        "organisation": one.organisation,
        "roles": one.roles,
        "password_hash": one.password_hash,
        "totp_secret_ciphertext": vault.cipher.encrypt(one.totp_secret, context=secret_context(one.username)),
        "is_active": True,
        "updated_at": now,
    }
