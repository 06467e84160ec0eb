"""The relay between a real PostgreSQL and a real NATS."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from prometheus_client import REGISTRY

from chassis import outbox
from chassis.bus import Bus
from chassis.db import Database
from chassis.ids import new_id
from chassis.pull import Pull
from chassis.relay import Relay, windows
from contracts.envelope import Envelope
from tests.chassis.conftest import Broker
from tests.chassis.events.factories import announce, make_event, unpublished
from tests.support.databases import ServiceDatabase
from tests.support.servers import NATS_PASSWORD
from tests.support.waiting import until


@asynccontextmanager
async def relaying(bus: Bus, url: str, database: Database | None = None) -> AsyncIterator[Relay]:
    relay = Relay(url, bus, "health-book")
    if database is not None:
        database.after_commit(relay.nudge)
    task = asyncio.create_task(relay.run())
    yield relay
    relay.stop()
    await asyncio.wait_for(task, 10)


async def stream_of(broker: Broker) -> list[Envelope]:
    """Return everything in the stream, in its order, as identity's consumer is told it."""
    total = (await (await broker.bus("health-book")).stream_state("HEALTH_BOOK")).state.messages
    pull = Pull(await broker.bus("identity"), "HEALTH_BOOK", "identity--notifications")
    found: list[Envelope] = []

    async def is_read() -> bool:
        for message in await pull.next_batch(0.2):
            envelope = Envelope.model_validate_json(message.data)
            assert message.headers is not None
            assert message.headers["Nats-Msg-Id"] == str(envelope.id)
            assert message.headers.get("traceparent") == envelope.traceparent
            found.append(envelope)
            await message.ack()
        return len(found) == total

    await until(is_read)
    await pull.close()
    return found


