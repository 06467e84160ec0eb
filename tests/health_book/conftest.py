"""The health book over a real PostgreSQL, with a stand-in for identity; the bus is left out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import orjson
import pytest
from fastapi import FastAPI

from chassis.ids import new_id
from chassis.keys import SigningKey
from chassis.testing import (
    MemoryKeys,
    bearer,
    make_claims,
    make_settings,
    make_token,
    make_verifier,
    service_client,
    sign_claims,
)
from health_book.app import create_app
from health_book.settings import HealthBookSettings
from tests.health_book.factories import AN
from tests.health_book.identity import StandInIdentity
from tests.support.databases import ServiceDatabase, ServiceDatabases

MIGRATIONS = Path(__file__).parents[2] / "svc-health-book" / "migrations"
SUBMISSIONS = "/v1/facility-submissions"


@dataclass
class Book:
    """The running service: its client, its app, its database seen from outside."""

    client: httpx2.AsyncClient
    app: FastAPI
    rows: "asyncpg.Connection[asyncpg.Record]"
    identity: StandInIdentity

    @staticmethod
    def facility(code: str = "99999", **fields: Any) -> dict[str, str]:
        values = {
            "kind": "system",
            "client_id": f"his-{code}",
            "organisation": code,
            "scopes": {"health.submit"},
        }
        return bearer(make_token(**(values | fields)))

    def citizen(self, personal_id: str = AN, **fields: Any) -> dict[str, str]:
        subject = str(self.identity.citizen(personal_id))
        return bearer(make_token(**({"subject": subject, "scopes": {"health.read"}} | fields)))

    def parent(self, personal_id: str, child: str) -> dict[str, str]:
        """Return the token of somebody who acts for a child."""
        claims = make_claims(subject=str(self.identity.citizen(child)), scopes={"health.read"})
        return bearer(sign_claims(claims | {"act": {"sub": str(self.identity.citizen(personal_id))}}))

    async def submit(
        self, body: bytes, *, facility: str = "99999", key: str | None = None, **options: Any
    ) -> httpx2.Response:
        headers = {
            **self.facility(facility),
            "content-type": "application/xml",
            "idempotency-key": key or str(new_id()),
            **options.pop("headers", {}),
        }
        return await self.client.post(SUBMISSIONS, content=body, headers=headers, **options)

    async def count(self, table: str) -> int:
        number: int = await self.rows.fetchval(f"select count(*) from {table}")  # noqa: S608
        return number

    async def events(self) -> list[dict[str, Any]]:
        found = await self.rows.fetch("select event_type, data from outbox order by position")
        return [{"type": row["event_type"], **orjson.loads(row["data"])} for row in found]

    async def visits(self, personal_id: str = AN) -> list[dict[str, Any]]:
        answer = await self.client.get("/v1/me/health-book/visits", headers=self.citizen(personal_id))
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest.fixture(scope="session")
async def identity_server() -> AsyncIterator[StandInIdentity]:
    async with StandInIdentity().serving() as identity:
        yield identity


@pytest.fixture
def identity(identity_server: StandInIdentity) -> StandInIdentity:
    identity_server.reset()
    return identity_server


@pytest.fixture(scope="session")
def client_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "svc-health-book.jwk"
    path.write_bytes(orjson.dumps(SigningKey.generate().private_jwk()))
    path.chmod(0o600)
    return path


@pytest.fixture
async def book_database(service_databases: ServiceDatabases) -> AsyncIterator[ServiceDatabase]:
    async with service_databases.clean("health-book", MIGRATIONS) as database:
        yield database


@pytest.fixture
async def book(
    book_database: ServiceDatabase, identity: StandInIdentity, client_key_file: Path
) -> AsyncIterator[Book]:
    settings = make_settings(
        HealthBookSettings,
        database_url=book_database.url,
        identity_url=identity.url,
        client_key_file=client_key_file,
    )
    app = create_app(settings, keys=MemoryKeys(), verifier=make_verifier("health-book"))
    rows = await asyncpg.connect(book_database.superuser_url)
    async with service_client(app) as client:
        yield Book(client, app, rows, identity)
    await rows.close()
