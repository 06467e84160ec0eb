"""Migrations against a real server: forward once, one at a time, with least privilege afterwards."""

import asyncio
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import asyncpg
import pytest

from chassis import migrations
from chassis.migrations import MigrationHeadMismatch, MigratorAddressMissing
from tests.chassis.conftest import MIGRATIONS
from tests.support.databases import ServiceDatabases


async def test_run_again_changes_nothing(service_databases: ServiceDatabases) -> None:
    database = await service_databases.fresh("chassis", "migrated_twice")
    assert await migrations.run(database, MIGRATIONS) == "0001"
    assert await migrations.run(database, MIGRATIONS) == "0001"


async def test_two_migrators_at_once_take_turns(service_databases: ServiceDatabases) -> None:
    database = await service_databases.fresh("chassis", "migrated_by_two")
    both = await asyncio.gather(*(migrations.run(database, MIGRATIONS) for _ in range(2)))
    assert both == ["0001", "0001"]


async def test_head_that_names_another_revision_stops_before_any_change(
    service_databases: ServiceDatabases, tmp_path: Path
) -> None:
    database = await service_databases.fresh("chassis", "never_migrated")
    directory = tmp_path / "migrations"
    copytree(MIGRATIONS, directory)
    (directory / "HEAD").write_text("0002\n")
    with pytest.raises(MigrationHeadMismatch):
        await migrations.run(database, directory)
    connection = await asyncpg.connect(database.superuser_url)
    assert await connection.fetchval("select to_regclass('outbox')") is None
    await connection.close()


async def test_migrator_address_is_needed(service_databases: ServiceDatabases) -> None:
    database = await service_databases.get("chassis", MIGRATIONS)
    with pytest.raises(MigratorAddressMissing):
        await migrations.run(replace(database, migrator_database_url=None), MIGRATIONS)


async def test_application_role_may_add_to_the_access_log_but_not_change_it(
    service_databases: ServiceDatabases,
) -> None:
    database = await service_databases.get("chassis", MIGRATIONS)
    connection = await asyncpg.connect(database.url)
    try:
        for statement in ("update access_entries set purpose = ''", "delete from access_entries"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        for table in ("outbox", "inbox", "inbox_failures", "idempotency_keys", "relay_state"):
            await connection.execute(f"delete from {table}")  # noqa: S608
    finally:
        await connection.close()
