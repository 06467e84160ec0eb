"""Databases and roles: per service one database, an owner that migrates, and a user without DDL."""

from collections.abc import Iterable, Mapping

import asyncpg


def role_names(database: str) -> tuple[str, str]:
    """The migrator's and the application's role."""
    return f"{database}_migrator", f"{database}_app"


async def ensure(superuser_url: str, databases: Iterable[str], passwords: Mapping[str, str]) -> None:
    """Make each database with its two roles, and set the roles' passwords. Idempotent.

    A role can enter its own database only. What the application role may do inside is granted by the
    migrations.
    """
    connection = await asyncpg.connect(superuser_url, timeout=10)
    try:
        await connection.execute("revoke connect on database postgres from public")
        for database in databases:
            migrator, application = role_names(database)
            for role in (migrator, application):
                await _ensure_role(connection, role, passwords[role])
            if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
                await connection.execute(f'create database "{database}" owner "{migrator}"')
            await connection.execute(f'revoke all on database "{database}" from public')
            await connection.execute(f'grant connect on database "{database}" to "{application}"')
    finally:
        await connection.close()


async def _ensure_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    known = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
    verb = "alter" if known else "create"
    # DDL takes no parameters; the server itself quotes the password.
    template = f"{verb} role %I login nosuperuser nocreatedb nocreaterole password %L"
    statement = await connection.fetchval("select format($1, $2::text, $3::text)", template, role, password)
    await connection.execute(statement)
