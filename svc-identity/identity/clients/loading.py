"""Loads the client registrations, as the last step of `migrate`."""

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from chassis.migrations import MigratorAddressMissing
from identity.clients.registrations import read_registrations
from identity.clients.repository import ClientRepository
from identity.settings import IdentitySettings

log = get_logger(__name__)


async def load_registrations(settings: IdentitySettings) -> None:
    """Make the stored clients equal to the registrations' file; idempotent. Without a file nothing changes.

    Raises: MigratorAddressMissing, and ValueError when the file holds a registration that cannot be used.
    """
    if settings.migrator_database_url is None:
        raise MigratorAddressMissing
    if not settings.registrations.exists():
        log.warning("clients.no_registrations")
        return
    registrations = read_registrations(settings.registrations)
    database = await Database.connect(settings.migrator_database_url.get_secret_value(), 1)
    try:
        async with database.transaction() as db:
            await ClientRepository(db).replace_all(registrations, Clocks.real().real_now())
    finally:
        await database.close()
    log.info("clients.loaded", count=len(registrations))
