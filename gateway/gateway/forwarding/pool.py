"""Keep-alive connections to one service: bounded in number, bounded in waiting, swept for time limits.

The time limits of all exchanges are looked at by one sweep every quarter of a second, not by a timer per
request: a timer costs more than the whole look-up of a route.
"""

import asyncio
from collections import deque
from urllib.parse import urlsplit

from gateway.forwarding.breaker import Breaker
from gateway.forwarding.connection import Connection
from gateway.forwarding.failures import ConnectFailed, PoolExhausted

SWEEP_SECONDS = 0.25


class Pool:
    """The connections to the service at `origin` (`http://host:port`; TLS inside is the mesh's).

    `acquire` prefers the connection used last, so that a quiet hour shrinks the pool; idle ones are closed
    after `idle_seconds`, which stays below the 5 s after which uvicorn itself closes them.
    """

    def __init__(
        self,
        origin: str,
        *,
        breaker: Breaker,
        max_connections: int = 128,
        connect_timeout_seconds: float = 1.0,
        acquire_timeout_seconds: float = 2.0,
        idle_seconds: float = 4.0,
    ) -> None:
        parts = urlsplit(origin)
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"upstream must look like http://host:port, not {origin!r}")
        self.origin = origin.rstrip("/")
        self.host = parts.hostname
        self.port = parts.port or 80
        self.authority = parts.netloc.encode("ascii")
        self.breaker = breaker
        self._max_connections = max_connections
        self._connect_timeout_seconds = connect_timeout_seconds
        self._acquire_timeout_seconds = acquire_timeout_seconds
        self._idle_seconds = idle_seconds
        self._idle: deque[Connection] = deque()
        self._all: set[Connection] = set()
        self._connecting = 0
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def open_connections(self) -> int:
        return len(self._all)

    @property
    def idle_connections(self) -> int:
        return len(self._idle)

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """Return a connection for one exchange; `fresh` asks for one that never carried another.

        Raises: ConnectFailed, PoolExhausted.
        """
        has_room = len(self._all) + self._connecting < self._max_connections
        if not (fresh and has_room):
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
        if has_room:
            return await self._connect()
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._acquire_timeout_seconds):
                connection_or_slot = await waiter
        except TimeoutError:
            self._pass_on(waiter)
            raise PoolExhausted("all connections busy") from None
        except asyncio.CancelledError:
            self._pass_on(waiter)
            raise
        if connection_or_slot is None or connection_or_slot.closed:
            return await self._connect()
        return connection_or_slot

    def release(self, connection: Connection) -> None:
        """Take a connection back after its exchange; closed when it cannot carry another."""
        if not connection.end():
            return
        if self._closed:
            connection.close()
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)

    async def close(self) -> None:
        """Close every connection and forget those who wait."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in tuple(self._all):
            connection.fail(ConnectFailed("the gateway is stopping"))
        for waiter in self._waiters:
            waiter.cancel()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        self._connecting += 1
        try:
            async with asyncio.timeout(self._connect_timeout_seconds):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, self._lost), self.host, self.port
                )
        except (OSError, TimeoutError) as error:
            self._wake_one()
            raise ConnectFailed(type(error).__name__) from error
        except asyncio.CancelledError:
            self._wake_one()
            raise
        finally:
            self._connecting -= 1
        self._all.add(connection)
        if self._sweeper is None and not self._closed:
            self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)
        return connection

    def _lost(self, connection: Connection) -> None:
        self._all.discard(connection)
        if not connection.busy and connection in self._idle:
            self._idle.remove(connection)
        self._wake_one()

    def _wake_one(self) -> None:
        """A place has become free: let one who waits make a connection of its own."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _pass_on(self, waiter: "asyncio.Future[Connection | None]") -> None:
        """Hand on what `waiter` was given in the moment in which it gave up."""
        if waiter.done() and not waiter.cancelled():
            connection = waiter.result()
            if connection is None or connection.closed:
                self._wake_one()
            else:
                self._idle.append(connection)
                connection.idle_since = asyncio.get_running_loop().time()
        else:
            waiter.cancel()

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self._all):
            if connection.busy:
                connection.check(now)
        while self._idle and now - self._idle[0].idle_since > self._idle_seconds:
            self._idle.popleft().close()
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)
