"""The connection to NATS JetStream, which survives the broker's absence, restart and loss of store.

Services never create or delete streams; `chassis.topology` does, as the migrator. Whoever uses the bus takes
`await bus.jetstream()` inside its own retry loop and looks at `bus.epoch` to learn that the connection was
lost in between. nats-py's KV watcher and ordered consumers are not used: they need leave to create any
consumer on the stream; a core subscription and a filtered, named consumer need exact permissions only.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy, StreamInfo
from prometheus_client import Gauge

from chassis.ids import new_id
from chassis.logging import get_logger
from chassis.publishing import Answer, BusUnavailable, Outgoing, Publisher, Taken
from chassis.topology import USERS, ensure_topology, permissions_for
from contracts import catalogue

__all__ = ["USERS", "Bus", "BusUnavailable", "Outgoing", "Taken", "ensure_topology", "permissions_for"]

log = get_logger(__name__)
CONNECTED = Gauge("lienthong_bus_connected", "1 while the connection to NATS is up.")
_ANSWER_SECONDS = 5.0
_HEARTBEAT_SECONDS = 2.0
_RETRY_SECONDS = 0.25


class Bus:
    """One process' connection: made, and made again, in the background."""

    def __init__(self, url: str, user: str | None = None, password: str | None = None, *, name: str) -> None:
        self._url, self._user, self._password, self._name = url, user, password, name
        self._client: Client | None = None
        self._js: JetStreamContext | None = None
        self._publisher: Publisher | None = None
        self._connected = asyncio.Event()
        self._is_silent = False
        self._keeper: asyncio.Task[None] | None = None
        self.epoch = 0
        """Counts the connections made so far; a change means that what was in flight may be lost."""

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up at this moment."""
        return self._connected.is_set()

    async def start(self) -> None:
        """Begin to connect; never waits and never fails, since services run without a broker."""
        self._keeper = asyncio.create_task(self._keep_connected(), name="bus")

    async def close(self) -> None:
        """Send what is buffered and close."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        client, self._client, self._js, self._publisher = self._client, None, None, None
        self._connected.clear()
        CONNECTED.set(0)
        if client is not None and not client.is_closed:
            with suppress(nats.errors.Error, TimeoutError, OSError):
                await client.flush(timeout=2)
            await client.close()

    async def connected(self) -> Client:
        """Wait until the connection is up and return nats-py's client."""
        while True:
            await self._connected.wait()
            if self._client is not None and self._client.is_connected:
                return self._client
            await asyncio.sleep(_RETRY_SECONDS)

    def client(self) -> Client:
        """Return nats-py's client as long as it is connected.

        Raises:
            BusUnavailable: it is not, at this moment.
        """
        if self._client is None or not self.is_connected or not self._client.is_connected:
            raise BusUnavailable("not connected")
        return self._client

    async def jetstream(self) -> JetStreamContext:
        """Wait until the connection is up and return its JetStream context."""
        await self.connected()
        if self._js is None:
            raise BusUnavailable("closing")
        return self._js

    async def publish(self, message: Outgoing) -> Taken:
        """Publish one message and wait until the stream has it.

        Raises:
            BusUnavailable: not stored as far as we know; publish it again with the same `message_id`.
        """
        (answer,) = await self.publish_window([message])
        if isinstance(answer, Exception):
            raise BusUnavailable(message.subject) from answer
        return answer

    async def publish_window(self, messages: Sequence[Outgoing]) -> list[Answer]:
        """Publish all messages without waiting in between; return what the stream said to each, in order.

        An exception in place of an answer means that this message is not known to be stored.
        """
        publisher, epoch = self._publisher, self.epoch
        if publisher is None or not self.is_connected:
            return [BusUnavailable("not connected") for _ in messages]
        return await publisher.publish(
            messages, seconds=_ANSWER_SECONDS, is_alive=lambda: self.is_connected and self.epoch == epoch
        )

    async def follow(self, subject: str, since: timedelta = timedelta(0)) -> AsyncIterator[Msg]:
        """Yield the messages of a broadcast subject: those of the last `since`, then live ones; never ends.

        Every process hears every message, nothing is acknowledged. After a lost connection the last `since`
        is told again, so the caller must not mind hearing a message twice.
        """
        entry = catalogue.entry_of(subject)
        while True:
            client = await self.connected()
            epoch, inbox = self.epoch, client.new_inbox()
            try:
                subscription = await client.subscribe(inbox)
                await self._consume_into(inbox, entry, since)
                heard_at = time.monotonic()
                while self.epoch == epoch and time.monotonic() - heard_at < _HEARTBEAT_SECONDS * 2.5:
                    message = await _next(subscription)
                    if message is not None:
                        heard_at = time.monotonic()
                        if not (message.headers and message.headers.get("Status")):
                            yield message
                await subscription.unsubscribe()
            except (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError) as failure:
                log.debug("bus.follow_interrupted", subject=subject, error_type=type(failure).__name__)
                await asyncio.sleep(_RETRY_SECONDS * 4)

    async def watch(self, bucket: str, key: str) -> AsyncIterator[bytes]:
        """Yield the value of a key: now, at each change and after each reconnection; never ends."""
        while True:
            client = await self.connected()
            epoch = self.epoch
            try:
                subscription = await client.subscribe(f"$KV.{bucket}.{key}")
                await client.flush()
                value = await self.value_of(bucket, key)
                if value is not None:
                    yield value
                while self.epoch == epoch and self.is_connected:
                    message = await _next(subscription)
                    if message is not None:
                        yield message.data
                await subscription.unsubscribe()
            except (nats.errors.Error, nats.js.errors.Error, BusUnavailable, OSError) as failure:
                log.debug("bus.watch_interrupted", bucket=bucket, error_type=type(failure).__name__)
                await asyncio.sleep(_RETRY_SECONDS * 4)

    async def value_of(self, bucket: str, key: str) -> bytes | None:
        """Return the value of a key, or None.

        Raises:
            BusUnavailable: the broker or the bucket is not there.
        """
        js = await self.jetstream()
        subject = f"$KV.{bucket}.{key}"
        try:
            found = await js.get_last_msg(f"KV_{bucket}", subject, direct=True)
        except nats.js.errors.NotFoundError:
            return None
        except (nats.errors.Error, nats.js.errors.Error) as failure:
            raise BusUnavailable(subject) from failure
        return found.data

    async def put_value(self, bucket: str, key: str, value: bytes) -> None:
        """Set the value of a key.

        Raises:
            BusUnavailable: not known to be stored.
        """
        await self.publish(Outgoing(f"$KV.{bucket}.{key}", value, str(new_id())))

    async def stream_state(self, stream: str) -> StreamInfo:
        """Return what the broker knows of a stream.

        Raises:
            BusUnavailable: the broker or the stream is not there (yet).
        """
        if self._js is None or not self.is_connected:
            raise BusUnavailable("not connected")
        try:
            return await self._js.stream_info(stream)
        except (nats.errors.Error, nats.js.errors.Error) as failure:
            raise BusUnavailable(stream) from failure

    async def consumer_state(self, stream: str, durable: str) -> ConsumerInfo:
        """Return what the broker knows of a durable consumer.

        Raises:
            BusUnavailable: the broker, the stream or the consumer is not there (yet).
        """
        if self._js is None or not self.is_connected:
            raise BusUnavailable("not connected")
        try:
            found: ConsumerInfo = await self._js.consumer_info(stream, durable)
        except (nats.errors.Error, nats.js.errors.Error) as failure:
            raise BusUnavailable(f"{stream}/{durable}") from failure
        return found

    async def _consume_into(self, inbox: str, entry: catalogue.EventEntry, since: timedelta) -> None:
        """Make an unacknowledged consumer of one subject that delivers into `inbox` and ends with us."""
        js = await self.jetstream()
        start = datetime.now(UTC) - since
        await js.add_consumer(
            entry.stream,
            config=ConsumerConfig(
                name=f"follow-{new_id().hex}",
                deliver_subject=inbox,
                deliver_policy=DeliverPolicy.BY_START_TIME,
                opt_start_time=start,
                ack_policy=AckPolicy.NONE,
                filter_subject=entry.subject,
                idle_heartbeat=_HEARTBEAT_SECONDS,
                inactive_threshold=60.0,
                max_deliver=1,
                mem_storage=True,
                num_replicas=1,
            ),
        )

    async def _keep_connected(self) -> None:
        """Connect, and connect anew should nats-py ever give a connection up (it does on some errors)."""
        while True:
            closed = asyncio.Event()
            client = Client()
            await self._connect(client, closed)
            self._client, self._js = client, client.jetstream(timeout=_ANSWER_SECONDS)
            self._publisher = Publisher(client)
            await self._publisher.open()
            self._up()
            try:
                await closed.wait()
            finally:
                self._down()

    async def _connect(self, client: Client, closed: asyncio.Event) -> None:
        async def on_error(error: Exception) -> None:
            # While the broker is away there is one of these per attempt: only the first says something new.
            if self.is_connected or not self._is_silent:
                self._is_silent = not self.is_connected
                log.warning("bus.error", error=str(error) or type(error).__name__)

        async def on_disconnect() -> None:
            self._down()

        async def on_reconnect() -> None:
            self._up()

        async def on_close() -> None:
            closed.set()

        try:
            await client.connect(
                self._url,
                user=self._user,
                password=self._password,
                name=self._name,
                inbox_prefix=f"_INBOX.{self._user}" if self._user else "_INBOX",
                connect_timeout=2,
                reconnect_time_wait=_RETRY_SECONDS,  # type: ignore[arg-type]  # seconds, fractions work
                max_reconnect_attempts=-1,
                ping_interval=5,
                max_outstanding_pings=2,
                error_cb=on_error,
                disconnected_cb=on_disconnect,
                reconnected_cb=on_reconnect,
                closed_cb=on_close,
            )
        except asyncio.CancelledError:
            await client.close()
            raise

    def _up(self) -> None:
        self.epoch += 1
        self._is_silent = False
        self._connected.set()
        CONNECTED.set(1)
        log.info("bus.connected", epoch_count=self.epoch)

    def _down(self) -> None:
        if self.is_connected:
            log.warning("bus.disconnected", epoch_count=self.epoch)
        self._connected.clear()
        CONNECTED.set(0)


async def _next(subscription: Subscription) -> Msg | None:
    """Return the next message, or None after a second without one."""
    try:
        return await subscription.next_msg(timeout=1.0)
    except nats.errors.TimeoutError:
        return None
