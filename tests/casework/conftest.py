"""A service of the tests' own with the tables of `casework`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.db import Database
from tests.support.databases import ServiceDatabases

MIGRATIONS = Path(__file__).parent / "migrations"


@pytest.fixture
async def database(service_databases: ServiceDatabases) -> AsyncIterator[Database]:
    async with service_databases.clean("casework", MIGRATIONS) as migrated:
        database = await Database.connect(migrated.url, pool_size=12)
        yield database
        await database.close()
