"""The synchronisation over a real PostgreSQL, the sandbox's peers over HTTP, and services that stand in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import orjson
import pytest
from fastapi import FastAPI

from chassis.ids import new_id
from chassis.keys import SigningKey
from chassis.testing import (
    PUBLIC_URL,
    MemoryKeys,
    bearer,
    make_settings,
    make_token,
    make_verifier,
    service_client,
)
from contracts.envelope import BaseEvent
from contracts.events.dossier import DossierChangedV1
from contracts.events.judicial_record import (
    ApplicationChangedV1,
    CertificateIssuedV1,
    CertificateRevokedV1,
)
from deploy.sandbox.app import create_app as create_sandbox
from deploy.sandbox.settings import SandboxSettings
from national_portal_sync.app import create_app
from national_portal_sync.deliveries import subscribers
from national_portal_sync.settings import NationalPortalSyncSettings
from tests.national_portal_sync.factories import envelope_of
from tests.national_portal_sync.standins import StandInSources, serving
from tests.support.databases import ServiceDatabase, ServiceDatabases
from tests.support.servers import free_port

MIGRATIONS = Path(__file__).parents[2] / "svc-national-portal-sync" / "migrations"
HANDLERS: dict[type[BaseEvent], Any] = {
    DossierChangedV1: subscribers.on_dossier_changed,
    ApplicationChangedV1: subscribers.on_application_changed,
    CertificateIssuedV1: subscribers.on_certificate_issued,
    CertificateRevokedV1: subscribers.on_certificate_revoked,
}


@dataclass
class Peers:
    """The sandbox: what its peers have, and its fault switches."""

    url: str
    http: httpx2.AsyncClient

    async def fault(self, peer: str, **switches: int) -> None:
        answer = await self.http.put(f"/sandbox/api/faults/{peer}", json=switches)
        assert answer.status_code == 200, answer.text

    async def dossier(self, code: str) -> dict[str, Any] | None:
        answer = await self.http.get(f"/sandbox/api/dvcqg/dossiers/{code}")
        return answer.json() if answer.status_code == 200 else None

    async def statuses(self, code: str) -> list[str]:
        """Return the status of each row of progress that the portal has, in the order in which they came."""
        found = await self.dossier(code)
        return [row["TrangThai"] for row in found["TienDo"]] if found else []

    async def messages(self) -> list[dict[str, Any]]:
        """Return the webhooks that the province got, oldest first."""
        answer = await self.http.get("/sandbox/api/province/messages", params={"limit": 1000})
        return list(reversed(answer.json()["items"]))


@dataclass
class Sync:
    """The running service: its client, its app, its database seen from outside."""

    client: httpx2.AsyncClient
    app: FastAPI
    rows: "asyncpg.Connection[asyncpg.Record]"
    sources: StandInSources
    peers: Peers

    async def announce(self, event: BaseEvent, event_id: UUID | None = None) -> UUID:
        """Let the consumer take an event; return the event's id."""
        envelope = envelope_of(event, event_id)
        async with self.app.state.database.transaction() as db:
            await HANDLERS[type(event)](db, event, envelope, self.app.state)
        return envelope.id

    async def drain(self) -> None:
        await self.app.state.sender.drain()

    async def retry(self) -> None:
        """Let what was postponed, and the peers left alone, be due now; then work."""
        await self.rows.execute(
            "update delivery_queues set due_at = now() - interval '1 second' where due_at is not null"
        )
        await self.rows.execute("update peers set open_until = now() - interval '1 second'")
        await self.drain()

    async def states(self, peer: str = "dvcqg") -> list[tuple[str, str | None]]:
        """Return (state, outcome) of a peer's deliveries in order."""
        found = await self.rows.fetch(
            "select state, outcome from deliveries where peer = $1 order by position", peer
        )
        return [(row["state"], row["outcome"]) for row in found]

    @staticmethod
    def operator() -> dict[str, str]:
        token = make_token(kind="staff", subject=str(new_id()), roles={"operator"}, scopes={"ops"})
        return bearer(token) | {"idempotency-key": str(new_id())}

    @staticmethod
    def system(client_id: str, scope: str) -> dict[str, str]:
        token = make_token(kind="system", client_id=client_id, organisation=client_id, scopes={scope})
        return bearer(token) | {"idempotency-key": str(new_id())}

    def province(self, client_id: str = "tinh-hanoi") -> dict[str, str]:
        return self.system(client_id, "webhooks.manage")


@pytest.fixture(scope="session")
async def sandbox_peers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Peers]:
    port = free_port()
    folder = tmp_path_factory.mktemp("peers")
    (folder / "clients").mkdir()
    settings = SandboxSettings(
        profile="sandbox",
        public_url=PUBLIC_URL,
        nats_url=None,
        port=port,
        state_directory=folder / "state",
        clients_directory=folder / "clients",
        town_size=0,
    )
    url = f"http://127.0.0.1:{port}"
    async with (
        serving(create_sandbox(settings), port, lifespan="on"),
        httpx2.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        yield Peers(url, http)


@pytest.fixture
async def peers(sandbox_peers: Peers) -> Peers:
    for peer in ("dvcqg", "vneid-push", "province"):
        await sandbox_peers.fault(peer)
    for code in (await sandbox_peers.http.get("/sandbox/api/dvcqg/dossiers")).json()["items"]:
        await sandbox_peers.http.delete(f"/sandbox/api/dvcqg/dossiers/{code}")
    await sandbox_peers.http.put("/sandbox/api/province", json={"secrets": [], "is_gone": False})
    return sandbox_peers


@pytest.fixture(scope="session")
async def source_server() -> AsyncIterator[StandInSources]:
    sources = StandInSources()
    async with serving(sources.app(), sources.port):
        yield sources


@pytest.fixture
def sources(source_server: StandInSources) -> StandInSources:
    source_server.reset()
    return source_server


@pytest.fixture(scope="session")
def client_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "svc-national-portal-sync.jwk"
    path.write_bytes(orjson.dumps(SigningKey.generate().private_jwk()))
    path.chmod(0o600)
    return path


@pytest.fixture
async def sync_database(service_databases: ServiceDatabases) -> AsyncIterator[ServiceDatabase]:
    async with service_databases.clean("national-portal-sync", MIGRATIONS) as database:
        yield database


@pytest.fixture
async def sync(
    sync_database: ServiceDatabase, sources: StandInSources, peers: Peers, client_key_file: Path
) -> AsyncIterator[Sync]:
    settings = make_settings(
        NationalPortalSyncSettings,
        database_url=sync_database.url,
        identity_url=sources.url,
        sandbox_url=peers.url,
        dossier_url=sources.url,
        judicial_record_url=sources.url,
        client_key_file=client_key_file,
        portal_timeout_seconds=2.0,
        portal_concurrency=8,
    )
    app = create_app(settings, keys=MemoryKeys(), verifier=make_verifier("national-portal-sync"))
    rows = await asyncpg.connect(sync_database.superuser_url)
    async with service_client(app) as client:
        yield Sync(client, app, rows, sources, peers)
    await rows.close()
