"""A service that is away, silent, slow or broken: what the caller is told, and what is sent twice (almost
nothing).
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from gateway.calls import Receive, Scope, Send
from gateway.forwarding.breaker import BreakerState
from gateway.routes import ROUTES, Service
from tests.gateway.running import (
    Running,
    Upstream,
    answer,
    citizen,
    running_gateway,
    running_upstream,
    unused_port,
)
from tests.support.waiting import until


@pytest.fixture
def _short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every route wait 0.4 s for a byte and 0.9 s in all."""
    short = tuple(replace(route, read_timeout_seconds=0.4, total_timeout_seconds=0.9) for route in ROUTES)
    monkeypatch.setattr("gateway.assembly.ROUTES", short)


@pytest.fixture
async def impatient(_short_limits: None, upstream: Upstream) -> AsyncIterator[Running]:
    """A gateway with short time limits."""
    async with running_gateway(upstream.url, client_timeout_seconds=0.5) as running:
        yield running


def assert_unavailable(result: httpx2.Response) -> None:
    assert result.status_code == 503
    assert result.json()["code"] == "upstream_unavailable"
    assert result.json()["fault"] == "peer"
    assert result.headers["content-type"] == "application/problem+json"
    assert int(result.headers["retry-after"]) >= 1


async def test_service_that_is_away_is_a_503() -> None:
    async with running_gateway(f"http://127.0.0.1:{unused_port()}") as gateway:
        assert_unavailable(await gateway.client.get("/oauth2/jwks"))


async def test_service_without_an_address_is_a_503(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, health_book_url=None) as gateway:
        assert_unavailable(await gateway.client.get("/v1/me/health-book", headers=citizen()))


async def test_silent_service_is_a_503_in_time(impatient: Running, upstream: Upstream) -> None:
    upstream.behaviours["/v1/me"] = _never

    began = asyncio.get_running_loop().time()
    result = await impatient.client.get("/v1/me", headers=citizen())

    assert_unavailable(result)
    assert asyncio.get_running_loop().time() - began < 2


async def test_service_that_never_ends_its_answer_is_cut_at_the_deadline(
    impatient: Running, upstream: Upstream
) -> None:
    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await _tick(receive)) is None:
            await send({"type": "http.response.body", "body": b".", "more_body": True})

    upstream.behaviours["/v1/me"] = behaviour

    with pytest.raises(httpx2.RemoteProtocolError):
        await impatient.client.get("/v1/me", headers=citizen())


async def test_caller_that_stops_sending_its_body_is_a_408(impatient: Running, upstream: Upstream) -> None:
    token = citizen()["authorization"].encode()
    head = (
        b"POST /v1/facility-submissions HTTP/1.1\r\nhost: a\r\nauthorization: "
        + token
        + b"\r\ncontent-length: 100\r\n\r\n"
    )

    received = await impatient.raw(head + b"only this")

    assert received.startswith(b"HTTP/1.1 408")
    assert b'"code":"request_timeout"' in received
    assert upstream.seen == []


async def test_caller_that_stops_within_a_large_body_is_a_408(impatient: Running, upstream: Upstream) -> None:
    token = citizen()["authorization"].encode()
    head = (
        b"POST /v1/facility-submissions HTTP/1.1\r\nhost: a\r\nauthorization: "
        + token
        + b"\r\ncontent-length: 300000\r\n\r\n"
    )

    received = await impatient.raw(head + b"x" * 200_000)

    assert received.startswith(b"HTTP/1.1 408")


async def test_caller_that_sends_too_slowly_is_a_408_and_no_fault_of_the_service(
    impatient: Running, upstream: Upstream
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        for _ in range(20):
            await asyncio.sleep(0.1)  # the slowness itself is what is tested
            yield b"x"

    result = await impatient.client.post("/v1/facility-submissions", headers=citizen(), content=parts())

    assert result.status_code == 408
    assert impatient.assembly.pools[Service.HEALTH_BOOK].breaker._failures == 0


async def test_get_is_sent_once_more_when_the_connection_breaks_before_any_answer(upstream: Upstream) -> None:
    async with _breaking(times=1) as (address, requests), running_gateway(address) as gateway:
        result = await gateway.client.get("/oauth2/jwks")

    assert result.status_code == 200
    assert len(requests) == 2


async def test_get_is_not_sent_a_third_time(upstream: Upstream) -> None:
    async with _breaking(times=5) as (address, requests), running_gateway(address) as gateway:
        assert_unavailable(await gateway.client.get("/oauth2/jwks"))

    assert len(requests) == 2


async def test_post_is_never_sent_twice() -> None:
    async with _breaking(times=5) as (address, requests), running_gateway(address) as gateway:
        without_body = await gateway.client.post("/oauth2/token")
        with_body = await gateway.client.post("/oauth2/token", content=b"grant_type=x")

    assert_unavailable(without_body)
    assert_unavailable(with_body)
    assert len(requests) == 2


async def test_get_is_not_sent_again_once_a_byte_of_the_answer_came() -> None:
    async with (
        _breaking(times=5, after=b"HTTP/1.1 200 OK\r\nx") as (address, requests),
        running_gateway(address) as gateway,
    ):
        assert_unavailable(await gateway.client.get("/oauth2/jwks"))

    assert len(requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000,
    ],
    ids=["not http", "two lengths", "switching", "endless head"],
)
async def test_broken_answer_is_a_503(reply: bytes) -> None:
    async with _breaking(times=5, after=reply) as (address, _), running_gateway(address) as gateway:
        assert_unavailable(await gateway.client.get("/oauth2/jwks"))


