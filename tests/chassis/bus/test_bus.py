"""The connection of a process: publishing, following, watching; with the broker away and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from nats.js.errors import APIError

from chassis.bus import Bus, BusUnavailable, Outgoing, Taken
from chassis.ids import new_id
from chassis.topology import LEGAL_CLOCK_BUCKET, LEGAL_CLOCK_KEY, ensure_topology
from deploy.local.nats import NatsServer, NatsUser
from tests.support.servers import NATS_PASSWORD, free_port
from tests.support.waiting import until

VISIT = "health-book.visit.recorded.v1"
REVOKED = "identity.token.revoked.v1"


@asynccontextmanager
async def bus_of(server: NatsServer, user: str) -> AsyncIterator[Bus]:
    bus = Bus(server.url(), user, NATS_PASSWORD, name=f"test-{user}")
    await bus.start()
    yield bus
    await bus.close()


def outgoing(subject: str = VISIT) -> Outgoing:
    return Outgoing(subject, b"{}", str(new_id()))


@pytest.fixture
async def topology(nats_server: NatsServer) -> None:
    async with bus_of(nats_server, "migrator") as bus:
        await ensure_topology(await bus.connected())


@pytest.fixture
async def own_server(tmp_path) -> AsyncIterator[NatsServer]:
    """A server of this test's own, to be stopped and wiped; without permissions."""
    users = [NatsUser(name, NATS_PASSWORD) for name in ("migrator", "health-book", "identity")]
    server = NatsServer(tmp_path / "nats", free_port(), free_port(), users=users)
    server.start()
    yield server
    server.stop()


async def test_window_answers_each_message_in_order(nats_server: NatsServer, topology: None) -> None:
    async with bus_of(nats_server, "health-book") as bus:
        await bus.connected()
        first, twice = outgoing(), outgoing()
        results = await bus.publish_window([first, twice, twice])
        sequences = [result.sequence for result in results]
        assert sequences[0] < sequences[1] == sequences[2]
        assert [result.is_duplicate for result in results] == [False, False, True]


async def test_refused_message_does_not_hide_the_others(nats_server: NatsServer, topology: None) -> None:
    async with bus_of(nats_server, "health-book") as bus:
        await bus.connected()
        too_large = Outgoing(VISIT, b"x" * 2_000_000, str(new_id()))
        results = await bus.publish_window([outgoing(), too_large, outgoing()])
        assert not isinstance(results[0], Exception)
        assert isinstance(results[1], Exception)


async def test_what_the_stream_refuses_is_told_at_once(own_server: NatsServer) -> None:
    async with bus_of(own_server, "migrator") as bus:
        await ensure_topology(await bus.connected())
        js = await bus.jetstream()
        config = (await js.stream_info("HEALTH_BOOK")).config
        config.max_msg_size = 200
        await js.update_stream(config)
        started = asyncio.get_running_loop().time()
        answers = await bus.publish_window([outgoing(), Outgoing(VISIT, b"x" * 500, "2"), outgoing()])
        assert asyncio.get_running_loop().time() - started < 2
        assert [type(answer) for answer in answers] == [Taken, APIError, Taken]


async def test_publishing_without_a_stream_is_unavailable(own_server: NatsServer) -> None:
    async with bus_of(own_server, "health-book") as bus:
        await bus.connected()
        with pytest.raises(BusUnavailable):
            await bus.publish(outgoing())


async def test_process_starts_without_broker_and_connects_later(own_server: NatsServer) -> None:
    own_server.stop()
    async with bus_of(own_server, "health-book") as bus:
        assert not bus.is_connected
        assert isinstance((await bus.publish_window([outgoing()]))[0], BusUnavailable)
        own_server.start()
        async with bus_of(own_server, "migrator") as migrator:
            await ensure_topology(await migrator.connected())
        await asyncio.wait_for(bus.connected(), 10)
        assert (await bus.publish(outgoing())).sequence == 1


async def test_restart_of_the_broker_counts_an_epoch(own_server: NatsServer) -> None:
    async with bus_of(own_server, "migrator") as bus:
        await ensure_topology(await bus.connected())
        before = bus.epoch
        own_server.stop()
        await until(lambda: not bus.is_connected)
        own_server.start()
        await until(lambda: bus.is_connected)
        assert bus.epoch == before + 1


async def test_follower_hears_recent_and_live_broadcasts(nats_server: NatsServer, topology: None) -> None:
    async with bus_of(nats_server, "identity") as identity, bus_of(nats_server, "gateway") as gateway:
        await identity.connected()
        marks = [str(new_id()).encode() for _ in range(2)]
        heard: list[bytes] = []

        async def follow() -> None:
            async for message in gateway.follow(REVOKED, since=timedelta(minutes=15)):
                heard.append(message.data)

        await identity.publish(Outgoing(REVOKED, marks[0], str(new_id())))
        following = asyncio.create_task(follow())
        await until(lambda: marks[0] in heard)
        await identity.publish(Outgoing(REVOKED, marks[1], str(new_id())))
        await until(lambda: marks[1] in heard)
        following.cancel()


async def test_follower_hears_again_after_the_store_is_gone(own_server: NatsServer) -> None:
    async with bus_of(own_server, "identity") as bus, bus_of(own_server, "migrator") as migrator:
        await ensure_topology(await migrator.connected())
        heard: list[bytes] = []

        async def follow() -> None:
            async for message in bus.follow(REVOKED, since=timedelta(minutes=15)):
                heard.append(message.data)

        following = asyncio.create_task(follow())
        await bus.connected()
        await bus.publish(Outgoing(REVOKED, b"before", "1"))
        await until(lambda: b"before" in heard)
        own_server.stop()
        await until(lambda: not migrator.is_connected and not bus.is_connected)
        own_server.wipe()
        own_server.start()
        await ensure_topology(await migrator.connected())
        await bus.connected()
        await bus.publish(Outgoing(REVOKED, b"after", "2"))
        await until(lambda: b"after" in heard)
        following.cancel()


async def test_watcher_sees_the_value_and_its_changes(nats_server: NatsServer, topology: None) -> None:
    async with bus_of(nats_server, "sandbox") as sandbox, bus_of(nats_server, "identity") as identity:
        await sandbox.connected()
        await sandbox.put_value(LEGAL_CLOCK_BUCKET, LEGAL_CLOCK_KEY, b"60")
        seen: list[bytes] = []

        async def watch() -> None:
            async for value in identity.watch(LEGAL_CLOCK_BUCKET, LEGAL_CLOCK_KEY):
                seen.append(value)

        watching = asyncio.create_task(watch())
        await until(lambda: seen == [b"60"])
        await sandbox.put_value(LEGAL_CLOCK_BUCKET, LEGAL_CLOCK_KEY, b"120")
        await until(lambda: seen[-1] == b"120")
        watching.cancel()
