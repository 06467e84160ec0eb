"""One pool of connections per process, and units of work that commit before the answer leaves.

Two ways into the same pool: `transaction()` gives a SQLAlchemy session for ordinary work, `connection()` and
`statement()` the raw asyncpg connection for hot paths (5 to 10 times faster there). A pool of asyncpg's own
beside SQLAlchemy's was rejected: two pools per process would double what PostgreSQL must be sized for
(decision 0011).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import orjson
from fastapi import Depends
from sqlalchemy import MetaData, event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from starlette.requests import HTTPConnection

from chassis.side_connection import RawConnection, SideConnection, asyncpg_url

__all__ = [
    "Database",
    "Db",
    "RawConnection",
    "asyncpg_url",
    "declarative_base",
    "get_db",
    "sqlalchemy_url",
]

NAMING = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
}
"""Names of constraints as PostgreSQL itself would give them, so that hand-written migrations agree."""


def sqlalchemy_url(url: str) -> URL:
    """Return a `postgresql://…` address as SQLAlchemy wants it for asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def declarative_base(service: str) -> type[DeclarativeBase]:
    """Return a new base class for a service's tables, with a metadata of its own and named constraints."""
    metadata = MetaData(naming_convention=NAMING, info={"service": service})
    return type("Base", (DeclarativeBase,), {"metadata": metadata, "__module__": __name__})


class Database:
    """The pool of one process. Connections are opened when first needed, so PostgreSQL may start later."""

    def __init__(self, engine: AsyncEngine, side: SideConnection) -> None:
        self._engine = engine
        self.side = side
        """A connection beside the pool, for locks that outlive a transaction and traces of refusals."""
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._after_commit: list[Callable[[], None]] = []

    @classmethod
    async def connect(
        cls,
        url: str,
        pool_size: int = 8,
        *,
        application_name: str = "lienthong",
        statement_timeout_seconds: float = 15.0,
        acquire_timeout_seconds: float = 5.0,
    ) -> "Database":
        """Return a database with at most `pool_size` connections, none of them opened yet.

        A statement is cancelled by the server after `statement_timeout_seconds`. Who waits longer than
        `acquire_timeout_seconds` for a connection gets `sqlalchemy.exc.TimeoutError` (answered 503).
        """
        engine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=acquire_timeout_seconds,
            json_serializer=_dump_json,
            json_deserializer=orjson.loads,
            hide_parameters=True,  # an error is logged: its parameters may be personal
            connect_args={
                "timeout": 5,
                "server_settings": {
                    "application_name": application_name,
                    "timezone": "UTC",
                    "jit": "off",
                    "statement_timeout": str(int(statement_timeout_seconds * 1000)),
                    "idle_in_transaction_session_timeout": "300000",
                },
            },
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return cls(engine, SideConnection(url, f"{application_name}-side"))

    @property
    def engine(self) -> AsyncEngine:
        """The SQLAlchemy engine, for instrumentation and the pool's figures."""
        return self._engine

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each commit of this process; the relay uses it to look at once."""
        self._after_commit.append(callback)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Give a session as one unit of work: committed at the end, rolled back when an error passes.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: also when the commit itself fails, so that nobody answers success.
        """
        async with self._sessions() as session:
            yield session
            await session.commit()
        self._notify()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[RawConnection]:
        """Give the raw asyncpg connection of the same pool inside one transaction.

        Values of `json` and `jsonb` are written as text and read as Python objects; select `column::text` to
        pass them on unread.
        """
        async with self._engine.connect() as pooled:
            raw: Any = (await pooled.get_raw_connection()).driver_connection
            async with raw.transaction():
                yield raw
        self._notify()

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[RawConnection]:
        """Give the same connection without a transaction around it, for one statement that is its own.

        Two round trips less than `connection`; announces no commit, so never for a statement that writes to
        the outbox.
        """
        async with self._engine.connect() as pooled:
            raw: Any = (await pooled.get_raw_connection()).driver_connection
            yield raw

    async def ping(self) -> None:
        """Ask the server for an answer; used by readiness, never by liveness."""
        async with self._engine.connect() as pooled:
            raw: Any = (await pooled.get_raw_connection()).driver_connection
            await raw.execute("select 1", timeout=2)

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self.side.close()
        await self._engine.dispose()

    def _notify(self) -> None:
        for callback in self._after_commit:
            callback()


def _dump_json(value: Any) -> str:  # Any: whatever a column of type JSON is given
    return orjson.dumps(value).decode()


def _refuse_closed(connection: Any, record: Any, proxy: Any) -> None:
    """Replace a connection that the server has closed, without the round trip of a ping per checkout."""
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError("closed by the server")


async def get_db(request: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """Give the unit of work of one request."""
    database: Database = request.app.state.database
    async with database.transaction() as db:
        yield db


Db = Annotated[AsyncSession, Depends(get_db, scope="function")]
"""The request's unit of work. `scope="function"` makes FastAPI commit before the answer leaves: with the
default scope a failing commit would come after a 201 (style.md, section 3)."""
