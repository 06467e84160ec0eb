"""One keep-alive HTTP/1.1 connection to a service, on uvloop and httptools.

A connection carries one exchange at a time and goes back to its pool only when the request was written
whole and the answer read whole; whatever looks different (bytes nobody asked for, an early answer, a
broken frame) closes it, since a connection out of step would hand one caller another caller's answer.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import httptools

from gateway.forwarding.failures import (
    AnswerTimeout,
    AnswerUnreadable,
    ClientStalled,
    ConnectionLost,
)

HIGH_WATER_BYTES = 256 * 1024
MAX_ANSWER_HEAD_BYTES = 64 * 1024
SLOW_SECONDS = 0.5


class Connection(asyncio.Protocol):
    """One connection. `on_lost` is told once when it is gone."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_lost: Callable[["Connection"], None]) -> None:
        self._loop = loop
        self._on_lost = on_lost
        self._parser = httptools.HttpResponseParser(self)
        self.transport: asyncio.Transport
        self.closed = False
        self.busy = False
        self.idle_since = 0.0
        self._can_write = True
        self._write_waiter: asyncio.Future[None] | None = None
        self._read_waiter: asyncio.Future[None] | None = None
        self._chunks: deque[bytes] = deque()
        self._reset()

    def _reset(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.head: asyncio.Future[None] | None = None
        self.request_sent = False
        self.deadline_at = 0.0
        self.last_activity_at = 0.0
        self.read_timeout_seconds = 0.0
        self.client_timeout_seconds = 0.0
        self.on_slow: Callable[[], None] | None = None
        self._answered = False
        self._complete = False
        self._framed = False
        self._close_delimited = False
        self._keep_alive = False
        self._failure: BaseException | None = None
        self._buffered_bytes = 0
        self._head_bytes = 0
        self._reading_paused = False

    # The exchange, as the forwarder drives it.

    def begin(
        self,
        data: bytes,
        *,
        whole: bool,
        read_timeout_seconds: float,
        client_timeout_seconds: float,
        deadline_at: float,
    ) -> asyncio.Future[None]:
        """Write the request head (and its whole body when `whole`); the future is done at the answer's
        head.
        """
        self._reset()
        self.busy = True
        self.request_sent = whole
        self.read_timeout_seconds = read_timeout_seconds
        self.client_timeout_seconds = client_timeout_seconds
        self.deadline_at = deadline_at
        self.last_activity_at = self._loop.time()
        self.head = self._loop.create_future()
        if self.closed:
            self.head.set_exception(ConnectionLost("closed while idle"))
        else:
            self.transport.write(data)
        return self.head

    async def write(self, data: bytes) -> None:
        """Write a part of the body and wait while the service reads slower than the caller sends.

        Raises: UpstreamFailure when the exchange has failed meanwhile.
        """
        if self._failure is not None:
            raise self._failure
        self.last_activity_at = self._loop.time()
        self.transport.write(data)
        if not self._can_write:
            self._write_waiter = self._loop.create_future()
            await self._write_waiter
            if self._failure is not None:
                raise self._failure

    def whole_request_sent(self) -> None:
        self.request_sent = True
        self.last_activity_at = self._loop.time()

    @property
    def is_complete(self) -> bool:
        """The answer has arrived whole (parts of it may still wait to be read)."""
        return self._complete

    async def read(self) -> bytes:
        """Return what of the body has arrived, waiting for some; `b""` at its end.

        Raises: UpstreamFailure when the answer breaks off.
        """
        while not self._chunks:
            if self._complete:
                return b""
            if self._failure is not None:
                raise self._failure
            self._read_waiter = self._loop.create_future()
            await self._read_waiter
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._buffered_bytes = 0
        if self._reading_paused:
            self._reading_paused = False
            self.last_activity_at = self._loop.time()
            if not self.closed:
                self.transport.resume_reading()
        return data

    def end(self) -> bool:
        """Finish the exchange; true when the connection may carry another one."""
        reusable = (
            self._complete
            and self.request_sent
            and not self.closed
            and not self._close_delimited
            and self._failure is None
            and self._can_write
            and not self._reading_paused
            and self._keep_alive
        )
        self.busy = False
        self.head = None
        self.on_slow = None
        self._chunks.clear()
        if not reusable:
            self.close()
        return reusable

    def check(self, now: float) -> None:
        """Fail the exchange when a limit has passed. Called by the pool's sweep."""
        if self._complete or self._failure is not None:
            return
        waits_for_caller = not self.request_sent and self._can_write
        if now > self.deadline_at:
            self.fail(
                ClientStalled() if waits_for_caller else AnswerTimeout("deadline", answered=self._answered)
            )
        elif self._reading_paused:
            return
        elif not waits_for_caller:
            silence = now - self.last_activity_at
            if silence > self.read_timeout_seconds:
                self.fail(AnswerTimeout("silence", answered=self._answered))
            elif self.on_slow is not None and silence > SLOW_SECONDS:
                on_slow, self.on_slow = self.on_slow, None
                on_slow()
        elif now - self.last_activity_at > self.client_timeout_seconds:
            self.fail(ClientStalled())

    def fail(self, failure: BaseException) -> None:
        """End the exchange with `failure` and close the connection."""
        if self._failure is None and not self._complete:
            self._failure = failure
            if self.head is not None and not self.head.done():
                self.head.set_exception(failure)
            self._wake()
        self.close()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            if self.transport.get_write_buffer_size():
                self.transport.abort()
            else:
                self.transport.close()

    def _wake(self) -> None:
        for waiter in (self._read_waiter, self._write_waiter):
            if waiter is not None and not waiter.done():
                waiter.set_result(None)
        self._read_waiter = self._write_waiter = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream socket makes a Transport

    def data_received(self, data: bytes) -> None:
        if not self.busy or self._complete:
            # Bytes nobody asked for: whatever they are, they must not become the next caller's answer.
            self.fail(AnswerUnreadable("unsolicited"))
            return
        self._answered = True
        self.last_activity_at = self._loop.time()
        if not self.status:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fail(AnswerUnreadable("not HTTP/1.1", answered=True))
            return
        if not self.status and self._head_bytes > MAX_ANSWER_HEAD_BYTES:
            self.fail(AnswerUnreadable("head too large", answered=True))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self.busy and not self._complete and self._failure is None:
            if self._close_delimited and exc is None:
                self._complete = True
                self._wake()
            else:
                self.fail(ConnectionLost("closed by the service", answered=self._answered))
        self._can_write = True
        self._wake()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._can_write = False

    def resume_writing(self) -> None:
        self._can_write = True
        self.last_activity_at = self._loop.time()
        if self._write_waiter is not None and not self._write_waiter.done():
            self._write_waiter.set_result(None)
        self._write_waiter = None

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self._complete:
            raise httptools.HttpParserError("a second answer to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.status:
            return  # a trailer: none of ours means anything, and merged into the head it could mislead
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._framed = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            if status == 101:
                raise httptools.HttpParserError("switched protocols unasked")
            self.headers = []
            self._framed = False
            return
        self.status = status
        self._keep_alive = self._parser.should_keep_alive()
        self._close_delimited = not self._framed and status not in (204, 304)
        if self.head is not None and not self.head.done():
            self.head.set_result(None)

    def on_body(self, data: bytes) -> None:
        self._chunks.append(data)
        self._buffered_bytes += len(data)
        if self._buffered_bytes > HIGH_WATER_BYTES and not self._reading_paused:
            self._reading_paused = True
            self.transport.pause_reading()
        if self._read_waiter is not None:
            self._wake_reader()

    def on_message_complete(self) -> None:
        if not self.status:
            return  # the end of an interim answer
        self._complete = True
        if self._read_waiter is not None:
            self._wake_reader()

    def _wake_reader(self) -> None:
        waiter, self._read_waiter = self._read_waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
