"""Consumers between a real NATS and a real PostgreSQL: order, exactly-once effects, failures and replay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from opentelemetry import trace
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import dead_letters
from chassis.bus import Bus, Outgoing
from chassis.consumer import Consumer, ConsumerNotInCatalogue, durables_of
from chassis.consumer_group import ConsumerGroup
from chassis.db import Database
from chassis.ids import new_id
from chassis.pull import Pull
from contracts.envelope import Envelope
from contracts.events.dossier import DossierChangedV1
from contracts.events.health_book import VisitRecordedV1
from contracts.events.judicial_record import (
    ApplicationChangedV1,
    CertificateIssuedV1,
    CertificateRevokedV1,
)
from tests.chassis.conftest import Broker
from tests.chassis.events.factories import make_event
from tests.support.databases import ServiceDatabase
from tests.support.waiting import until


class Effects:
    """A consumer whose effect is a row in `things`, and which fails for the visits it is told to."""

    def __init__(self) -> None:
        self.failing: set[UUID] = set()
        self.trace_ids: list[str] = []
        self.hold: asyncio.Event | None = None

    async def on_visit_recorded(
        self, db: AsyncSession, event: VisitRecordedV1, envelope: Envelope, app_state: Any
    ) -> None:
        name = f"{event.visit_id}/{event.version}"
        await db.execute(text("insert into things values (:id, :name)"), {"id": new_id(), "name": name})
        context = trace.get_current_span().get_span_context()
        self.trace_ids.append(trace.format_trace_id(context.trace_id))
        if self.hold is not None:
            await self.hold.wait()
        if event.visit_id in self.failing:
            raise RuntimeError("a text that may quote a person")

    def consumer(self, max_attempts: int = 10) -> Consumer:
        return Consumer(
            "notifications",
            dict.fromkeys(_LISTED, self.on_visit_recorded),
            max_attempts=max_attempts,
            longest_backoff_seconds=0.05,
        )


_LISTED = (
    VisitRecordedV1,
    ApplicationChangedV1,
    CertificateIssuedV1,
    CertificateRevokedV1,
    DossierChangedV1,
)
"""What the catalogue lists for the purpose; only visits are sent here."""


class Producer:
    """Publishes envelopes as health-book's relay does."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._position = 0

    async def send(self, event: VisitRecordedV1, **overrides: Any) -> Envelope:
        self._position += 1
        values: dict[str, Any] = {
            "id": new_id(),
            "source": event.source,
            "type": event.event_type,
            "subject": event.aggregate_id,
            "time": datetime.now(UTC),
            "sequence": f"{self._position:020d}",
            "data": event.model_dump(mode="json"),
        }
        envelope = Envelope(**{**values, **overrides})
        await self.send_raw(envelope.model_dump_json().encode())
        return envelope

    async def send_raw(self, payload: bytes) -> None:
        await self._bus.publish(Outgoing(VisitRecordedV1.event_type, payload, str(new_id())))


@pytest.fixture
async def producer(broker: Broker) -> Producer:
    return Producer(await broker.bus("health-book"))


@asynccontextmanager
async def consuming(
    broker: Broker, chassis_database: ServiceDatabase, database: Database, consumer: Consumer
) -> AsyncIterator[ConsumerGroup]:
    group = ConsumerGroup(
        chassis_database.url, database, await broker.bus("identity"), "identity", [consumer], None
    )
    task = asyncio.create_task(group.run())
    yield group
    group.stop()
    await asyncio.wait_for(task, 10)


async def effects_in(database: Database, visit_id: UUID | None = None) -> list[str]:
    """Return the names of the things, in the order in which they were made."""
    async with database.connection() as connection:
        rows = await connection.fetch("select name from things order by id")
    return [row[0] for row in rows if visit_id is None or row[0].startswith(str(visit_id))]


async def states(database: Database) -> list[str]:
    async with database.connection() as connection:
        return [row[0] for row in await connection.fetch("select state from inbox_failures order by id")]


async def is_settled(broker: Broker) -> bool:
    """Whether the broker has nothing more for the consumer: all delivered, all acknowledged."""
    js = await (await broker.bus("migrator")).jetstream()
    info = await js.consumer_info("HEALTH_BOOK", "identity--notifications")
    return (info.num_pending, info.num_ack_pending) == (0, 0)


