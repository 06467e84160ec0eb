"""Test databases: a migrated template per service, copied once per test process, emptied after each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from chassis import migrations
from deploy.local.postgres import PostgresServer

ROLE_PASSWORD = "of-tests-only"


@dataclass(frozen=True)
class ServiceDatabase:
    """Addresses of one service's test database, as the service's settings name them."""

    name: str
    database_url: SecretStr
    migrator_database_url: SecretStr
    superuser_url: str

    @property
    def url(self) -> str:
        """Address for the application role, which has no DDL."""
        return self.database_url.get_secret_value()


class ServiceDatabases:
    """The databases of all services on one server. Each is migrated once by the service's own revisions."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._copies: dict[str, ServiceDatabase] = {}

    async def get(self, service: str, directory: Path) -> ServiceDatabase:
        """Return the test process's database of `service`, made from its template when first asked for."""
        service = service.replace("-", "_")  # the service's name and its package's are one database
        if service not in self._copies:
            template = await self._create(f"template_{service}", service)
            await migrations.run(template, directory)
            self._copies[service] = await self._create(f"test_{service}", service, template.name)
        return self._copies[service]

    @asynccontextmanager
    async def clean(self, service: str, directory: Path) -> AsyncIterator[ServiceDatabase]:
        """Give that database, and delete every row of it afterwards."""
        database = await self.get(service, directory)
        try:
            yield database
        finally:
            await _empty(database)

    async def fresh(self, service: str, name: str) -> ServiceDatabase:
        """Return a new empty database, not migrated, for tests of migrations themselves."""
        return await self._create(name, service)

    async def _create(self, name: str, service: str, template: str = "template1") -> ServiceDatabase:
        name = name.replace("-", "_")
        owner, application = f"{service}_migrator", f"{service}_app"
        connection = await asyncpg.connect(self._server.url())
        try:
            for role in (owner, application):
                if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                    await connection.execute(f"create role \"{role}\" login password '{ROLE_PASSWORD}'")
            await connection.execute(f'create database "{name}" owner "{owner}" template "{template}"')
        finally:
            await connection.close()
        return ServiceDatabase(
            name=name,
            database_url=SecretStr(self._server.url(name, user=application, password=ROLE_PASSWORD)),
            migrator_database_url=SecretStr(self._server.url(name, user=owner, password=ROLE_PASSWORD)),
            superuser_url=self._server.url(name),
        )


async def _empty(database: ServiceDatabase) -> None:
    """Delete all rows but the migrations' own mark: DELETE is quicker than TRUNCATE on many small tables."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await connection.execute("set session_replication_role = replica")
        tables = await connection.fetch(
            "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n"
            " on n.oid = c.relnamespace where c.relkind in ('r', 'p') and not c.relispartition"
            " and n.nspname not in ('pg_catalog', 'information_schema') and c.relname <> 'schema_revision'"
        )
        await connection.execute(";".join(f"delete from {table[0]}" for table in tables))  # noqa: S608
    finally:
        await connection.close()
