"""Limits on what a caller may send and on how long it may take: head, body, connections, requests at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from gateway.calls import Receive, Scope, Send
from gateway.routes import MIB
from tests.gateway.running import Running, Upstream, answer, citizen, running_gateway
from tests.support.waiting import until


async def test_many_fields_are_a_431(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.get("/v1/me", headers={**citizen(), **{f"x-{n}": "1" for n in range(100)}})

    assert (result.status_code, result.json()["code"]) == (431, "headers_too_large")
    assert upstream.seen == []


async def test_large_fields_are_a_431(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.get("/v1/me", headers={**citizen(), "x-large": "x" * 33_000})

    assert (result.status_code, result.json()["code"]) == (431, "headers_too_large")
    assert upstream.seen == []


@pytest.mark.parametrize(
    "endless",
    [b"GET /oauth2/jwks HTTP/1.1\r\nhost: a\r\nx: ", b"GET /", b"GET /oauth2/jwks HTTP/1.1\r\nhost: a\r\n"],
    ids=["value", "path", "fields"],
)
async def test_endless_head_is_a_431_while_it_arrives(gateway: Running, endless: bytes) -> None:
    part = b"y: z\r\n" * 200 if endless.endswith(b"\n") else b"y" * 1000

    received = await gateway.raw(endless + part * 300, seconds=3)

    assert received.startswith(b"HTTP/1.1 431") or received == b""
    assert b"headers_too_large" in received or received == b""


async def test_declared_body_over_the_limit_is_a_413_at_once(gateway: Running, upstream: Upstream) -> None:
    received = await gateway.raw(
        b"POST /oauth2/token HTTP/1.1\r\nhost: a\r\ncontent-length: 70000\r\nexpect: 100-continue\r\n\r\n",
        seconds=1,
    )

    assert received.startswith(b"HTTP/1.1 413")
    assert b'"code":"body_too_large"' in received
    assert b"100 Continue" not in received
    assert upstream.seen == []


async def test_body_without_length_is_a_413_when_it_passes_the_limit(
    gateway: Running, upstream: Upstream
) -> None:
    sent_bytes = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent_bytes
        for _ in range(40):
            sent_bytes += MIB
            yield b"x" * MIB

    result = await gateway.client.post("/v1/facility-submissions", headers=citizen(), content=parts())

    assert (result.status_code, result.json()["code"]) == (413, "body_too_large")
    assert result.json()["max_body_bytes"] == 20 * MIB
    assert upstream.seen == []


async def test_submission_of_twenty_mebibytes_passes(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.post("/v1/facility-submissions", headers=citizen(), content=b"x" * 20 * MIB)

    assert result.status_code == 200
    assert len(upstream.seen[0].body) == 20 * MIB


async def test_one_byte_more_than_the_limit_does_not(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.post(
        "/v1/facility-submissions", headers=citizen(), content=b"x" * (20 * MIB + 1)
    )

    assert result.status_code == 413


async def test_expect_continue_is_answered_where_the_body_is_wanted(
    gateway: Running, upstream: Upstream
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        b"POST /oauth2/token HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n"
    )
    interim = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(b"hello")
    final = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()

    assert interim.startswith(b"HTTP/1.1 100")
    assert final.startswith(b"HTTP/1.1 200")
    assert upstream.seen[0].all("expect") == []


async def test_caller_that_dawdles_with_its_head_is_cut_off(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, header_timeout_seconds=0.3) as gateway:
        half = await gateway.raw(b"GET /oauth2/jwks HTTP/1.1\r\nhost:", seconds=3)
        silent = await gateway.raw(b"", seconds=3)

    assert half.startswith(b"HTTP/1.1 408")
    assert silent == b""


async def test_caller_that_reads_nothing_is_cut_off(upstream: Upstream) -> None:
    ended = asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        with contextlib.suppress(OSError):
            for _ in range(64):
                await send({"type": "http.response.body", "body": b"z" * MIB, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    upstream.behaviours["/oauth2/jwks"] = behaviour
    async with running_gateway(upstream.url, client_timeout_seconds=0.5) as gateway:
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(b"GET /oauth2/jwks HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.wait_for(ended.wait(), 5)
        writer.close()


async def test_requests_beyond_the_bound_are_shed(upstream: Upstream) -> None:
    go_on = asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await answer(send, 200, b"{}")

    upstream.behaviours["/v1/me"] = behaviour
    async with running_gateway(upstream.url, max_concurrent_requests=3) as gateway:
        taken = [asyncio.create_task(gateway.client.get("/v1/me", headers=citizen())) for _ in range(3)]
        await until(lambda: gateway.assembly.gateway.in_flight == 3)

        shed = await gateway.client.get("/v1/me", headers=citizen())
        alive = await gateway.client.get("/healthz")
        go_on.set()
        results = await asyncio.gather(*taken)

    assert (shed.status_code, shed.json()["code"], shed.headers["retry-after"]) == (503, "overloaded", "1")
    assert alive.status_code == 200
    assert {result.status_code for result in results} == {200}


async def test_connections_beyond_the_bound_are_closed(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, max_connections=16) as gateway:
        writers = [(await asyncio.open_connection("127.0.0.1", gateway.port))[1] for _ in range(16)]

        received = await gateway.raw(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n", seconds=2)

        for writer in writers:
            writer.close()

    assert received == b""
