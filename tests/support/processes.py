"""Verbs of the tests' own service (`tests.support.things`) as real processes."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from tests.support.databases import ServiceDatabase
from tests.support.servers import free_port
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]


class ThingsProcess:
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
