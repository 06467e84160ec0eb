"""A request body on its way to a service: counted, framed, and never held whole."""

import asyncio

from chassis.errors import BodyTooLarge
from gateway.calls import Call
from gateway.forwarding.connection import Connection
from gateway.forwarding.failures import ClientGone, ClientStalled, UpstreamFailure
from gateway.problems import RequestTimeout

FIRST_PART_BYTES = 64 * 1024


class Body:
    """The body of one call.

    Its first part (the whole of most bodies) is taken before a connection to the service is, so that a
    caller that sends slowly holds nothing of the service.
    """

    __slots__ = ("_call", "_chunked", "_first", "_received_bytes", "_timeout_seconds", "framing", "is_whole")

    def __init__(self, call: Call, timeout_seconds: float) -> None:
        length = call.head.content_length
        if length is not None and length > call.route.max_body_bytes:
            raise _too_large(call)
        self._call = call
        self._timeout_seconds = timeout_seconds
        self._first: bytes = b""
        self._received_bytes = 0
        self._chunked = length is None
        self.is_whole = False
        self.framing = b""

    async def receive_first(self) -> None:
        """Take up to 64 KiB of the body. Raises: BodyTooLarge, ClientGone, RequestTimeout."""
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self._timeout_seconds):
                while not self.is_whole and self._received_bytes < FIRST_PART_BYTES:
                    parts.append(await self._receive())
        except TimeoutError as failure:
            raise RequestTimeout(headers={"connection": "close"}) from failure
        self._first = b"".join(parts)
        if self._chunked and not self.is_whole:
            self.framing = b"\r\ntransfer-encoding: chunked"
            self._first = _chunk(self._first)
        else:
            length = self._received_bytes if self.is_whole else self._call.head.content_length
            self.framing = b"\r\ncontent-length: %d" % (length or 0)

    def take_first(self) -> bytes:
        first, self._first = self._first, b""
        return first

    async def send_rest(self, connection: Connection) -> None:
        """Send the rest as it comes; what goes wrong ends the exchange, and who waits for its answer
        learns it.
        """
        try:
            while not self.is_whole:
                data = await self._receive()
                if data:
                    await connection.write(_chunk(data) if self._chunked else data)
            if self._chunked:
                await connection.write(b"0\r\n\r\n")
            connection.whole_request_sent()
        except (BodyTooLarge, ClientGone) as failure:
            connection.fail(failure)
        except (UpstreamFailure, ClientStalled):
            return  # told already
        await watch_caller(self._call, connection)

    async def _receive(self) -> bytes:
        message = await self._call.receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        data: bytes = message["body"]
        self._received_bytes += len(data)
        if self._received_bytes > self._call.route.max_body_bytes:
            raise _too_large(self._call)
        self.is_whole = not message["more_body"]
        return data


async def watch_caller(call: Call, connection: Connection) -> None:
    """End the exchange when the caller goes away; cancelled when the exchange ends first."""
    while True:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            connection.fail(ClientGone())
            return


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def _too_large(call: Call) -> BodyTooLarge:
    return BodyTooLarge(extensions={"max_body_bytes": call.route.max_body_bytes})
