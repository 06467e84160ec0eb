"""The dossier service over a real PostgreSQL with the shipped catalogue; the bus is left out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import orjson
import pytest
from fastapi import FastAPI

from chassis.clock import Clocks
from chassis.http_signatures import KnownKeys
from chassis.ids import new_id
from chassis.keys import SigningKey
from chassis.testing import (
    MemoryKeys,
    bearer,
    make_claims,
    make_settings,
    make_verifier,
    service_client,
    sign_claims,
)
from deploy.local import pki
from dossier.app import create_app
from dossier.procedures.loading import load_procedures
from dossier.settings import DossierSettings
from tests.dossier.identity import StandInIdentity
from tests.dossier.platform import StandInPlatform
from tests.support.databases import ServiceDatabase, ServiceDatabases

MIGRATIONS = Path(__file__).parents[2] / "svc-dossier" / "migrations"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 09:00 in Asia/Ho_Chi_Minh."""


@dataclass
class Desk:
    """The running service: its client, its app, its clocks, its database seen from outside."""

    client: httpx2.AsyncClient
    app: FastAPI
    clocks: Clocks
    rows: "asyncpg.Connection[asyncpg.Record]"
    identity: StandInIdentity
    platform: StandInPlatform

    def citizen(self, name: str = "an", *, level: int = 2, acting: str | None = None) -> dict[str, str]:
        """Return the header of a citizen, or of a child for whom a parent acts."""
        subject = str(self.identity.person(name))
        claims = make_claims(subject=subject, scopes={"dossier.file"}, level=level)
        if acting:
            claims["act"] = {"sub": str(self.identity.person(acting))}
        return bearer(sign_claims(claims))

    def company(self, person: str = "nhan-vien", **fields: Any) -> dict[str, str]:
        """Return the header of a person who acts for the company."""
        claims = make_claims(
            kind="company",
            subject=str(self.identity.company_id),
            organisation="0100000010",
            scopes={"dossier.file"},
            roles={"company"},
            **fields,
        )
        return bearer(sign_claims(claims | {"act": {"sub": str(self.identity.person(person))}}))

    def staff(self, name: str, role: str, organisation: str, scope: str = "dossier.work") -> dict[str, str]:
        """Return the header of a staff member."""
        claims = make_claims(
            kind="staff",
            subject=str(self.identity.person(name)),
            roles={role},
            organisation=organisation,
            scopes={scope},
        )
        return bearer(sign_claims(claims))

    @staticmethod
    def system(client_id: str, scope: str) -> dict[str, str]:
        """Return the header of a system of another organisation."""
        return bearer(sign_claims(make_claims(kind="system", client_id=client_id, scopes={scope})))

    @staticmethod
    def service(name: str, scope: str) -> dict[str, str]:
        """Return the header of another service of ours."""
        claims = make_claims(
            kind="service", client_id=f"svc-{name}", scopes={scope}, audience="urn:lienthong:dossier"
        )
        return bearer(sign_claims(claims))

    async def send(
        self, method: str, path: str, who: dict[str, str] | None = None, **options: Any
    ) -> httpx2.Response:
        """Send a request with a fresh idempotency key unless one is given."""
        headers = {"idempotency-key": str(new_id()), **(who or {}), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def count(self, table: str) -> int:
        number: int = await self.rows.fetchval(f"select count(*) from {table}")  # noqa: S608
        return number

    async def events(self) -> list[dict[str, Any]]:
        found = await self.rows.fetch("select event_type, data from outbox order by position")
        return [{"type": row["event_type"], **orjson.loads(row["data"])} for row in found]

    def person(self, name: str) -> UUID:
        return self.identity.person(name)


@pytest.fixture(scope="session")
async def identity_server() -> AsyncIterator[StandInIdentity]:
    async with StandInIdentity().serving() as identity:
        yield identity


@pytest.fixture
def identity(identity_server: StandInIdentity) -> StandInIdentity:
    identity_server.reset()
    return identity_server


@pytest.fixture(scope="session")
async def platform_server() -> AsyncIterator[StandInPlatform]:
    async with StandInPlatform().serving() as platform:
        yield platform


@pytest.fixture
def platform(platform_server: StandInPlatform) -> StandInPlatform:
    platform_server.intents.clear()
    platform_server.paid.clear()
    return platform_server


@pytest.fixture(scope="session")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seals of the sandbox's agencies, under a root of their own."""
    directory = tmp_path_factory.mktemp("pki")
    for name in ("pki", "dossier", "judicial-record"):
        (directory / name).mkdir(mode=0o700)
    pki.write(directory)
    return directory


@pytest.fixture(scope="session")
def client_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "svc-dossier.jwk"
    path.write_bytes(orjson.dumps(SigningKey.generate().private_jwk()))
    path.chmod(0o600)
    return path


@pytest.fixture
async def dossier_database(service_databases: ServiceDatabases) -> AsyncIterator[ServiceDatabase]:
    async with service_databases.clean("dossier", MIGRATIONS) as database:
        yield database


@pytest.fixture
def settings(
    dossier_database: ServiceDatabase,
    identity: StandInIdentity,
    platform: StandInPlatform,
    client_key_file: Path,
    key_directory: Path,
) -> DossierSettings:
    return make_settings(
        DossierSettings,
        database_url=dossier_database.url,
        migrator_database_url=dossier_database.migrator_database_url,
        identity_url=identity.url,
        national_portal_sync_url=identity.url,
        client_key_file=client_key_file,
        key_directory=key_directory,
        payment_platform_url=platform.url,
    )


@pytest.fixture
async def desk(
    dossier_database: ServiceDatabase,
    settings: DossierSettings,
    identity: StandInIdentity,
    platform: StandInPlatform,
) -> AsyncIterator[Desk]:
    """The service at work, with the shipped catalogue, on `NOW`."""
    await load_procedures(settings)
    clocks = Clocks.fixed(NOW, real=datetime.now(UTC))
    app = create_app(settings, clocks=clocks, keys=MemoryKeys(), verifier=make_verifier("dossier"))
    rows = await asyncpg.connect(dossier_database.superuser_url)
    async with service_client(app) as client:
        app.state.client_keys = KnownKeys({"thanh-toan": {"keys": [platform.key.public_jwk()]}})
        yield Desk(client, app, clocks, rows, identity, platform)
    await rows.close()
