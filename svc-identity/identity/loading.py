"""What `migrate` loads after the migrations: clients, staff, organisations, each from its file."""

from chassis.clock import Clocks
from chassis.crypto import BlindIndex, Cipher
from chassis.db import Database
from chassis.keys import FileKeyProvider, KeyProvider
from chassis.migrations import MigratorAddressMissing
from identity.clients.loading import load_registrations
from identity.organisations.loading import load_organisations
from identity.organisations.registrations import read_organisations
from identity.people.service import Vault
from identity.settings import IdentitySettings
from identity.staff.loading import load_staff
from identity.staff.registrations import read_staff


async def load(settings: IdentitySettings, keys: KeyProvider | None = None) -> None:
    """Load the registrations; idempotent. A file that is not there changes nothing.

    The keys of people's numbers are needed where there are staff or organisations to load.

    Raises: MigratorAddressMissing, KeyUnavailable, and ValueError for a file that cannot be used.
    """
    await load_registrations(settings)
    has_staff, has_organisations = settings.staff.exists(), settings.organisations.exists()
    if not has_staff and not has_organisations:
        return
    if settings.migrator_database_url is None:
        raise MigratorAddressMissing
    directory = settings.key_directory / settings.service
    keys, clocks = keys or FileKeyProvider(directory, create=settings.is_sandbox), Clocks.real()
    vault = Vault(Cipher(keys), BlindIndex(keys, purpose="papers"))
    database = await Database.connect(settings.migrator_database_url.get_secret_value(), 2)
    try:
        if has_staff:
            await load_staff(database, vault, read_staff(settings.staff), clocks)
        if has_organisations:
            await load_organisations(database, vault, read_organisations(settings.organisations), clocks)
    finally:
        await database.close()
