"""Publishes many messages to JetStream at once and collects what the stream says to each.

nats-py's `publish_async` is not used: it makes a task and a system call for each message, which was
three quarters of a relayed event's cost. Here a window goes out in few writes, and answers find their place
by their subject.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import APIError, NoStreamResponseError

_LOOK_SECONDS = 0.25


class BusUnavailable(Exception):
    """NATS did not answer in time, or the stream is not there (yet)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish. `message_id` lets JetStream drop a second copy within ten minutes."""

    subject: str
    payload: bytes
    message_id: str
    traceparent: str | None = None

    def headers(self) -> dict[str, str]:
        headers = {"Nats-Msg-Id": self.message_id}
        if self.traceparent:
            headers["traceparent"] = self.traceparent
        return headers


@dataclass(frozen=True, slots=True)
class Taken:
    """The stream has the message, under this sequence; `is_duplicate` when it had it before."""

    sequence: int
    is_duplicate: bool


Answer = Taken | Exception


class _Window:
    """Messages under way together; `done` is set when each has its answer."""

    def __init__(self, size: int) -> None:
        self.answers: list[Answer | None] = [None] * size
        self.done = asyncio.Event()
        self._open = size

    def put(self, index: int, answer: Answer) -> None:
        if self.answers[index] is None:
            self.answers[index] = answer
            self._open -= 1
            if self._open == 0:
                self.done.set()


class Publisher:
    """Publishes over one client; `open` first."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._windows: dict[str, _Window] = {}
        self._numbers = count()

    async def open(self) -> None:
        """Listen to the answers; once per client, whose reconnections keep it."""
        await self._client.subscribe(f"{self._inbox}.*.*", cb=self._take)

    async def publish(
        self, messages: Sequence[Outgoing], *, seconds: float, is_alive: Callable[[], bool]
    ) -> list[Answer]:
        """Return the stream's answers in order, after at most `seconds` or when `is_alive` says no.

        An exception in place of an answer means that this message is not known to be stored.
        """
        if not messages:
            return []
        number, window = str(next(self._numbers)), _Window(len(messages))
        self._windows[number] = window
        try:
            for index, message in enumerate(messages):
                try:
                    await self._client.publish(
                        message.subject,
                        message.payload,
                        reply=f"{self._inbox}.{number}.{index}",
                        headers=message.headers(),
                    )
                except (nats.errors.Error, OSError) as failure:
                    window.put(index, failure)
            until = asyncio.get_running_loop().time() + seconds
            while not window.done.is_set() and is_alive() and asyncio.get_running_loop().time() < until:
                try:
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await window.done.wait()
                except TimeoutError:
                    continue
        finally:
            del self._windows[number]
        return [BusUnavailable("no answer") if answer is None else answer for answer in window.answers]

    async def _take(self, message: Msg) -> None:
        _, number, index = message.subject.rsplit(".", 2)
        window = self._windows.get(number)
        if window is not None:
            window.put(int(index), _answer(message))


def _answer(message: Msg) -> Answer:
    if message.headers and message.headers.get("Status") == "503":
        return NoStreamResponseError()
    said = orjson.loads(message.data)
    if "error" in said:
        error = said["error"]
        return APIError(error.get("code"), error.get("description"), error.get("err_code"))
    return Taken(said["seq"], said.get("duplicate", False))