async def test_bytes_after_an_answer_never_become_the_next_callers_answer() -> None:
    stray = (
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nmine"
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsomeone's"
    )
    async with (
        _breaking(times=1, after=stray, close=False) as (address, _),
        running_gateway(address) as gateway,
    ):
        results = [await gateway.client.get("/oauth2/jwks") for _ in range(3)]

    assert "someone's" not in [result.text for result in results]


async def test_answer_that_ends_with_the_connection_comes_through() -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end"
    async with _breaking(times=1, after=reply) as (address, _), running_gateway(address) as gateway:
        result = await gateway.client.get("/oauth2/jwks")

    assert (result.status_code, result.text) == (200, "until the end")


async def test_interim_answer_is_passed_over() -> None:
    reply = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    async with _breaking(times=1, after=reply) as (address, _), running_gateway(address) as gateway:
        result = await gateway.client.get("/oauth2/jwks")

    assert (result.status_code, result.text) == (200, "ok")
    assert "link" not in result.headers


async def test_breaker_opens_answers_at_once_and_closes_again() -> None:
    async with running_upstream() as upstream:
        address = upstream.url
    port = int(address.rsplit(":", 1)[1])
    async with running_gateway(address, breaker_threshold=3, breaker_first_seconds=0.3) as gateway:
        breaker = gateway.assembly.pools[Service.IDENTITY].breaker
        for _ in range(3):
            assert_unavailable(await gateway.client.get("/oauth2/jwks"))
        assert breaker.state is BreakerState.OPEN
        assert_unavailable(await gateway.client.get("/oauth2/jwks"))

        server = await asyncio.start_server(_polite, "127.0.0.1", port)
        async with server:
            result = await until(lambda: _good(gateway), what="the breaker closes")
            metrics = breaker.state

    assert result.status_code == 200
    assert metrics is BreakerState.CLOSED


async def test_an_error_status_is_an_answer_and_opens_no_breaker(
    gateway: Running, upstream: Upstream
) -> None:
    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await answer(send, 503, b"{}")

    upstream.behaviours["/v1/me"] = behaviour

    statuses = {(await gateway.client.get("/v1/me", headers=citizen())).status_code for _ in range(20)}

    assert statuses == {503}
    assert gateway.assembly.pools[Service.IDENTITY].breaker.state is BreakerState.CLOSED


async def test_one_service_down_leaves_the_others(upstream: Upstream) -> None:
    away = f"http://127.0.0.1:{unused_port()}"
    async with running_gateway(upstream.url, health_book_url=away) as gateway:
        down = await gateway.client.get("/v1/me/health-book", headers=citizen())
        up = await gateway.client.get("/v1/me", headers=citizen())

    assert (down.status_code, up.status_code) == (503, 200)


async def test_full_pool_is_overloaded_and_no_fault_of_the_service(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.behaviours["/v1/me"] = _never
    async with running_gateway(upstream.url, connections_per_service=2) as gateway:
        monkeypatch.setattr(gateway.assembly.pools[Service.IDENTITY], "_acquire_timeout_seconds", 0.2)
        waiting = [asyncio.create_task(gateway.client.get("/v1/me", headers=citizen())) for _ in range(2)]
        await until(lambda: gateway.assembly.pools[Service.IDENTITY].open_connections == 2)

        result = await gateway.client.get("/v1/me", headers=citizen())

        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert result.status_code == 503
        assert result.json()["code"] == "overloaded"
        assert gateway.assembly.pools[Service.IDENTITY].breaker.state is BreakerState.CLOSED


async def test_waiting_caller_gets_the_next_free_connection(upstream: Upstream) -> None:
    go_on = asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await answer(send, 200, b"{}")

    upstream.behaviours["/v1/me"] = behaviour
    async with running_gateway(upstream.url, connections_per_service=2) as gateway:
        requests = [asyncio.create_task(gateway.client.get("/v1/me", headers=citizen())) for _ in range(10)]
        await until(lambda: gateway.assembly.gateway.in_flight == 10)
        go_on.set()

        results = await asyncio.gather(*requests)

        assert {result.status_code for result in results} == {200}
        assert gateway.assembly.pools[Service.IDENTITY].open_connections <= 2


async def _good(gateway: Running) -> httpx2.Response | None:
    result = await gateway.client.get("/oauth2/jwks")
    return result if result.status_code == 200 else None


async def _never(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _tick(receive: Receive) -> str | None:
    """Wait 50 ms; return `gone` when the caller went away."""
    try:
        async with asyncio.timeout(0.05):
            while (await receive())["type"] != "http.disconnect":
                pass
            return "gone"
    except TimeoutError:
        return None


async def _polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
    await writer.drain()
    writer.close()


class _breaking:
    """A server that counts requests and breaks the first `times` connections after sending `after`."""

    def __init__(self, *, times: int, after: bytes = b"", close: bool = True) -> None:
        self._times = times
        self._after = after
        self._close = close
        self._requests: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> tuple[str, list[bytes]]:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}", self._requests

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                self._requests.append(head + body)
                if len(self._requests) <= self._times:
                    writer.write(self._after)
                    await writer.drain()
                    if self._close:
                        break
                else:
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
