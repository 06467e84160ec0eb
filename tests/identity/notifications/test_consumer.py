"""From the broker into the inbox: what comes twice is told of once, under identity's own permissions."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from fastapi import FastAPI

from chassis.bus import Bus, Outgoing
from chassis.consumer_group import ConsumerGroup
from chassis.db import Database
from chassis.ids import new_id
from chassis.topology import ensure_topology
from contracts.envelope import Envelope
from identity.app import CONSUMERS
from identity.settings import IdentitySettings
from tests.identity.notifications.test_inbox import make_event
from tests.support.servers import NATS_PASSWORD, nats
from tests.support.waiting import until


async def bus_of(url: str, user: str) -> Bus:
    bus = Bus(url, user, NATS_PASSWORD, name=f"test-{user}")
    await bus.start()
    await bus.connected()
    return bus


async def test_an_event_that_comes_twice_is_told_of_once(
    client: httpx2.AsyncClient,
    app: FastAPI,
    database: Database,
    settings: IdentitySettings,
    tmp_path: Path,
) -> None:
    with nats(tmp_path) as server:
        buses = [await bus_of(server.url(), user) for user in ("migrator", "health-book", "identity")]
        await ensure_topology(await buses[0].connected())
        group = ConsumerGroup(
            settings.database_url.get_secret_value(), database, buses[2], "identity", CONSUMERS, app.state
        )
        working = asyncio.create_task(group.run())
        citizen_id = new_id()
        for event in (make_event(citizen_id), make_event(citizen_id)):
            envelope = Envelope(
                id=new_id(),
                source=event.source,
                type=event.event_type,
                subject=event.aggregate_id,
                time=datetime.now(UTC),
                sequence="0" * 20,
                data=event.model_dump(mode="json"),
            )
            for _ in range(2):  # as after a lost acknowledgement: another message, the same event
                payload = envelope.model_dump_json().encode()
                await buses[1].publish(Outgoing(event.event_type, payload, str(new_id())))

        async def taken() -> int:
            async with database.connection() as connection:
                found: int = await connection.fetchval("select count(*) from notifications")
                return found

        async def waiting() -> bool:
            stream = (await buses[0].connected()).jetstream()
            info = await stream.consumer_info("HEALTH_BOOK", "identity--notifications")
            return info.num_pending == 0 and info.num_ack_pending == 0

        await until(waiting, what="everything is acknowledged")
        assert await taken() == 2
        group.stop()
        await asyncio.wait_for(working, 10)
        for bus in buses:
            await bus.close()
