"""What each NATS user may do, held against a real server."""

import asyncio
from collections.abc import AsyncIterator

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, DeliverPolicy

from chassis import topology
from chassis.topology import permissions_for
from deploy.local.nats import NatsServer
from tests.support.servers import NATS_PASSWORD
from tests.support.waiting import until


class Session:
    """One user's connection, and what the server refused it."""

    def __init__(self, client: Client, refused: list[str]) -> None:
        self.client, self.refused = client, refused
        self.js = client.jetstream(timeout=1)

    async def is_refused(self, subject: str, payload: bytes = b"{}") -> bool:
        """Whether the server refuses to take a publication on `subject`; what it takes, it answers."""
        before = len(self.refused)
        answers = await self.client.subscribe(inbox := self.client.new_inbox())
        await self.client.publish(subject, payload, reply=inbox)
        await until(lambda: len(self.refused) > before or answers.pending_msgs, what=subject)
        return len(self.refused) > before


@pytest.fixture
async def connect(nats_server: NatsServer) -> AsyncIterator[object]:
    clients: list[Client] = []

    async def as_user(user: str) -> Session:
        refused: list[str] = []

        async def on_error(error: Exception) -> None:
            refused.append(str(error))

        client = await nats.connect(
            nats_server.url(),
            user=user,
            password=NATS_PASSWORD,
            inbox_prefix=f"_INBOX.{user}",
            error_cb=on_error,
            allow_reconnect=False,
        )
        clients.append(client)
        return Session(client, refused)

    migrator = await as_user("migrator")
    await topology.ensure_topology(migrator.client)
    yield as_user
    for client in clients:
        await client.close()


async def test_topology_is_made_twice_without_change(connect) -> None:
    migrator = await connect("migrator")
    before = await migrator.js.stream_info("HEALTH_BOOK")
    await topology.ensure_topology(migrator.client)
    after = await migrator.js.stream_info("HEALTH_BOOK")
    assert after.created == before.created
    assert after.config.subjects == ["health-book.>"]
    consumer = await migrator.js.consumer_info("HEALTH_BOOK", "identity--notifications")
    assert consumer.config.filter_subjects == ["health-book.visit.recorded.v1"]
    assert migrator.refused == []


async def test_service_publishes_its_own_subjects_only(connect) -> None:
    book = await connect("health-book")
    assert (await book.js.publish("health-book.visit.recorded.v1", b"{}")).stream == "HEALTH_BOOK"
    assert await book.is_refused("identity.token.revoked.v1")
    assert await book.is_refused("health-book.visit.invented.v1")
    assert await book.is_refused("dead-letter.identity.notifications")
    assert await book.is_refused("$KV.legal-clock.offset_seconds", b"86400")


@pytest.mark.parametrize(
    "subject",
    [
        "$JS.API.STREAM.DELETE.HEALTH_BOOK",
        "$JS.API.STREAM.PURGE.HEALTH_BOOK",
        "$JS.API.STREAM.UPDATE.HEALTH_BOOK",
        "$JS.API.STREAM.CREATE.MINE",
        "$JS.API.STREAM.MSG.DELETE.HEALTH_BOOK",
        "$JS.API.STREAM.MSG.GET.HEALTH_BOOK",
        "$JS.API.STREAM.INFO.IDENTITY",
        "$JS.API.CONSUMER.DELETE.HEALTH_BOOK.identity--notifications",
        "$JS.API.CONSUMER.MSG.NEXT.HEALTH_BOOK.identity--notifications",
        "$JS.API.CONSUMER.CREATE.HEALTH_BOOK",
        "$JS.API.CONSUMER.CREATE.HEALTH_BOOK.mine",
        "$JS.API.CONSUMER.DURABLE.CREATE.HEALTH_BOOK.mine",
        "$JS.ACK.HEALTH_BOOK.identity--notifications.1.1.1.1.1",
    ],
)
async def test_producer_can_neither_destroy_nor_read_streams(connect, subject: str) -> None:
    book = await connect("health-book")
    assert await book.is_refused(subject)


async def test_consumer_pulls_and_acknowledges_its_own_messages(connect) -> None:
    book, identity = await connect("health-book"), await connect("identity")
    await book.js.publish("health-book.visit.recorded.v1", b"{}")
    subscription = await identity.js.pull_subscribe_bind(
        durable="identity--notifications", stream="HEALTH_BOOK"
    )
    for message in await subscription.fetch(100, timeout=2):
        await message.ack_sync()
    info = await subscription.consumer_info()
    assert (info.num_pending, info.num_ack_pending) == (0, 0)
    assert identity.refused == []
    assert await identity.is_refused("$JS.API.STREAM.DELETE.HEALTH_BOOK")


async def test_nobody_hears_anothers_answers_or_events(connect) -> None:
    gateway = await connect("gateway")
    for subject in ("_INBOX.identity.>", "health-book.>", ">", "$KV.>"):
        refusals = len(gateway.refused)
        await gateway.client.subscribe(subject)
        await until(lambda: len(gateway.refused) > refusals, what=subject)  # noqa: B023


async def test_only_the_sandbox_moves_legal_time(connect) -> None:
    sandbox, gateway = await connect("sandbox"), await connect("gateway")
    await sandbox.js.publish("$KV.legal-clock.offset_seconds", b"86400")
    found = await gateway.js.get_last_msg("KV_legal-clock", "$KV.legal-clock.offset_seconds", direct=True)
    assert found.data == b"86400"
    assert await gateway.is_refused("$KV.legal-clock.offset_seconds", b"0")


async def test_follower_may_make_a_consumer_of_the_broadcast_alone(connect) -> None:
    gateway = await connect("gateway")
    config = ConsumerConfig(
        name="mine",
        filter_subject="identity.token.revoked.v1",
        deliver_subject=gateway.client.new_inbox(),
        deliver_policy=DeliverPolicy.NEW,
    )
    assert (await gateway.js.add_consumer("IDENTITY", config=config)).name == "mine"
    wider = config.evolve(filter_subject="identity.>")
    with pytest.raises((nats.errors.TimeoutError, asyncio.TimeoutError)):
        await gateway.js.add_consumer("IDENTITY", config=wider)


def test_unknown_user_has_no_permissions() -> None:
    with pytest.raises(KeyError):
        permissions_for("nobody")
