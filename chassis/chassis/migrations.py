"""Migrations of one service's database, run by its `migrate` verb as the migrator role.

Forward only and without an `env.py` per service: five copies of the same 60 lines would drift apart. A
service's folder holds `script.py.mako`, `versions/` and `HEAD`, a file with the name of the last revision, so
that two revisions made at once collide in git instead of in production.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, NullPool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from chassis.db import Database, sqlalchemy_url
from chassis.tables import STATEMENTS

PARTITION_DAYS_AHEAD = 7
_LOCK_KEY = 0x4C54_6D69  # "LTmi": one migrator per database at a time
_LOCK_WAIT_SECONDS = 60.0


class MigrationSettings(Protocol):
    """What `run` needs of a service's settings."""

    @property
    def database_url(self) -> SecretStr: ...

    @property
    def migrator_database_url(self) -> SecretStr | None: ...


class MigrationHeadMismatch(Exception):
    """`HEAD` does not name the last revision: a merge took one of two revisions made at once."""


class MigratorAddressMissing(Exception):
    """`LIENTHONG_<SERVICE>_MIGRATOR_DATABASE_URL` is not set: the application role has no DDL."""


async def run(settings: MigrationSettings, directory: Path) -> str:
    """Bring the database up to the last revision of `directory`; return that revision. Idempotent.

    Each revision is one transaction with a lock timeout of 4 s and a statement timeout of 5 s, because the
    previous release is still running. The application role gets the schema's rows, sequences and
    functions by default privileges, never DDL.

    Raises:
        MigratorAddressMissing, MigrationHeadMismatch: before anything is changed.
        TimeoutError: another migrator held the lock for more than 60 s.
    """
    if settings.migrator_database_url is None:
        raise MigratorAddressMissing
    config = Config()
    config.set_main_option("script_location", str(directory))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head() or ""
    named = (directory / "HEAD").read_text().strip()
    if named != head:
        raise MigrationHeadMismatch(f"HEAD names {named!r}, the last revision is {head!r}")
    app_role = make_url(settings.database_url.get_secret_value()).username or ""
    async with _migrator(settings.migrator_database_url.get_secret_value()) as connection:
        await _lock(connection)
        await _grant(connection, app_role)
        await connection.commit()
        await connection.run_sync(_upgrade, config, script, app_role)
        await connection.commit()
    return head


def create_chassis_tables(operations: Any) -> None:  # alembic's `op` is a module
    """Create outbox, inbox, failures, idempotency keys and access entries; called by each service's 0001.

    `operations` is alembic's `op`. The application role may add to the access log and read it, not change it.
    """
    connection: Connection = operations.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
    role = operations.get_context().opts.get("app_role")
    if role and role != connection.engine.url.username:
        connection.exec_driver_sql(f'revoke update, delete on access_entries from "{role}"')


async def maintain_partitions(database: Database, today: datetime | None = None) -> None:
    """Make the partitions of the next 7 days and drop those past retention; a daily timer of each worker.

    Outbox partitions go after 30 days, never one with an unpublished row; inbox after 35, idempotency keys
    after 1. `today` is real time (retention is not the law's). Runs in two transactions, so that a table too
    busy to drop from does not stop the making. Safe to run in several workers at once.
    """
    day = (today or datetime.now(UTC)).astimezone(UTC).date()
    async with database.connection() as connection:
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK_KEY)
        await connection.execute("select make_partitions($1, $2)", day, PARTITION_DAYS_AHEAD)
    async with database.connection() as connection:
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK_KEY)
        await connection.execute("select drop_old_partitions($1)", day)


@asynccontextmanager
async def _migrator(url: str) -> AsyncIterator[AsyncConnection]:
    timeouts = {"lock_timeout": "4s", "statement_timeout": "5s", "application_name": "lienthong-migrate"}
    engine = create_async_engine(
        sqlalchemy_url(url), poolclass=NullPool, connect_args={"server_settings": timeouts}
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def _lock(connection: AsyncConnection) -> None:
    """Hold the migrators' lock until the session ends, by trying, since waiting would meet the timeouts."""
    until = time.monotonic() + _LOCK_WAIT_SECONDS
    while not (await connection.exec_driver_sql(f"select pg_try_advisory_lock({_LOCK_KEY})")).scalar():
        if time.monotonic() > until:
            raise TimeoutError("another migrator holds the lock")
        await asyncio.sleep(0.2)


async def _grant(connection: AsyncConnection, role: str) -> None:
    """Let the application role use what the migrator makes from now on."""
    if not role or role == connection.engine.url.username:
        return
    by_default = "alter default privileges in schema public grant"
    for statement in (
        f'grant usage on schema public to "{role}"',
        f'{by_default} select, insert, update, delete on tables to "{role}"',
        f'{by_default} usage, select on sequences to "{role}"',
        f'{by_default} execute on functions to "{role}"',
        "alter default privileges revoke execute on functions from public",
    ):
        await connection.exec_driver_sql(statement)


def _upgrade(connection: Connection, config: Config, script: ScriptDirectory, app_role: str) -> None:
    def revisions(current: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", current)  # what alembic's own `upgrade` command calls

    with EnvironmentContext(config, script, fn=revisions) as environment:
        environment.configure(
            connection=connection,
            transaction_per_migration=True,
            version_table="schema_revision",
            app_role=app_role,
        )
        with environment.begin_transaction():
            environment.run_migrations()
