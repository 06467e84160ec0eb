"""A running gateway with real services of the tests' own behind it, all on loopback in this process."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from chassis.testing import PUBLIC_URL, make_token, make_verifier
from gateway.assembly import Assembly, assembled, bind, public_config
from gateway.calls import Receive, Scope, Send
from gateway.server import Listener
from gateway.settings import GatewaySettings
from tests.support.waiting import until

Behaviour = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Seen:
    """One request as a service saw it."""

    method: str
    path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self.headers if key == name.encode()]


@dataclass
class Upstream:
    """A service under the test's control: records each request, then behaves as `behaviours` says of its
    path.
    """

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    is_ready: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/readyz":
            await answer(send, 200 if self.is_ready else 503, b"{}")
        elif scope["path"] == "/openapi.json":
            await answer(send, 200, json.dumps(self.document).encode())
        elif scope["path"] in self.behaviours:
            await self.behaviours[scope["path"]](scope, receive, send)
        else:
            seen = await self.record(scope, receive)
            if seen is None:
                return
            body = json.dumps({"method": seen.method, "path": seen.path, "bytes": len(seen.body)}).encode()
            await answer(send, 200, b"" if seen.method == "HEAD" else body)

    async def record(self, scope: Scope, receive: Receive) -> Seen | None:
        """Read the whole request and remember it; `None` when it broke off."""
        body = await read_body(receive)
        if body is None:
            return None
        raw_path: bytes = scope["raw_path"]
        query: bytes = scope["query_string"]
        seen = Seen(scope["method"], raw_path.decode(), query.decode(), list(scope["headers"]), body)
        self.seen.append(seen)
        return seen


async def read_body(receive: Receive) -> bytes | None:
    """Return the whole body of a request; `None` when it broke off."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """Send a whole answer."""
    given = headers if headers is not None else [(b"content-type", b"application/json")]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*given, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening(server: Listener) -> AsyncIterator[str]:
    """Run a server on a free port for the length of the block; give its address."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    async with server.listening(listener):
        await until(lambda: server.started, what="the server accepts")
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running_upstream() -> AsyncIterator[Upstream]:
    """Give a service that records what reaches it."""
    upstream = Upstream()
    config = uvicorn.Config(
        upstream,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    async with listening(Listener(config)) as url:
        upstream.url = url
        yield upstream


@dataclass
class Running:
    """A gateway that serves at `url`."""

    url: str
    assembly: Assembly
    client: httpx2.AsyncClient

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    async def raw(self, data: bytes, *, seconds: float = 5.0) -> bytes:
        """Send bytes on a new connection and return all that comes back until it is closed or silent."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        received = b""
        try:
            writer.write(data)
            await writer.drain()
            async with asyncio.timeout(seconds):
                while part := await reader.read(65536):
                    received += part
        except (TimeoutError, ConnectionError):
            return received
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return received


def make_gateway_settings(
    upstream_url: str, **overrides: Any
) -> GatewaySettings:  # Any: fields of the settings
    """Return settings in which every service of the slice is at one address."""
    values: dict[str, Any] = {
        "profile": "sandbox",
        "public_url": PUBLIC_URL,
        "identity_url": upstream_url,
        "health_book_url": upstream_url,
        "judicial_record_url": None,
        "dossier_url": None,
        "national_portal_sync_url": None,
        "sandbox_url": upstream_url,
        "nats_url": None,
        "otlp_endpoint": None,
        "key_directory": Path("/nonexistent"),
        "port": 1,
        "metrics_port": 2,
        "shutdown_seconds": 1,
        "address_burst": 100_000,
        "address_requests_per_minute": 6_000_000,
        "person_burst": 100_000,
        "person_requests_per_minute": 6_000_000,
    }
    return GatewaySettings(**{**values, **overrides})


@asynccontextmanager
async def running_gateway(
    upstream_url: str,
    **overrides: Any,  # Any: fields of the settings
) -> AsyncIterator[Running]:
    """Give a gateway that forwards to one address and knows the test key."""
    settings = make_gateway_settings(upstream_url, **overrides)
    async with assembled(settings, verifier=make_verifier("gateway")) as assembly:
        server = Listener(public_config(settings, assembly.gateway))
        async with listening(server) as url, httpx2.AsyncClient(base_url=url, timeout=10) as client:
            yield Running(url, assembly, client)


def citizen() -> dict[str, str]:
    """Return the header of a new citizen."""
    return {"authorization": f"Bearer {make_token(scopes=['health.read'])}"}


def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
