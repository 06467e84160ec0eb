"""All consumers of one worker process, and the locks that keep one worker at a time active per durable.

The locks of all durables are on one connection, whose loss stops them all before anybody else takes over.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from zlib import crc32

import asyncpg

from chassis.bus import Bus
from chassis.consumer import Consumer, durables_of
from chassis.db import Database, RawConnection, asyncpg_url
from chassis.durable import DurableWorker
from chassis.logging import get_logger
from chassis.side_connection import close

log = get_logger(__name__)

_LOCKS = 0x4C54_0003  # first of the two keys of each durable's lock; the second is the CRC-32 of its name
_LOCK_SECONDS = 1.0


class ConsumerGroup:
    """All consumers of one worker process. `run` ends by `stop` or cancellation only."""

    def __init__(
        self,
        database_url: str,
        database: Database,
        bus: Bus,
        service: str,
        consumers: Sequence[Consumer],
        app_state: Any,  # Any: the application's own state, handed through to the handlers
    ) -> None:
        self._url = asyncpg_url(database_url)
        self._application_name = f"lienthong-consumers-{service}"
        self._workers = [
            DurableWorker(durable, consumer, database, bus, app_state)
            for consumer in consumers
            for durable in durables_of(service, consumer)
        ]
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Let `run` return after the events in hand."""
        self._stop.set()
        for worker in self._workers:
            worker.stop()

    async def run(self) -> None:
        """Take events of every durable whose lock we get, and try for the others' locks every second."""
        while self._workers and not self._stop.is_set():
            tasks: dict[int, asyncio.Task[None]] = {}
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=5, server_settings={"application_name": self._application_name}
                )
                try:
                    await self._hold_locks(connection, tasks)
                finally:
                    await self._finish(tasks)
                    await close(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
                log.warning("consumers.database_unavailable", error_type=type(failure).__name__)
                await self._pause()

    async def _hold_locks(self, connection: RawConnection, tasks: dict[int, asyncio.Task[None]]) -> None:
        while not self._stop.is_set():
            for index, worker in enumerate(self._workers):
                if index not in tasks and await connection.fetchval(
                    "select pg_try_advisory_lock($1, $2)", _LOCKS, lock_key(worker.name)
                ):
                    log.info("consumer.active", consumer=worker.name)
                    tasks[index] = asyncio.create_task(worker.run(), name=worker.name)
            await connection.fetchval("select 1")  # a lost connection has lost the locks
            await self._pause()

    async def _finish(self, tasks: dict[int, asyncio.Task[None]]) -> None:
        """End the workers before their locks go: by themselves at a stop, at once when the locks are lost."""
        if not self._stop.is_set():
            for task in tasks.values():
                task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), _LOCK_SECONDS)


def lock_key(name: str) -> int:
    """Return the second key of a durable's advisory lock: CRC-32 as PostgreSQL's signed integer."""
    return crc32(name.encode()) - 2**31
