"""The judicial record over a real PostgreSQL, with stand-ins for identity and the payment platform."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import orjson
import pytest
from fastapi import FastAPI

from chassis import http_signatures
from chassis.clock import Clocks
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
from judicial_record.app import create_app
from judicial_record.settings import JudicialRecordSettings
from tests.judicial_record.base import StandInBase
from tests.judicial_record.peers import PLATFORM_CLIENT, PLATFORM_KEY, Peers, Person
from tests.support.databases import ServiceDatabase, ServiceDatabases

MIGRATIONS = Path(__file__).parents[2] / "svc-judicial-record" / "migrations"
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam
OWN = "/v1/me/judicial-record-applications"
OFFICE = "/v1/judicial-record-applications"
NOTICES = "/v1/judicial-record-payments/notices"
HA_NOI = "lltp-ha-noi"
OFFICER = "0192f0c4-7a3b-7c11-8a55-00000000000a"
LEADER = "0192f0c4-7a3b-7c11-8a55-00000000000b"


@dataclass
class Office:
    """The running service, and everybody who uses it."""

    client: httpx2.AsyncClient
    app: FastAPI
    rows: "asyncpg.Connection[asyncpg.Record]"
    peers: Peers
    base: StandInBase
    clocks: Clocks

    def person(self, name: str = "Nguyễn Văn An", born_on: str = "1985-03-12", **fields: Any) -> Person:
        person = Person(new_id(), "001085000017", name, born_on, **fields)
        self.peers.people[person.citizen_id] = person
        return person

    @staticmethod
    def citizen(person: Person, **fields: Any) -> dict[str, str]:
        values = {"subject": str(person.citizen_id), "scopes": {"judicial.apply"}}
        return bearer(make_token(**(values | fields)))

    @staticmethod
    def staff(*roles: str, subject: str = OFFICER, **fields: Any) -> dict[str, str]:
        values = {
            "kind": "staff",
            "subject": subject,
            "roles": roles,
            "organisation": HA_NOI,
            "scopes": {"judicial.work"},
        }
        return bearer(make_token(**(values | fields)))

    def officer(self, subject: str = OFFICER) -> dict[str, str]:
        return self.staff("judicial_officer", subject=subject)

    def leader(self, subject: str = LEADER) -> dict[str, str]:
        return self.staff("judicial_leader", subject=subject)

    async def send(self, url: str, body: Any, who: dict[str, str], **headers: str) -> httpx2.Response:
        keyed = {"idempotency-key": str(new_id()), **who, **headers}
        return await self.client.post(url, json=body, headers=keyed)

    async def apply(self, person: Person, **fields: Any) -> httpx2.Response:
        body = {"form": 1, "purpose": "Xin việc làm", "delivery": "electronic"} | fields
        return await self.send(OWN, body, self.citizen(person))

    async def made(self, person: Person, **fields: Any) -> UUID:
        answer = await self.apply(person, **fields)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def pay(self, person: Person, application_id: UUID) -> str:
        """Open the payment and let the platform confirm it; return its code."""
        opened = await self.send(f"{OWN}/{application_id}/payments", {}, self.citizen(person))
        assert opened.status_code == 201, opened.text
        code: str = opened.json()["lookup_code"]
        told = await self.tell(code, opened.json()["amount_vnd"])
        assert told.json()["outcome"] == "confirmed", told.text
        return code

    async def tell(
        self,
        code: str,
        amount_vnd: int,
        *,
        key: SigningKey = PLATFORM_KEY,
        reference: str = "",
        error: int = 0,
    ) -> httpx2.Response:
        """Send a notice as the payment platform does."""
        notice = {
            "error_code": error,
            "MaTraCuuTT": code,
            "MaGiaoDich": reference or f"SBX-{code}",
            "SoTien": amount_vnd,
        }
        body = orjson.dumps(notice)
        headers = {"content-type": "application/json"}
        signed = http_signatures.sign(
            "POST", PUBLIC_URL + NOTICES, headers, body, key=key, keyid=PLATFORM_CLIENT
        )
        return await self.client.post(NOTICES, content=body, headers=signed)

    async def checking(self, person: Person, **fields: Any) -> UUID:
        """Return an application that is paid, accepted and looked up."""
        application_id = await self.made(person, **fields)
        if (await self.own(person, application_id))["status"] == "awaiting_payment":
            await self.pay(person, application_id)
        await self.advance()
        assert (await self.own(person, application_id))["status"] == "checking"
        return application_id

    async def act(
        self, application_id: UUID, action: str, who: dict[str, str], note: str | None = None, **headers: str
    ) -> httpx2.Response:
        body = {"action": action} if note is None else {"action": action, "note": note}
        return await self.send(f"{OFFICE}/{application_id}/actions", body, who, **headers)

    async def did(
        self, application_id: UUID, action: str, who: dict[str, str], note: str | None = None
    ) -> Any:
        answer = await self.act(application_id, action, who, note)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def own(self, person: Person, application_id: UUID) -> Any:
        answer = await self.client.get(f"{OWN}/{application_id}", headers=self.citizen(person))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def advance(self) -> int:
        moved: int = await self.app.state.automation.advance()
        return moved

    async def watch(self) -> int:
        moved: int = await self.app.state.automation.watch_clocks()
        return moved

    def later(self, **time: float) -> None:
        """Move legal time on."""
        self.clocks.set_offset(int((self.clocks.offset + timedelta(**time)).total_seconds()))

    async def events(self) -> list[dict[str, Any]]:
        found = await self.rows.fetch("select event_type, data from outbox order by position")
        return [{"type": row["event_type"], **orjson.loads(row["data"])} for row in found]

    async def traces(self, person: Person) -> list[asyncpg.Record]:
        return await self.rows.fetch(
            "select * from access_entries where citizen_id = $1 order by id", person.citizen_id
        )


@pytest.fixture(scope="session")
async def peer_server() -> AsyncIterator[Peers]:
    async with Peers().serving() as peers:
        yield peers


@pytest.fixture
def peers(peer_server: Peers) -> Peers:
    peer_server.reset()
    return peer_server


@pytest.fixture(scope="session")
def client_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "svc-judicial-record.jwk"
    path.write_bytes(orjson.dumps(SigningKey.generate().private_jwk()))
    path.chmod(0o600)
    return path


@pytest.fixture
async def judicial_database(service_databases: ServiceDatabases) -> AsyncIterator[ServiceDatabase]:
    async with service_databases.clean("judicial-record", MIGRATIONS) as database:
        yield database


@pytest.fixture
def settings(
    judicial_database: ServiceDatabase, peers: Peers, client_key_file: Path
) -> JudicialRecordSettings:
    return make_settings(
        JudicialRecordSettings,
        database_url=judicial_database.url,
        identity_url=peers.url,
        client_key_file=client_key_file,
        payment_platform_url=f"{peers.url}/platform",
    )


@pytest.fixture
async def office(
    judicial_database: ServiceDatabase, settings: JudicialRecordSettings, peers: Peers
) -> AsyncIterator[Office]:
    """The service at 10:00 on Monday, 23 November 2026, with a stand-in for the base of convictions."""
    clocks, base = Clocks(legal_fixed=MONDAY), StandInBase()
    app = create_app(
        settings,
        clocks=clocks,
        keys=MemoryKeys(),
        verifier=make_verifier("judicial-record"),
        convictions=base,
        certificates=base,
    )
    rows = await asyncpg.connect(judicial_database.superuser_url)
    async with service_client(app) as client:
        yield Office(client, app, rows, peers, base, clocks)
    await rows.close()
