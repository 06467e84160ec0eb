"""Services whose turn has not come: they live, migrate an empty database, and pretend nothing."""

from importlib import import_module
from typing import Any

import asyncpg
import pytest

from chassis import migrations
from chassis.access import access_table
from chassis.testing import MemoryKeys, make_settings, make_verifier, service_client
from tests.support.databases import ServiceDatabases

EMPTY = ["dossier", "national-portal-sync"]
CHASSIS_TABLES = {
    "outbox",
    "relay_state",
    "inbox",
    "inbox_failures",
    "idempotency_keys",
    "access_entries",
    "schema_revision",
}
TABLES = """
    select relname from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname = 'public' and relkind in ('r', 'p') and not relispartition
"""


def definition(service: str) -> Any:  # Any: the modules are found by name
    return import_module(f"{service.replace('-', '_')}.app").SERVICE


@pytest.mark.parametrize("service", EMPTY)
async def test_migrations_make_the_chassis_tables_and_nothing_else(
    service: str, service_databases: ServiceDatabases
) -> None:
    database = await service_databases.fresh(service, f"fresh_{service}")
    directory = definition(service).migrations_directory

    assert await migrations.run(database, directory) == "0001_create_chassis_tables"
    assert await migrations.run(database, directory) == "0001_create_chassis_tables"

    connection = await asyncpg.connect(database.url)
    try:
        assert {row["relname"] for row in await connection.fetch(TABLES)} == CHASSIS_TABLES
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table mine (id int)")
    finally:
        await connection.close()


@pytest.mark.parametrize("service", EMPTY)
async def test_service_is_ready_and_knows_no_route(service: str, service_databases: ServiceDatabases) -> None:
    found = definition(service)
    database = await service_databases.get(service, found.migrations_directory)
    settings = make_settings(found.settings_class, database_url=database.url)
    app = found.create_app(settings)
    app.state.keys, app.state.verifier = MemoryKeys(), make_verifier(service)

    async with service_client(app) as client:
        ready = await client.get("/readyz")
        unknown = await client.get("/v1/me/dossiers", headers={"accept-language": "en"})
        document = (await client.get("/openapi.json")).json()

    assert found.name == settings.service == service
    assert ready.json() == {"status": "ok", "parts": {"process": "ok", "database": "ok"}}
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert document["paths"] == {}
    assert {entry.path for entry in access_table(app)} == {"/healthz", "/readyz", "/openapi.json"}
