"""Unexpected exceptions: a part that is away is 503 and says when to come back, our own bug is 500."""

import asyncio

import asyncpg
import httpx2
import pytest
from sqlalchemy import exc, text

from chassis.db import Database
from chassis.errors import NotFound
from chassis.failures import problem_of
from tests.support.databases import ServiceDatabase


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (KeyError("a"), 500, "internal_error"),
        (ValueError("a"), 500, "internal_error"),
        (asyncpg.UniqueViolationError("a"), 500, "internal_error"),
        (ConnectionRefusedError(), 503, "upstream_unavailable"),
        (TimeoutError(), 503, "upstream_unavailable"),
        (httpx2.ConnectError("a"), 503, "upstream_unavailable"),
        (httpx2.ReadTimeout("a"), 503, "upstream_unavailable"),
        (asyncpg.CannotConnectNowError("a"), 503, "upstream_unavailable"),
        (asyncpg.InternalClientError("got result for unknown protocol state"), 503, "upstream_unavailable"),
        (asyncpg.AdminShutdownError("a"), 503, "upstream_unavailable"),
        (asyncpg.ConnectionDoesNotExistError("a"), 503, "upstream_unavailable"),
        (asyncpg.TooManyConnectionsError("a"), 503, "overloaded"),
        (asyncpg.QueryCanceledError("a"), 503, "overloaded"),
        (asyncpg.DeadlockDetectedError("a"), 503, "overloaded"),
        (exc.TimeoutError(), 503, "overloaded"),
        (NotFound(), 404, "not_found"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_failure_has_its_problem(failure: Exception, status: int, code: str) -> None:
    problem = problem_of(failure)

    assert (problem.status, problem.code) == (status, code)
    assert ("retry-after" in problem.headers) == (status == 503)


async def test_statement_that_takes_too_long_is_overload(chassis_database: ServiceDatabase) -> None:
    database = await Database.connect(chassis_database.url, 1, statement_timeout_seconds=0.05)
    try:
        with pytest.raises(exc.DBAPIError) as failure:
            async with database.transaction() as db:
                await db.execute(text("select pg_sleep(5)"))
    finally:
        await database.close()

    assert problem_of(failure.value).code == "overloaded"


async def ping_until_refused(database: Database) -> None:
    while True:
        await database.ping()


async def test_pool_without_a_free_connection_is_overload(chassis_database: ServiceDatabase) -> None:
    database = await Database.connect(chassis_database.url, 1, acquire_timeout_seconds=0.05)
    release = asyncio.Event()

    async def hold() -> None:
        async with database.connection():
            await release.wait()

    holding = asyncio.create_task(hold())
    try:
        with pytest.raises(exc.TimeoutError) as failure:
            await ping_until_refused(database)
    finally:
        release.set()
        await holding
        await database.close()

    assert problem_of(failure.value).code == "overloaded"


async def test_statement_that_breaks_a_rule_is_our_bug(database: Database) -> None:
    with pytest.raises(exc.DBAPIError) as failure:
        async with database.transaction() as db:
            await db.execute(text("insert into things (id, name) values (null, 'a')"))

    assert problem_of(failure.value).code == "internal_error"
