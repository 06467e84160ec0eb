"""A service of the tests' own with the chassis tables, and a broker to each test that needs one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus
from chassis.db import Database
from chassis.topology import ensure_topology
from deploy.local.nats import NatsServer
from tests.support.databases import ServiceDatabase, ServiceDatabases
from tests.support.servers import NATS_PASSWORD, nats

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


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator["Broker"]:
    with nats(tmp_path) as server:
        broker = Broker(server)
        await broker.make_topology()
        yield broker
        await broker.close()


class Broker:
    """A NATS server of one test, and the connections made to it."""

    def __init__(self, server: NatsServer) -> None:
        self.server = server
        self._buses: list[Bus] = []

    async def bus(self, user: str) -> Bus:
        """Return a connected bus of `user`, closed at the end of the test."""
        bus = Bus(self.server.url(), user, NATS_PASSWORD, name=f"test-{user}")
        self._buses.append(bus)
        await bus.start()
        await bus.connected()
        return bus

    async def make_topology(self) -> None:
        """Do what the launcher does after each start of the broker."""
        bus = Bus(self.server.url(), "migrator", NATS_PASSWORD, name="test-migrator")
        await bus.start()
        await ensure_topology(await bus.connected())
        await bus.close()

    async def lose_store(self) -> None:
        """Stop the server, delete everything that it keeps, start it and make the topology anew."""
        self.server.stop()
        self.server.wipe()
        self.server.start()
        await self.make_topology()

    async def close(self) -> None:
        for bus in self._buses:
            await bus.close()
