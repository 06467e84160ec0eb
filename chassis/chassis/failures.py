"""Which problem an unexpected exception is to the caller: a dependency that is away, or our own fault."""

import asyncpg
import httpx2
from sqlalchemy import exc

from chassis.errors import InternalError, Overloaded, Problem, UpstreamUnavailable

_POSTGRES_AWAY = (
    asyncpg.exceptions.PostgresConnectionError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InterfaceError,
    # The driver's words for a connection that broke between two steps of one statement.
    asyncpg.exceptions.InternalClientError,
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
    cause: BaseException | None = failure
    if isinstance(failure, exc.DBAPIError) and failure.orig is not None:
        cause = failure.orig.__cause__ or failure.orig  # SQLAlchemy wraps the driver's error twice
    if isinstance(cause, _POSTGRES_BUSY):
        return Overloaded()
    if isinstance(cause, _POSTGRES_AWAY) or (
        isinstance(failure, exc.DBAPIError) and failure.connection_invalidated
    ):
        return UpstreamUnavailable(peer="database")
    if isinstance(cause, httpx2.TransportError):
        return UpstreamUnavailable(peer="service")
    if isinstance(cause, ConnectionError | TimeoutError):
        return UpstreamUnavailable(peer="unknown")
    return InternalError()
