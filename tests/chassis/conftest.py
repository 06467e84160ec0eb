"""A service of the tests' own: the chassis tables and one table of things."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.db import Database
from tests.support.databases import ServiceDatabase, ServiceDatabases

MIGRATIONS = Path(__file__).parent / "migrations"


@pytest.fixture
async def chassis_database(service_databases: ServiceDatabases) -> AsyncIterator[ServiceDatabase]:
    async with service_databases.clean("chassis", MIGRATIONS) as database:
        yield database


@pytest.fixture
async def database(chassis_database: ServiceDatabase) -> AsyncIterator[Database]:
    database = await Database.connect(chassis_database.url, pool_size=6)
    yield database
    await database.close()
