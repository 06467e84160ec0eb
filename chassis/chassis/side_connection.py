"""One connection beside the pool, for what must go on while every connection of the pool is held.

Two things need it: advisory locks that outlive a transaction, which would otherwise take a connection each
from those who work; and the trace of a refusal, whose reader still holds a connection of the pool and would
wait for a second one while others do the same. A second pool was rejected: short statements share one
connection well.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    RawConnection = asyncpg.Connection[asyncpg.Record]
else:  # generic for the type checker alone
    RawConnection = asyncpg.Connection


def asyncpg_url(url: str) -> str:
    """Return an address without a driver in its scheme, as asyncpg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def close(connection: RawConnection) -> None:
    """Close a connection in any state; never fails."""
    try:
        await connection.close(timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


class SideConnection:
    """Statements and try-locks of one process, one after the other; opened when first needed."""

    def __init__(self, database_url: str, application_name: str = "lienthong-side") -> None:
        self._url = asyncpg_url(database_url)
        self._application_name = application_name
        self._connection: RawConnection | None = None
        self._turn = asyncio.Lock()
        self._held: set[int] = set()

    async def execute(self, statement: str, *arguments: Any) -> None:  # Any: what asyncpg can send
        """Execute and commit one statement.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: not known to be committed.
        """
        async with self._turn:
            await (await self._connect()).execute(statement, *arguments)

    async def try_hold(self, key: int) -> bool:
        """Take the lock of a 64-bit signed key unless somebody has it, in this process or another.

        It is held until `release`, or until the connection is lost: it spares work twice, it is no fence.
        """
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
            await close(self._connection)

    async def _connect(self) -> RawConnection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url,
                timeout=5,
                command_timeout=5,
                server_settings={"application_name": self._application_name},
            )
        return self._connection
