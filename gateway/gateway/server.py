"""uvicorn with the limits that a public edge needs and uvicorn leaves to a proxy in front of it.

Added to its httptools protocol: a bound on the request head while it arrives (431) and on the time it takes,
problems instead of plain text for what cannot be parsed, trailers that never become headers, a bound on
callers that do not read their answer, a bounded drain of a body that was refused, and a bound on connections.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis import metrics
from chassis import problem as problems
from chassis.errors import HeadersTooLarge, Problem
from chassis.logging import get_logger
from gateway.answers import OneWriteCycle
from gateway.problems import MalformedRequest, RequestTimeout

LINGER_SECONDS = 5.0
_FRAMING = (b"content-length", b"transfer-encoding")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """What one connection of a caller may take."""

    max_head_bytes: int
    max_request_line_bytes: int
    header_timeout_seconds: float
    client_timeout_seconds: float
    max_connections: int


class EdgeProtocol(HttpToolsProtocol):
    """One connection of a caller. `limits` is set by `edge_protocol`."""

    limits: EdgeLimits

    def __init__(self, *arguments: Any, **named: Any) -> None:  # Any: passed on to uvicorn as they are
        super().__init__(*arguments, **named)
        self._in_head = False
        self._in_message = False
        self._is_replaying_head = False
        self._framing_of_upgrade: bytes | None = None
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        if len(self.connections) > self.limits.max_connections:
            transport.close()
            return
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head_timer, self._write_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.parser is None or self.transport.is_closing():
            return
        counts = self._in_head or not self._in_message
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self._refuse(MalformedRequest())
            return
        if self._in_head:
            if counts:
                self._head_bytes += len(data)
            if self._head_bytes > self.limits.max_head_bytes:
                self._refuse(HeadersTooLarge())
            elif self._head_timer is None:
                self._start_head_timer()

    def on_message_begin(self) -> None:
        if self._is_replaying_head:
            return
        if self._linger_timer is not None:
            self.transport.close()  # answered with the word that this connection ends
        super().on_message_begin()
        self._in_head = self._in_message = True
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        if self._is_replaying_head:
            return
        super().on_url(url)
        if len(self.url) > self.limits.max_request_line_bytes:
            self._refuse(HeadersTooLarge())

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer, which must not join the fields that were judged
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._is_replaying_head:
            return
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self.transport.is_closing():
            return
        if not self.url.startswith(b"/"):
            self._refuse(MalformedRequest())
            return
        super().on_headers_complete()
        self.cycle.__class__ = OneWriteCycle
        if self.parser.should_upgrade():
            self._framing_of_upgrade = next(
                (b"%b: %b" % field for field in self.headers if field[0] in _FRAMING and field[1] != b"0"),
                None,
            )

    def on_body(self, body: bytes) -> None:
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._framing_of_upgrade is not None:
            return  # the body is still to come
        self._in_message = False
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None
            if not self.cycle.keep_alive:
                self.transport.close()
        if self.cycle is not None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            # Answered before the body was whole (408, 413): read on for a moment, then close.
            self._unset_keepalive_if_required()
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.limits.client_timeout_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.header_timeout_seconds, self._head_timed_out)

    def _head_timed_out(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._in_head:
            self._refuse(RequestTimeout())
        else:
            self.transport.close()  # connected and said nothing

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """Answer over HTTP/1.1 whoever offered another protocol, as RFC 9110 section 7.8 allows.

        Java's client offers HTTP/2 with every first request over plain HTTP, bodies included. The parser
        takes what follows the head for the other protocol; a new one is put where the body begins.
        """
        framing, self._framing_of_upgrade = self._framing_of_upgrade, None
        if framing is not None:
            self.parser = httptools.HttpRequestParser(self)
            self._is_replaying_head = True
            self.parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
            self._is_replaying_head = False
            self._in_message = True
        if rest:
            self.data_received(rest)

    def _refuse(self, problem: Problem) -> None:
        """Answer what never became a request, and close."""
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.disconnected:
            if self._in_head or not self._in_message or cycle.response_started or self.pipeline:
                self.transport.close()  # an earlier request is being answered: nothing may be put into that
                return
            cycle.disconnected = True  # its own body broke: this is its answer
            cycle.message_event.set()
        metrics.PROBLEMS.labels(problem.code).inc()
        log.info("request.refused", code=problem.code)
        language = next((v.decode("latin-1") for n, v in self.headers or () if n == b"accept-language"), None)
        rendered = problems.render(problem, instance="/", trace_id=None, accept_language=language)
        lines = [STATUS_LINE[rendered.status]]
        for name, value in rendered.headers:
            lines.append(f"{name}: {value}\r\n".encode("latin-1"))
        lines += [b"x-content-type-options: nosniff\r\nconnection: close\r\n\r\n", rendered.body]
        self.transport.write(b"".join(lines))
        self.transport.close()


def edge_protocol(edge_limits: EdgeLimits) -> type[EdgeProtocol]:
    """Return the protocol class with its limits, as uvicorn takes a class."""

    class LimitedProtocol(EdgeProtocol):
        limits = edge_limits

    return LimitedProtocol


class Listener(uvicorn.Server):
    """uvicorn without its own signal handling, so that two listeners share one orderly end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `assembly.serve`."""
        yield

    @asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serve for the length of the block; at its end finish accepted requests within the grace."""
        serving = asyncio.create_task(self.serve([listener]))
        try:
            yield
        finally:
            self.should_exit = True
            await serving


def keep_quiet_about_cut_answers() -> None:
    """Leave out uvicorn's line about a cut answer: the gateway has logged why, with the request's ids."""

    def keep(record: logging.LogRecord) -> bool:
        return "ASGI callable returned without" not in record.getMessage()

    logging.getLogger("uvicorn.error").addFilter(keep)
