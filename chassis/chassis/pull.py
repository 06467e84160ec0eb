"""Pulls the messages of one durable consumer, ready to be worked on in order.

nats-py's `fetch` is not used: it holds a single live message back until its batch or its time is full, and it
cannot wait for a predecessor's messages.
"""

import asyncio
from contextlib import suppress

import nats.errors
import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chassis.bus import Bus, BusUnavailable

_BATCH = 100
_EXPIRES_SECONDS = 20.0
_ENDS_REQUEST = ("404", "408", "409")


class Pull:
    """One pulling session after the other: a new one begins after `close` and after each reconnection."""

    def __init__(self, bus: Bus, stream: str, durable: str) -> None:
        self._bus = bus
        self._stream, self._durable = stream, durable
        self._subscription: Subscription | None = None
        self._epoch = -1
        self._outstanding = 0
        self._requested_at = 0.0
        self._given_up = asyncio.Event()

    def give_up(self) -> None:
        """End waiting for a predecessor: the worker is told to stop."""
        self._given_up.set()

    async def next_batch(self, seconds: float) -> list[Msg]:
        """Return the messages that are there, waiting at most `seconds` for the first of them.

        Every message returned must be acknowledged, or the session closed, before the next call.

        Raises:
            BusUnavailable: the broker or the consumer is not there (yet).
        """
        if self._subscription is None or self._epoch != self._bus.epoch:
            await self._open()
        subscription = self._subscription
        assert subscription is not None  # noqa: S101 - opened above
        loop = asyncio.get_running_loop()
        if self._outstanding <= 0 or loop.time() - self._requested_at > _EXPIRES_SECONDS + 2:
            await self._request()
        messages: list[Msg] = []
        with suppress(nats.errors.TimeoutError):
            self._sort(await subscription.next_msg(timeout=seconds), messages)
        while subscription.pending_msgs and len(messages) < _BATCH:
            self._sort(await subscription.next_msg(timeout=1), messages)
        return messages

    async def lag(self) -> int:
        """Return how many messages wait for this consumer, those not acknowledged included.

        Raises:
            BusUnavailable: as `next_batch`.
        """
        info = await self._bus.consumer_state(self._stream, self._durable)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def close(self) -> None:
        """End the session; what was delivered and not acknowledged comes again in the next one."""
        subscription, self._subscription = self._subscription, None
        self._outstanding = 0
        if subscription is not None:
            with suppress(nats.errors.Error, OSError):
                await subscription.unsubscribe()

    async def _open(self) -> None:
        await self.close()
        epoch = self._bus.epoch
        await self._wait_for_predecessor()
        client = self._bus.client()
        self._subscription = await client.subscribe(client.new_inbox())
        self._epoch = epoch

    async def _wait_for_predecessor(self) -> None:
        """Wait until everything that was delivered before us and not acknowledged is due again.

        The broker delivers what is due again before newer messages, and what is not yet due after them:
        asking at once would put a crashed worker's messages behind later ones of the same aggregate.
        """
        info = await self._bus.consumer_state(self._stream, self._durable)
        if info.num_ack_pending:
            with suppress(TimeoutError):
                async with asyncio.timeout((info.config.ack_wait or 30.0) + 0.25):
                    await self._given_up.wait()
                raise BusUnavailable("stopping")

    async def _request(self) -> None:
        assert self._subscription is not None  # noqa: S101 - called with a session open
        client = self._bus.client()
        body = {"batch": _BATCH, "expires": int(_EXPIRES_SECONDS * 1e9)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}"
        await client.publish(subject, orjson.dumps(body), reply=self._subscription.subject)
        self._outstanding = _BATCH
        self._requested_at = asyncio.get_running_loop().time()

    def _sort(self, message: Msg, messages: list[Msg]) -> None:
        status = (message.headers or {}).get("Status")
        if not status:
            self._outstanding -= 1
            messages.append(message)
        elif status in _ENDS_REQUEST:
            self._outstanding = 0
        elif status == "503":
            self._outstanding = 0
            raise BusUnavailable(f"{self._stream}/{self._durable}")
