"""Partitions by day: made ahead by the application role, dropped only when nothing in them is needed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from chassis.db import Database
from chassis.ids import new_id
from chassis.migrations import PARTITION_DAYS_AHEAD, maintain_partitions
from tests.chassis.conftest import MIGRATIONS
from tests.support.databases import ServiceDatabase, ServiceDatabases

TODAY = datetime.now(UTC)
TABLES = {"outbox": "occurred_at", "inbox": "occurred_at", "idempotency_keys": "created_at"}


@pytest.fixture
async def chassis_database(service_databases: ServiceDatabases) -> AsyncIterator[ServiceDatabase]:
    """A database of these tests' own: months of partitions would slow down every other test."""
    async with service_databases.clean("partitions", MIGRATIONS) as database:
        yield database


@pytest.fixture
async def later(database: Database) -> datetime:
    """Sixty days from now, with partitions made for every day on the way."""
    for days in range(0, 61, PARTITION_DAYS_AHEAD):
        async with database.connection() as connection:
            await connection.execute(
                "select make_partitions($1, $2)", (TODAY + timedelta(days=days)).date(), PARTITION_DAYS_AHEAD
            )
    return TODAY + timedelta(days=60)


async def days_of(database: Database, table: str) -> set[str]:
    """Return the days that a table has partitions for, as `YYYYMMDD`."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "select right(c.relname, 8) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent = $1::text::regclass and c.relname not like '%default'",
            table,
        )
    return {row[0] for row in rows}


def named(day: datetime) -> str:
    return day.strftime("%Y%m%d")


async def add_event(database: Database, at: datetime, *, is_published: bool) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "insert into outbox (event_id, lane, aggregate_id, event_type, source, occurred_at, data,"
            " published_at) values ($1, 0, 'a', 't', 's', $2, '{}', $3)",
            new_id(),
            at,
            at if is_published else None,
        )


async def test_partitions_are_there_a_week_ahead(database: Database) -> None:
    await maintain_partitions(database, TODAY)
    for table in TABLES:
        days = await days_of(database, table)
        assert {named(TODAY + timedelta(days=n)) for n in range(PARTITION_DAYS_AHEAD + 1)} <= days


async def test_maintenance_twice_changes_nothing(database: Database) -> None:
    await maintain_partitions(database, TODAY)
    before = [await days_of(database, table) for table in TABLES]
    await maintain_partitions(database, TODAY)
    assert [await days_of(database, table) for table in TABLES] == before


@pytest.mark.parametrize(("table", "kept_days"), [("outbox", 30), ("inbox", 35), ("idempotency_keys", 1)])
async def test_partition_goes_after_its_retention(
    database: Database, later: datetime, table: str, kept_days: int
) -> None:
    await maintain_partitions(database, later)
    days = await days_of(database, table)
    assert named(later - timedelta(days=kept_days)) in days
    assert named(later - timedelta(days=kept_days + 1)) not in days


async def test_partition_with_an_unpublished_event_is_never_dropped(
    database: Database, later: datetime
) -> None:
    old = later - timedelta(days=40)
    await add_event(database, old, is_published=False)
    await add_event(database, old - timedelta(days=1), is_published=True)
    await maintain_partitions(database, later)
    days = await days_of(database, "outbox")
    assert named(old) in days
    assert named(old - timedelta(days=1)) not in days


async def test_rows_of_a_day_without_partition_are_kept_and_moved(database: Database) -> None:
    far = TODAY + timedelta(days=100)
    await add_event(database, far, is_published=False)
    assert named(far) not in await days_of(database, "outbox")
    await maintain_partitions(database, far)
    assert named(far) in await days_of(database, "outbox")
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from outbox_default") == 0
        assert await connection.fetchval("select count(*) from outbox where occurred_at = $1", far) == 1


async def test_application_role_makes_partitions_but_no_tables(
    chassis_database: ServiceDatabase, database: Database
) -> None:
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table mine (id int)")
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("drop table outbox")
