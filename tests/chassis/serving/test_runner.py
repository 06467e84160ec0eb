"""The three verbs as processes: they start complete or not at all, and finish what they accepted."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.databases import ServiceDatabase
from tests.support.servers import free_port
from tests.support.waiting import until

ROOT = Path(__file__).parents[3]


class Process:
    """One verb of the tests' service, with the environment of production's shape."""

    def __init__(self, database: ServiceDatabase, keys: Path, **extra: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "LIENTHONG_PROFILE": "sandbox",
            "LIENTHONG_PUBLIC_URL": "http://lienthong.test",
            "LIENTHONG_IDENTITY_URL": "http://127.0.0.1:1",
            "LIENTHONG_KEY_DIRECTORY": str(keys),
            "LIENTHONG_THINGS_PORT": str(self.port),
            "LIENTHONG_THINGS_METRICS_PORT": str(self.metrics_port),
            "LIENTHONG_THINGS_DATABASE_URL": database.url,
            "LIENTHONG_THINGS_MIGRATOR_DATABASE_URL": database.migrator_database_url.get_secret_value(),
            **extra,
        }

    async def start(self, *verb: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.things",
            *verb,
            cwd=ROOT,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def end(self, *verb: str) -> tuple[int | None, str, str]:
        process = await self.start(*verb)
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, output.decode(), errors.decode()

    @asynccontextmanager
    async def running(self, verb: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await self.start(verb)
        try:
            await until(lambda: self.is_ready(), seconds=60, what=f"{verb} is ready")
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def is_ready(self) -> bool:
        return await self.status(self.metrics_port, "/readyz") == 200

    async def status(self, port: int, path: str) -> int | None:
        """Return the status of a GET on a new connection, None when it is refused."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code
            except httpx2.TransportError:
                return None


@pytest.fixture
def process(chassis_database: ServiceDatabase, tmp_path: Path) -> Process:
    return Process(chassis_database, tmp_path / "keys")


async def test_accepted_request_is_finished_while_the_process_drains(process: Process) -> None:
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


async def in_flight(process: Process) -> bool:
    async with httpx2.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"http://127.0.0.1:{process.metrics_port}/metrics")).text
    return "lienthong_http_requests_in_flight 1.0" in text


async def is_closed(process: Process) -> bool:
    return await process.status(process.port, "/healthz") is None


async def test_listener_stays_open_for_balancers_while_readiness_is_dropped(
    chassis_database: ServiceDatabase, tmp_path: Path
) -> None:
    process = Process(chassis_database, tmp_path / "keys", LIENTHONG_THINGS_DRAIN_SECONDS="30")
    async with process.running("serve") as running:
        running.send_signal(signal.SIGTERM)

        async def is_unready() -> bool:
            return await process.status(process.port, "/readyz") == 503

        await until(is_unready, what="readiness is dropped")

        assert await process.status(process.port, "/things") == 200
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 10) == -signal.SIGTERM


async def test_worker_has_health_and_metrics_and_nothing_else(process: Process) -> None:
    async with process.running("work") as running:
        assert await process.status(process.metrics_port, "/metrics") == 200
        assert await process.status(process.metrics_port, "/things") == 404
        assert await process.status(process.port, "/healthz") is None

        running.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(running.wait(), 30) == 0


async def test_migrate_is_idempotent_and_ends(process: Process) -> None:
    code, output, errors = await process.end("migrate")

    assert (code, errors) == (0, "")
    assert '"event":"service.migrated"' in output


async def test_route_without_rule_does_not_start(process: Process) -> None:
    code, _, errors = await process.end("deaf", "serve")

    assert code == 1
    assert "RouteWithoutAccess: GET /secret" in errors
    assert "Traceback" not in errors


async def test_missing_variable_is_named(process: Process) -> None:
    del process.environment["LIENTHONG_THINGS_DATABASE_URL"]

    code, _, errors = await process.end("serve")

    assert code == 2
    assert "LIENTHONG_THINGS_DATABASE_URL" in errors


async def test_taken_port_is_named(process: Process) -> None:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", process.port)
    async with server:
        code, _, errors = await process.end("serve")

    assert code == 1
    assert f"cannot listen on 127.0.0.1:{process.port}" in errors


async def test_unknown_verb_is_refused(process: Process) -> None:
    assert (await process.end("dance"))[0] == 2
