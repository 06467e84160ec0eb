"""The office with the real issuing of certificates, under seals of a PKI of the tests' own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from chassis.clock import Clocks
from chassis.testing import MemoryKeys, make_settings, make_verifier, service_client
from deploy.local import pki
from judicial_record.app import create_app
from judicial_record.settings import JudicialRecordSettings
from tests.judicial_record.base import StandInBase
from tests.judicial_record.conftest import MONDAY, OFFICER, OWN, Office
from tests.judicial_record.peers import Peers, Person
from tests.support.databases import ServiceDatabase

CHECK = "/v1/certificate-verifications"


@dataclass
class Registry(Office):
    """An office that issues."""

    keys: Path

    async def proposed(self, person: Person, **fields: Any) -> UUID:
        """Return an application that waits for the leader."""
        application_id = await self.checking(person, **fields)
        await self.did(application_id, "claim", self.officer())
        await self.did(application_id, "propose", self.officer(OFFICER))
        return application_id

    async def issued(self, person: Person, **fields: Any) -> tuple[UUID, bytes]:
        """Return an issued application and its certificate."""
        application_id = await self.proposed(person, **fields)
        await self.did(application_id, "approve", self.leader())
        return application_id, (await self.fetch(person, application_id)).content

    async def fetch(self, person: Person, application_id: UUID, **headers: str) -> httpx2.Response:
        url = f"{OWN}/{application_id}/certificate.pdf"
        return await self.client.get(url, headers=self.citizen(person) | headers)

    async def check(self, pdf: bytes) -> Any:
        answer = await self.client.post(CHECK, content=pdf, headers={"content-type": "application/pdf"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def check_code(self, number: str, code: str) -> Any:
        answer = await self.client.post(CHECK, json={"number": number, "code": code})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def end(self, number: str, who: dict[str, str], **fields: Any) -> httpx2.Response:
        body = {"reason": "Cấp sai nội dung", "legal_ground": "Luật 28/2009/QH12, điều 50"} | fields
        return await self.send(f"/v1/certificates/{number}/revocation", body, who)


@pytest.fixture(scope="session")
def seals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seals")
    pki.write(folder)
    return folder


@pytest.fixture
async def registry(
    judicial_database: ServiceDatabase, peers: Peers, client_key_file: Path, seals: Path
) -> AsyncIterator[Registry]:
    clocks, base = Clocks(legal_fixed=MONDAY), StandInBase()
    settings = make_settings(
        JudicialRecordSettings,
        database_url=judicial_database.url,
        identity_url=peers.url,
        client_key_file=client_key_file,
        payment_platform_url=f"{peers.url}/platform",
        key_directory=seals,
    )
    app = create_app(
        settings,
        clocks=clocks,
        keys=MemoryKeys(),
        verifier=make_verifier("judicial-record"),
        convictions=base,
    )
    rows = await asyncpg.connect(judicial_database.superuser_url)
    async with service_client(app) as client:
        yield Registry(client, app, rows, peers, base, clocks, seals)
    await rows.close()