async def test_event_has_its_effect_and_is_acknowledged(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    effects, event = Effects(), make_event()
    async with consuming(broker, chassis_database, database, effects.consumer()):
        await producer.send(event)
        await until(lambda: is_settled(broker))
    assert await effects_in(database) == [f"{event.visit_id}/1"]


async def test_same_event_twice_has_one_effect(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    event = make_event()
    async with consuming(broker, chassis_database, database, Effects().consumer()):
        envelope = await producer.send(event)
        await producer.send_raw(envelope.model_dump_json().encode())
        await until(lambda: is_settled(broker))
    assert await effects_in(database) == [f"{event.visit_id}/1"]


async def test_failed_event_leaves_nothing_and_is_tried_again(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    effects, event = Effects(), make_event()
    effects.failing.add(event.visit_id)
    async with consuming(broker, chassis_database, database, effects.consumer()):
        await producer.send(event)
        await until(lambda: len(effects.trace_ids) > 1)
        assert await effects_in(database) == []
        effects.failing.clear()
        await until(lambda: effects_in(database))
        assert await states(database) == ["replayed"]


async def test_later_events_of_a_failed_aggregate_wait_and_others_go_on(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    effects, sick, well = Effects(), new_id(), new_id()
    effects.failing.add(sick)
    async with consuming(broker, chassis_database, database, effects.consumer()):
        for version in range(1, 4):
            await producer.send(make_event(visit_id=sick, version=version))
            await producer.send(make_event(visit_id=well, version=version))
        await until(lambda: is_settled(broker))
        assert await effects_in(database, well) == [f"{well}/{version}" for version in range(1, 4)]
        assert await effects_in(database, sick) == []
        effects.failing.clear()
        await until(lambda: has_all(database, sick, 3))
    assert await effects_in(database, sick) == [f"{sick}/{version}" for version in range(1, 4)]


async def has_all(database: Database, visit_id: UUID, count: int) -> bool:
    return len(await effects_in(database, visit_id)) == count


async def test_dead_letter_stops_only_its_aggregate_and_is_replayed(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    effects, sick, well = Effects(), new_id(), new_id()
    effects.failing.add(sick)
    async with consuming(broker, chassis_database, database, effects.consumer(max_attempts=2)):
        dead = await producer.send(make_event(visit_id=sick, version=1))
        await producer.send(make_event(visit_id=sick, version=2))
        await until(lambda: states_are(database, ["dead", "waiting"]))
        await producer.send(make_event(visit_id=sick, version=3))
        await producer.send(make_event(visit_id=well, version=1))
        await until(lambda: has_all(database, well, 1))
        assert await effects_in(database, sick) == []

        async with database.transaction() as db:
            (letter,) = await dead_letters.list_dead(db)
        assert (letter.event_id, letter.attempts, letter.waiting_count) == (dead.id, 2, 2)
        assert letter.reason.startswith("RuntimeError at test_consumer.py:")
        assert "quote a person" not in letter.reason
        copy = await (await (await broker.bus("migrator")).jetstream()).stream_info("DEAD_LETTERS")
        assert copy.state.messages == 1

        effects.failing.clear()
        async with database.transaction() as db:
            assert await dead_letters.replay(db, dead.id) == 1
        await until(lambda: has_all(database, sick, 3))
    assert await effects_in(database, sick) == [f"{sick}/{version}" for version in range(1, 4)]
    async with database.transaction() as db:
        with pytest.raises(dead_letters.NoSuchDeadLetter):
            await dead_letters.replay(db, dead.id)


async def states_are(database: Database, expected: list[str]) -> bool:
    return await states(database) == expected


async def test_unreadable_message_is_dead_at_once_and_stops_nobody(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    event = make_event()
    async with consuming(broker, chassis_database, database, Effects().consumer()):
        await producer.send_raw(b"\x00 not an event")
        await producer.send(event)
        await until(lambda: is_settled(broker))
    assert await states(database) == ["dead"]
    assert await effects_in(database) == [f"{event.visit_id}/1"]


async def test_handler_runs_in_the_trace_of_the_cause(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    effects = Effects()
    async with consuming(broker, chassis_database, database, effects.consumer()):
        await producer.send(
            make_event(), traceparent="00-0123456789abcdef0123456789abcdef-1122334455667788-01"
        )
        await until(lambda: effects.trace_ids)
    assert effects.trace_ids == ["0123456789abcdef0123456789abcdef"]


async def test_successor_of_a_crashed_worker_keeps_order(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    await acknowledge_within(broker, 1.0)
    visit_id, crashing = new_id(), Effects()
    crashing.hold = asyncio.Event()
    doomed = ConsumerGroup(
        chassis_database.url, database, await broker.bus("identity"), "identity", [crashing.consumer()], None
    )
    task = asyncio.create_task(doomed.run())
    await producer.send(make_event(visit_id=visit_id, version=1))
    await producer.send(make_event(visit_id=visit_id, version=2))
    await until(lambda: crashing.trace_ids)
    task.cancel()  # in the midst of the first event: neither committed nor acknowledged
    await asyncio.gather(task, return_exceptions=True)
    assert await effects_in(database) == []
    await producer.send(make_event(visit_id=visit_id, version=3))
    async with consuming(broker, chassis_database, database, Effects().consumer()):
        await until(lambda: has_all(database, visit_id, 3))
    assert await effects_in(database) == [f"{visit_id}/{version}" for version in range(1, 4)]


async def test_worker_that_waits_for_a_predecessor_stops_at_once(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    await acknowledge_within(broker, 30.0)
    await producer.send(make_event())
    predecessor = Pull(await broker.bus("identity"), "HEALTH_BOOK", "identity--notifications")
    assert len(await predecessor.next_batch(5)) == 1
    async with consuming(broker, chassis_database, database, Effects().consumer()) as group:
        async with database.connection() as connection:
            await until(lambda: is_locked(connection))
        started = asyncio.get_running_loop().time()
        group.stop()
    assert asyncio.get_running_loop().time() - started < 5
    assert await effects_in(database) == []


async def test_worker_stops_at_once_while_the_broker_is_away(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    event = make_event()
    async with consuming(broker, chassis_database, database, Effects().consumer()) as group:
        await producer.send(event)
        await until(lambda: effects_in(database))
        bus = await broker.bus("identity")
        broker.server.stop()
        await until(lambda: not bus.is_connected)
        started = asyncio.get_running_loop().time()
        group.stop()
    assert asyncio.get_running_loop().time() - started < 5


async def is_locked(connection: asyncpg.Connection) -> bool:
    return await connection.fetchval("select count(*) from pg_locks where locktype = 'advisory'") > 0


async def test_figures_tell_of_lag_and_dead_letters(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    effects, event = Effects(), make_event()
    effects.failing.add(event.visit_id)
    labels = {"consumer": "identity.notifications@HEALTH_BOOK"}
    dead_before = REGISTRY.get_sample_value("lienthong_consumed_total", {**labels, "outcome": "dead"}) or 0
    async with consuming(broker, chassis_database, database, effects.consumer(max_attempts=1)):
        await producer.send(event)
        await until(lambda: REGISTRY.get_sample_value("lienthong_dead_letters", labels) == 1)
    assert REGISTRY.get_sample_value("lienthong_consumer_stalled", labels) == 1
    assert REGISTRY.get_sample_value("lienthong_consumer_lag", labels) is not None
    dead = REGISTRY.get_sample_value("lienthong_consumed_total", {**labels, "outcome": "dead"})
    assert dead == dead_before + 1


async def acknowledge_within(broker: Broker, seconds: float) -> None:
    js = await (await broker.bus("migrator")).jetstream()
    info = await js.consumer_info("HEALTH_BOOK", "identity--notifications")
    info.config.ack_wait = seconds
    await js.add_consumer("HEALTH_BOOK", config=info.config)


async def test_second_worker_is_idle_until_the_first_ends(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    first, second = Effects(), Effects()
    async with consuming(broker, chassis_database, database, second.consumer()):
        async with consuming(broker, chassis_database, database, first.consumer()):
            await producer.send(make_event())
            await until(lambda: first.trace_ids or second.trace_ids)
            active, idle = (first, second) if first.trace_ids else (second, first)
            await producer.send(make_event())
            await until(lambda: len(active.trace_ids) == 2)
            assert idle.trace_ids == []
        await producer.send(make_event())
        await until(lambda: len(first.trace_ids) + len(second.trace_ids) == 3)
        await until(lambda: is_settled(broker))


async def test_lost_store_is_taken_again_without_a_second_effect(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    events = [make_event() for _ in range(3)]
    async with consuming(broker, chassis_database, database, Effects().consumer()):
        envelopes = [await producer.send(event) for event in events]
        await until(lambda: is_settled(broker))
        await broker.lose_store()
        again = Producer(await broker.bus("health-book"))
        for envelope in envelopes:
            await again.send_raw(envelope.model_dump_json().encode())
        await again.send(make_event(visit_id=events[0].visit_id, version=2))
        await until(lambda: has_all(database, events[0].visit_id, 2))
        await until(lambda: is_settled(broker))
    assert len(await effects_in(database)) == 4


async def test_unavailable_database_costs_no_event(
    broker: Broker, producer: Producer, chassis_database: ServiceDatabase, database: Database
) -> None:
    await acknowledge_within(broker, 1.0)
    event = make_event()
    checks = await Database.connect(chassis_database.url, application_name="checks")
    async with consuming(broker, chassis_database, database, Effects().consumer()):
        await producer.send(make_event())
        await until(lambda: effects_in(checks))
        async with checks.connection() as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name like 'lienthong%'"
            )
        await producer.send(event)
        await until(lambda: has_all(checks, event.visit_id, 1))
        await until(lambda: is_settled(broker))
    await checks.close()


def test_consumer_that_the_catalogue_does_not_list_is_refused() -> None:
    with pytest.raises(ConsumerNotInCatalogue):
        durables_of("identity", Consumer("inventions", {VisitRecordedV1: Effects().on_visit_recorded}))
