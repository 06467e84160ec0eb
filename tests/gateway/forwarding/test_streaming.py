"""Bodies pass through as they come, both ways, and neither side can make the gateway hold them."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from gateway.calls import Receive, Scope, Send
from tests.gateway.running import Running, Upstream, answer, citizen
from tests.support.waiting import until

MIB = 1024 * 1024


async def test_small_body_arrives_whole_with_its_length(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.post("/v1/facility-submissions", headers=citizen(), content=b"<A/>" * 100)

    assert result.json()["bytes"] == 400
    assert upstream.seen[0].body == b"<A/>" * 100
    assert upstream.seen[0].all("content-length") == ["400"]


async def test_body_without_length_arrives_whole(gateway: Running, upstream: Upstream) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(300):
            yield bytes([number % 251]) * 1000

    result = await gateway.client.post("/v1/facility-submissions", headers=citizen(), content=parts())

    assert result.status_code == 200
    assert upstream.seen[0].body == b"".join(bytes([number % 251]) * 1000 for number in range(300))


async def test_large_body_reaches_the_service_before_it_is_whole(
    gateway: Running, upstream: Upstream
) -> None:
    first_part = asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        total = 0
        more = True
        while more:
            message = await receive()
            total += len(message["body"])
            more = message["more_body"]
            first_part.set()
        await answer(send, 201, str(total).encode())

    async def parts() -> AsyncIterator[bytes]:
        yield b"a" * 100_000
        await asyncio.wait_for(first_part.wait(), 5)
        yield b"b" * 100_000

    upstream.behaviours["/v1/facility-submissions"] = behaviour

    result = await gateway.client.post("/v1/facility-submissions", headers=citizen(), content=parts())

    assert (result.status_code, result.text) == (201, "200000")


async def test_service_that_reads_slowly_stops_the_caller(gateway: Running, upstream: Upstream) -> None:
    read_on = asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await read_on.wait()
        total = 0
        more = True
        while more:
            message = await receive()
            total += len(message["body"])
            more = message["more_body"]
        await answer(send, 200, str(total).encode())

    sent_bytes = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent_bytes
        for _ in range(19):
            sent_bytes += MIB
            yield b"x" * MIB

    upstream.behaviours["/v1/facility-submissions"] = behaviour
    request = asyncio.create_task(
        gateway.client.post("/v1/facility-submissions", headers=citizen(), content=parts())
    )

    held = await _settled(lambda: sent_bytes)
    read_on.set()
    result = await request

    assert held < 15 * MIB, "all of it went somewhere although nobody read"
    assert result.text == str(19 * MIB)


async def test_answer_arrives_part_by_part(gateway: Running, upstream: Upstream) -> None:
    go_on = asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await asyncio.wait_for(go_on.wait(), 5)
        await send({"type": "http.response.body", "body": b"two"})

    upstream.behaviours["/v1/me"] = behaviour

    parts = []
    async with gateway.client.stream("GET", "/v1/me", headers=citizen()) as result:
        async for part in result.aiter_raw():
            parts.append(part)
            go_on.set()

    assert parts == [b"one", b"two"]


async def test_caller_that_reads_slowly_stops_the_service(gateway: Running, upstream: Upstream) -> None:
    sent_bytes = 0

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent_bytes
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(64):
            await send({"type": "http.response.body", "body": b"z" * MIB, "more_body": True})
            sent_bytes += MIB
        await send({"type": "http.response.body", "body": b""})

    upstream.behaviours["/v1/me"] = behaviour

    async with gateway.client.stream("GET", "/v1/me", headers=citizen()) as result:
        held = await _settled(lambda: sent_bytes)
        received = 0
        async for part in result.aiter_raw():
            received += len(part)

    assert held < 40 * MIB
    assert received == 64 * MIB


async def test_early_answer_comes_through_while_the_body_is_still_sent(
    gateway: Running, upstream: Upstream
) -> None:
    refused, answered = asyncio.Event(), asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await answer(send, 422, b'{"code":"invalid"}')
        refused.set()

    async def parts() -> AsyncIterator[bytes]:
        yield b"x" * 200_000
        await asyncio.wait_for(answered.wait(), 5)
        yield b"x"

    upstream.behaviours["/v1/facility-submissions"] = behaviour
    request = asyncio.create_task(
        gateway.client.post("/v1/facility-submissions", headers=citizen(), content=parts())
    )
    await asyncio.wait_for(refused.wait(), 5)
    await until(lambda: gateway.assembly.gateway.in_flight == 0, what="the gateway has answered")
    answered.set()

    assert (await request).status_code == 422


async def test_caller_that_goes_away_ends_the_work_behind(gateway: Running, upstream: Upstream) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    upstream.behaviours["/v1/me"] = behaviour
    request = asyncio.create_task(gateway.client.get("/v1/me", headers=citizen()))
    await began.wait()

    request.cancel()

    await asyncio.wait_for(ended.wait(), 5)


async def test_answer_cut_by_the_service_does_not_look_whole(gateway: Running, upstream: Upstream) -> None:
    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"12345", "more_body": True})
        raise _CutShort

    upstream.behaviours["/v1/me"] = behaviour

    with pytest.raises(httpx2.RemoteProtocolError):
        await gateway.client.get("/v1/me", headers=citizen())


async def test_connections_to_a_service_are_used_again(gateway: Running, upstream: Upstream) -> None:
    ports = set()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        ports.add(scope["client"][1])
        await answer(send, 200, b"{}")

    upstream.behaviours["/v1/me"] = behaviour

    for _ in range(20):
        await gateway.client.get("/v1/me", headers=citizen())

    assert len(ports) == 1


class _CutShort(Exception):
    """Makes the service's server drop the connection in the middle of an answer."""


async def _settled(value: Callable[[], int]) -> int:
    """Return a growing number once it has stopped growing for 300 ms."""
    last, since = -1, asyncio.get_running_loop().time()

    def still() -> bool:
        nonlocal last, since
        now = asyncio.get_running_loop().time()
        if value() != last:
            last, since = value(), now
        return last > 0 and now - since > 0.3

    await until(still, what="the flow has stopped")
    return last
