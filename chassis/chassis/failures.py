"""Which problem an unexpected exception is to the caller: a dependency that is away, or our own fault."""

import asyncio

import asyncpg
import httpx2
from sqlalchemy import exc

from chassis.errors import InternalError, Overloaded, Problem, UpstreamUnavailable

_POSTGRES_AWAY = (
    asyncpg.exceptions.PostgresConnectionError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InterfaceError,
)
_POSTGRES_BUSY = (
    asyncpg.exceptions.TooManyConnectionsError,
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.SerializationError,
    asyncpg.exceptions.DeadlockDetectedError,
    exc.TimeoutError,
)


def problem_of(failure: BaseException) -> Problem:
    """Return the problem that an exception is answered with; the exception itself only goes to the log."""
    if isinstance(failure, Problem):
        return failure
    cause = failure.__cause__ if isinstance(failure, exc.DBAPIError) else failure
    while isinstance(cause, exc.DBAPIError) or (
        cause is not None and type(cause).__module__.startswith("sqlalchemy.d")
    ):
        cause = cause.__cause__  # SQLAlchemy wraps the driver's error twice
    if isinstance(cause, _POSTGRES_BUSY):
        return Overloaded(headers={"retry-after": "1"})
    if isinstance(cause, _POSTGRES_AWAY) or (
        isinstance(failure, exc.DBAPIError) and failure.connection_invalidated
    ):
        return UpstreamUnavailable(headers={"retry-after": "2"}, peer="database")
    if isinstance(cause, httpx2.TransportError):
        return UpstreamUnavailable(headers={"retry-after": "2"}, peer="service")
    if isinstance(cause, ConnectionError | asyncio.TimeoutError):
        return UpstreamUnavailable(headers={"retry-after": "2"}, peer="unknown")
    return InternalError()
