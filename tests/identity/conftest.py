"""Fixtures of identity: the app on a real database, registered clients, a VNeID on loopback."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import orjson
import pytest
import uvicorn
from fastapi import FastAPI

from chassis.db import Database
from chassis.testing import PUBLIC_URL, MemoryKeys, make_settings
from identity.app import create_app
from identity.clients.loading import load_registrations
from identity.settings import IdentitySettings
from tests.identity.factories import CLIENT_KEYS, registrations
from tests.identity.fake_vneid import FakeVNeID
from tests.support.databases import ServiceDatabases
from tests.support.servers import free_port
from tests.support.waiting import until


@pytest.fixture(scope="session")
async def vneid_server() -> AsyncIterator[FakeVNeID]:
    port = free_port()
    fake = FakeVNeID(f"http://127.0.0.1:{port}")
    config = uvicorn.Config(fake.app(), port=port, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started, what="the VNeID of the tests listens")
    yield fake
    server.should_exit = True
    await serving


@pytest.fixture
def vneid(vneid_server: FakeVNeID) -> FakeVNeID:
    vneid_server.reset()
    return vneid_server


@pytest.fixture(scope="session")
async def settings_of_all(
    service_databases: ServiceDatabases,
    vneid_server: FakeVNeID,
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> IdentitySettings:
    folder = tmp_path_factory.mktemp("identity")
    database = await service_databases.get("identity", project_root / "svc-identity" / "migrations")
    key_file = folder / "vneid.jwk"
    key_file.write_bytes(orjson.dumps(CLIENT_KEYS["lienthong-identity"].private_jwk()))
    key_file.chmod(0o600)
    return make_settings(
        IdentitySettings,
        database_url=database.url,
        migrator_database_url=database.migrator_database_url,
        clients_file=folder / "clients.json",
        staff_file=folder / "staff.json",
        organisations_file=folder / "organisations.json",
        vneid_issuer=vneid_server.issuer,
        vneid_client_key_file=key_file,
    )


@pytest.fixture(scope="session")
async def app(settings_of_all: IdentitySettings) -> AsyncIterator[FastAPI]:
    """The app, opened once: opening it for each test would take most of their time."""
    made = create_app(settings_of_all, keys=MemoryKeys())
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def settings(
    service_databases: ServiceDatabases, settings_of_all: IdentitySettings, project_root: Path
) -> AsyncIterator[IdentitySettings]:
    """Settings whose database holds the registered clients and nothing else."""
    settings_of_all.registrations.write_bytes(orjson.dumps(registrations()))
    async with service_databases.clean("identity", project_root / "svc-identity" / "migrations"):
        await load_registrations(settings_of_all)
        yield settings_of_all


@pytest.fixture
async def client(
    app: FastAPI, settings: IdentitySettings, vneid: FakeVNeID
) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser or backend without cookies, before an app that knows nothing of VNeID yet."""
    upstream = app.state.sign_ins.vneid
    app.state.sign_ins = replace(app.state.sign_ins, vneid=upstream.anew())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=PUBLIC_URL) as opened:
        yield opened


@pytest.fixture
async def database(client: httpx2.AsyncClient, app: FastAPI) -> Database:
    """The database of the running app."""
    opened: Database = app.state.database
    return opened


@pytest.fixture
def issuer() -> str:
    return PUBLIC_URL
