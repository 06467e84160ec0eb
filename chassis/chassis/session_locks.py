"""Advisory locks that outlive a transaction, all of a process on one connection of their own.

For work of many transactions that must not run twice at once. Held on a connection of the pool, each such
lock would take one from those who work; a row with a lease would cost two more commits.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    RawConnection = asyncpg.Connection[asyncpg.Record]
else:  # generic for the type checker alone
    RawConnection = asyncpg.Connection


def asyncpg_url(url: str) -> str:
    """Return an address without a driver in its scheme, as asyncpg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class SessionLocks:
    """Try-locks across all processes of a service. A lost connection loses its locks: they are no fence."""

    def __init__(self, database_url: str, application_name: str = "lienthong-locks") -> None:
        self._url = asyncpg_url(database_url)
        self._application_name = application_name
        self._connection: RawConnection | None = None
        self._turn = asyncio.Lock()
        self._held: set[int] = set()

    async def try_hold(self, key: int) -> bool:
        """Take the lock of a 64-bit signed key unless somebody has it, in this process or another."""
        if key in self._held:  # PostgreSQL would let the same session in again
            return False
        self._held.add(key)
        is_held = False
        try:
            async with self._turn:
                connection = await self._connect()
                is_held = bool(await connection.fetchval("select pg_try_advisory_lock($1)", key))
        finally:
            if not is_held:
                self._held.discard(key)
        return is_held

    async def release(self, key: int) -> None:
        """Give a lock back; never fails, since a lost connection has given it back already."""
        try:
            async with self._turn:
                if self._connection is not None and not self._connection.is_closed():
                    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                        await self._connection.execute("select pg_advisory_unlock($1)", key)
        finally:
            self._held.discard(key)

    async def close(self) -> None:
        """Close the connection, and with it every lock."""
        if self._connection is not None:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.close(timeout=2)

    async def _connect(self) -> RawConnection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url,
                timeout=5,
                command_timeout=5,
                server_settings={"application_name": self._application_name},
            )
        return self._connection
