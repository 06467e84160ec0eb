"""The three verbs as processes: they start complete or not at all, and finish what they accepted."""

import asyncio
import signal
from pathlib import Path

import httpx2
import pytest

from tests.support.databases import ServiceDatabase
from tests.support.processes import ThingsProcess
from tests.support.waiting import until


@pytest.fixture
def process(chassis_database: ServiceDatabase, tmp_path: Path) -> ThingsProcess:
    return ThingsProcess(chassis_database, tmp_path / "keys")


async def test_accepted_request_is_finished_while_the_process_drains(process: ThingsProcess) -> None:
    body = b'{"name": "sent in two halves"}'
    lines = (
        "POST /things HTTP/1.1",
        "host: x",
        "content-type: application/json",
        f"content-length: {len(body)}",
    )
    head = "\r\n".join([*lines, "", ""]).encode()
    async with process.running("serve") as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        writer.write(head + body[:10])
        await writer.drain()
        await until(lambda: in_flight(process), what="the request is in flight")

        running.send_signal(signal.SIGTERM)
        await until(lambda: is_closed(process), what="the listener is closed")
        assert await process.status(process.metrics_port, "/readyz") == 503
        assert await process.status(process.metrics_port, "/healthz") == 200
        writer.write(body[10:])
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()

        assert answer.startswith(b"HTTP/1.1 201 ")
        assert b"connection: close" in answer
        assert await asyncio.wait_for(running.wait(), 10) == 0


async def in_flight(process: ThingsProcess) -> bool:
    async with httpx2.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"http://127.0.0.1:{process.metrics_port}/metrics")).text
    return "lienthong_http_requests_in_flight 1.0" in text


async def is_closed(process: ThingsProcess) -> bool:
    return await process.status(process.port, "/healthz") is None


async def test_listener_stays_open_for_balancers_while_readiness_is_dropped(
    chassis_database: ServiceDatabase, tmp_path: Path
) -> None:
    process = ThingsProcess(chassis_database, tmp_path / "keys", LIENTHONG_THINGS_DRAIN_SECONDS="30")
    async with process.running("serve") as running:
        running.send_signal(signal.SIGTERM)

        async def is_unready() -> bool:
            return await process.status(process.port, "/readyz") == 503

        await until(is_unready, what="readiness is dropped")

        assert await process.status(process.port, "/things") == 200
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 10) == -signal.SIGTERM


async def test_worker_has_health_and_metrics_and_nothing_else(process: ThingsProcess) -> None:
    async with process.running("work") as running:
        assert await process.status(process.metrics_port, "/metrics") == 200
        assert await process.status(process.metrics_port, "/things") == 404
        assert await process.status(process.port, "/healthz") is None

        running.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(running.wait(), 30) == 0


async def test_migrate_is_idempotent_and_ends(process: ThingsProcess) -> None:
    code, output, errors = await process.end("migrate")

    assert (code, errors) == (0, "")
    assert '"event":"service.migrated"' in output


async def test_route_without_rule_does_not_start(process: ThingsProcess) -> None:
    code, _, errors = await process.end("deaf", "serve")

    assert code == 1
    assert "RouteWithoutAccess: GET /secret" in errors
    assert "Traceback" not in errors


async def test_missing_variable_is_named(process: ThingsProcess) -> None:
    del process.environment["LIENTHONG_THINGS_DATABASE_URL"]

    code, _, errors = await process.end("serve")

    assert code == 2
    assert "LIENTHONG_THINGS_DATABASE_URL" in errors


async def test_taken_port_is_named(process: ThingsProcess) -> None:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", process.port)
    async with server:
        code, _, errors = await process.end("serve")

    assert code == 1
    assert f"cannot listen on 127.0.0.1:{process.port}" in errors


async def test_unknown_verb_is_refused(process: ThingsProcess) -> None:
    assert (await process.end("dance"))[0] == 2
