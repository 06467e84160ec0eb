"""Fixtures of identity: the app on a real database, registered clients, a VNeID on loopback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import pytest
import uvicorn
from fastapi import FastAPI

from chassis.db import Database
from chassis.testing import PUBLIC_URL, MemoryKeys, make_settings, service_client
from identity.app import create_app
from identity.clients.loading import load_registrations
from identity.settings import IdentitySettings
from tests.identity.factories import CLIENT_KEYS, registrations
from tests.identity.fake_vneid import FakeVNeID
from tests.support.databases import ServiceDatabase, ServiceDatabases
from tests.support.servers import free_port
from tests.support.waiting import until

KEYS = MemoryKeys()


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


@pytest.fixture
async def identity_database(
    service_databases: ServiceDatabases, project_root: Path
) -> AsyncIterator[ServiceDatabase]:
    async with service_databases.clean("identity", project_root / "svc-identity" / "migrations") as database:
        yield database


@pytest.fixture
async def settings(identity_database: ServiceDatabase, vneid: FakeVNeID, tmp_path: Path) -> IdentitySettings:
    clients_file, key_file = tmp_path / "clients.json", tmp_path / "vneid.jwk"
    clients_file.write_bytes(orjson.dumps(registrations()))
    key_file.write_bytes(orjson.dumps(CLIENT_KEYS["lienthong-identity"].private_jwk()))
    key_file.chmod(0o600)
    made = make_settings(
        IdentitySettings,
        database_url=identity_database.url,
        migrator_database_url=identity_database.migrator_database_url,
        clients_file=clients_file,
        vneid_issuer=vneid.issuer,
        vneid_client_key_file=key_file,
    )
    await load_registrations(made)
    return made


@pytest.fixture
def app(settings: IdentitySettings) -> FastAPI:
    return create_app(settings, keys=KEYS)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the running app, without cookies of its own between tests."""
    async with service_client(app) as opened:
        yield opened


@pytest.fixture
async def database(client: httpx2.AsyncClient, app: FastAPI) -> Database:
    """The database of the running app."""
    opened: Database = app.state.database
    return opened


@pytest.fixture
def issuer() -> str:
    return PUBLIC_URL