async def test_committed_event_is_published_with_its_id_and_place(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    event = make_event()
    (event_id,) = await announce(database, event)
    async with relaying(await broker.bus("health-book"), chassis_database.url):
        await until(lambda: is_zero(unpublished(database)))
    (envelope,) = await stream_of(broker)
    assert (envelope.id, envelope.subject) == (event_id, str(event.visit_id))
    assert envelope.type == "health-book.visit.recorded.v1"
    assert envelope.data == orjson.loads(event.model_dump_json())
    async with database.connection() as connection:
        row = await connection.fetchrow("select position, stream_sequence from outbox")
    assert int(envelope.sequence) == row["position"]
    assert row["stream_sequence"] == 1


async def is_zero(count) -> bool:
    return await count == 0


async def test_rolled_back_event_is_never_published(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    async def fail() -> None:
        async with database.transaction() as db:
            await outbox.add(db, make_event())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    (kept,) = await announce(database, make_event())
    async with relaying(await broker.bus("health-book"), chassis_database.url):
        await until(lambda: is_zero(unpublished(database)))
    assert [envelope.id for envelope in await stream_of(broker)] == [kept]


async def test_trace_of_the_cause_travels_with_the_event(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    context = SpanContext(0x0123456789ABCDEF0123456789ABCDEF, 0x1122334455667788, False, TraceFlags(1))
    with trace.use_span(NonRecordingSpan(context)):
        await announce(database, make_event())
    async with relaying(await broker.bus("health-book"), chassis_database.url):
        await until(lambda: is_zero(unpublished(database)))
    (envelope,) = await stream_of(broker)
    assert envelope.traceparent == "00-0123456789abcdef0123456789abcdef-1122334455667788-01"


async def test_commit_of_this_process_is_relayed_at_once(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    async with relaying(await broker.bus("health-book"), chassis_database.url, database) as relay:
        await until(lambda: relay.lanes.held)
        started = asyncio.get_running_loop().time()
        await announce(database, make_event())
        await until(lambda: is_zero(unpublished(database)))
        assert asyncio.get_running_loop().time() - started < 0.4


async def test_several_workers_share_lanes_and_keep_order(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    visits = [new_id() for _ in range(40)]
    bus = await broker.bus("health-book")
    async with (
        relaying(bus, chassis_database.url) as first,
        relaying(await broker.bus("health-book"), chassis_database.url) as second,
    ):
        await until(lambda: len(first.lanes.held) == len(second.lanes.held) == 8)
        assert first.lanes.held | second.lanes.held == set(range(16))
        for version in range(1, 11):
            async with database.transaction() as db:
                for visit_id in visits:
                    await outbox.add(db, make_event(visit_id=visit_id, version=version))
        await until(lambda: is_zero(unpublished(database)))
    assert_complete_and_ordered(await stream_of(broker), visits, 10)


def assert_complete_and_ordered(stream: list[Envelope], visits: list, versions: int) -> None:
    """Each visit's versions 1 to n are there, in order, once each."""
    found = {str(visit_id): [] for visit_id in visits}
    for envelope in stream:
        found[envelope.subject].append(envelope.data["version"])
    assert all(seen == list(range(1, versions + 1)) for seen in found.values())


async def test_lanes_of_a_dead_worker_are_taken_over(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    doomed = Relay(chassis_database.url, await broker.bus("health-book"), "health-book")
    task = asyncio.create_task(doomed.run())
    await until(lambda: len(doomed.lanes.held) == 16)
    async with relaying(await broker.bus("health-book"), chassis_database.url) as heir:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: len(heir.lanes.held) == 16)


async def test_refused_event_holds_back_its_own_aggregate_only(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    sick, well = new_id(), new_id()
    await announce(database, make_event(visit_id=sick, detail_url="x" * 2_000_000))
    await announce(database, make_event(visit_id=sick, version=2), make_event(visit_id=well))
    async with relaying(await broker.bus("health-book"), chassis_database.url):
        async with database.connection() as connection:
            await until(lambda: published_versions(connection, well))
            assert await published_versions(connection, sick) == []
            await connection.execute(
                "update outbox set data = jsonb_set(data::jsonb, '{detail_url}', '\"/v1\"')"
                " where aggregate_id = $1",
                str(sick),
            )
        await until(lambda: is_zero(unpublished(database)))
    stream = await stream_of(broker)
    assert [e.data["version"] for e in stream if e.subject == str(sick)] == [1, 2]


async def published_versions(connection, visit_id) -> list[int]:
    rows = await connection.fetch(
        "select (data ->> 'version')::int from outbox where aggregate_id = $1 and published_at is not null",
        str(visit_id),
    )
    return [row[0] for row in rows]


async def test_events_wait_while_the_broker_is_away(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    visits = [new_id() for _ in range(5)]
    async with relaying(await broker.bus("health-book"), chassis_database.url, database) as relay:
        await until(lambda: relay.lanes.held)
        broker.server.stop()
        for version in range(1, 4):
            await announce(database, *(make_event(visit_id=v, version=version) for v in visits))
        assert await unpublished(database) == 15
        broker.server.start()
        await until(lambda: is_zero(unpublished(database)))
    assert_complete_and_ordered(await stream_of(broker), visits, 3)


async def test_lost_store_is_filled_again_from_the_outbox(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    visits = [new_id() for _ in range(20)]
    async with (
        relaying(await broker.bus("health-book"), chassis_database.url, database),
        relaying(await broker.bus("health-book"), chassis_database.url, database),
    ):
        for version in range(1, 4):
            await announce(database, *(make_event(visit_id=v, version=version) for v in visits))
        await until(lambda: is_zero(unpublished(database)))
        await broker.lose_store()
        await announce(database, *(make_event(visit_id=v, version=4) for v in visits))
        await until(lambda: is_complete(broker, 80))
        await until(lambda: is_zero(unpublished(database)))
    stream = await stream_of(broker)
    assert set(Counter(envelope.subject for envelope in stream).values()) == {4}
    assert_complete_and_ordered(stream, visits, 4)


async def is_complete(broker: Broker, count: int) -> bool:
    bus = await broker.bus("health-book")
    found = (await bus.stream_state("HEALTH_BOOK")).state.messages == count
    await bus.close()
    return found


async def test_tail_that_the_broker_forgot_is_published_again(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    bus = await broker.bus("health-book")
    async with relaying(bus, chassis_database.url):
        await announce(database, *(make_event() for _ in range(5)))
        await until(lambda: is_zero(unpublished(database)))
    async with database.connection() as connection:
        # As if the stream had come back from a crash without its last three messages of seven.
        await connection.execute("update relay_state set last_sequence = 8")
        await connection.execute(
            "update outbox set stream_sequence = stream_sequence + 3 where stream_sequence > 2"
        )
    async with relaying(bus, chassis_database.url):
        await until(lambda: generation_is(database, 2))
        await until(lambda: is_zero(unpublished(database)))
    async with database.connection() as connection:
        again = await connection.fetch("select stream_sequence from outbox order by position")
    assert [row[0] for row in again] == [1, 2, 3, 4, 5]


async def generation_is(database: Database, generation: int) -> bool:
    async with database.connection() as connection:
        return await connection.fetchval("select generation from relay_state") == generation


async def test_figures_tell_the_age_of_the_oldest_event(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    broker.server.stop()
    await announce(database, make_event())
    async with database.connection() as connection:
        await connection.execute("update outbox set occurred_at = occurred_at - interval '90 seconds'")
    bus = Bus(broker.server.url(), "health-book", NATS_PASSWORD, name="test")
    await bus.start()
    async with relaying(bus, chassis_database.url):
        await until(lambda: (REGISTRY.get_sample_value("lienthong_outbox_age_seconds") or 0) >= 90)
        broker.server.start()
        await until(lambda: is_zero(unpublished(database)))
        await until(lambda: REGISTRY.get_sample_value("lienthong_outbox_age_seconds") == 0)
    await bus.close()


async def test_connection_to_postgres_is_made_again(
    broker: Broker, database: Database, chassis_database: ServiceDatabase
) -> None:
    async with relaying(await broker.bus("health-book"), chassis_database.url) as relay:
        await until(lambda: relay.lanes.held)
        async with database.connection() as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name like 'lienthong-relay%'"
            )
        await announce(database, make_event())
        await until(lambda: is_zero(unpublished(database)))


def test_window_holds_one_event_of_an_aggregate() -> None:
    rows = [{"aggregate_id": a, "n": n} for n, a in enumerate("abacab")]
    assert [[row["n"] for row in window] for window in windows(rows)] == [[0, 1, 3], [2, 5], [4]]
