"""The judicial record with its real base of convictions, and the courts and police that send to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
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
from chassis.testing import PUBLIC_URL, MemoryKeys, bearer, make_token, make_verifier, service_client
from judicial_record.app import create_app
from judicial_record.convictions.peers import Question, Reply
from judicial_record.convictions.service import LookUp
from judicial_record.settings import JudicialRecordSettings
from tests.judicial_record.conftest import MONDAY
from tests.judicial_record.convictions.factories import BINH, covering
from tests.judicial_record.peers import Peers, Person
from tests.support.databases import ServiceDatabase

COURT_KEY, POLICE_KEY = SigningKey.generate(), SigningKey.generate()
KEYS = {"toa-an": COURT_KEY, "cong-an": POLICE_KEY}
BORN = date(1979, 11, 2)
TODAY = date(2026, 11, 23)


@dataclass
class StandInSources:
    """Courts and police as peers: they answer what a test lays down, `unknown` where it lays down nothing."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, Question]] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    async def ask(self, source: str, question: Question) -> Reply:
        self.asked.append((source, question))
        return self._next(source)

    async def look(self, source: str, request_id: UUID) -> Reply:
        self.looked.append(source)
        return self._next(source)

    def _next(self, source: str) -> Reply:
        if source in self.failing:
            raise RuntimeError
        left = self.replies.get(source, [])
        return left.pop(0) if left else Reply("unknown")


@dataclass
class Base:
    """The running service as courts, police and its own applications see it."""

    client: httpx2.AsyncClient
    app: FastAPI
    rows: "asyncpg.Connection[asyncpg.Record]"
    peers: Peers
    sources: StandInSources
    clocks: Clocks

    def person(self, personal_id: str = BINH["personal_id"], name: str = BINH["name"]) -> Person:
        person = Person(new_id(), personal_id, name, BINH["born_on"])
        self.peers.people[person.citizen_id] = person
        return person

    async def request(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        source: str = "toa-an",
        key: SigningKey | None = None,
        token: str | None = None,
        **headers: str,
    ) -> httpx2.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        fields = {"kind": "system", "organisation": source, "scopes": {"judicial.convictions"}}
        made = token or make_token(client_id=source, **fields)
        signed = http_signatures.sign(
            method,
            PUBLIC_URL + path,
            {"content-type": "application/json"},
            content,
            key=key or KEYS[source],
            keyid=source,
        )
        sent = {**bearer(made), "idempotency-key": str(new_id()), **signed, **headers}
        return await self.client.request(method, path, content=content, headers=sent)

    async def send(self, *items: Any, source: str = "toa-an", **options: Any) -> httpx2.Response:
        return await self.request("POST", "/v1/convictions", {"items": items}, source=source, **options)

    async def sent(self, *items: Any, source: str = "toa-an") -> Any:
        answer = await self.send(*items, source=source)
        assert answer.status_code == 201, answer.text
        assert answer.json()["rejected"] == [], answer.text
        return answer.json()

    async def cover(self, source: str, body: Any, **headers: str) -> httpx2.Response:
        path = f"/v1/conviction-sources/{source}/coverage"
        return await self.request("PUT", path, body, source=source, **headers)

    async def cover_all(self) -> None:
        """Let both sources be complete for everybody."""
        assert (await self.cover("toa-an", covering("judgments", "expungements"))).status_code == 200
        assert (await self.cover("cong-an", covering("executions", "proceedings"))).status_code == 200

    async def look_up(self, person: Person, on: date = TODAY, **options: Any) -> LookUp:
        async with self.app.state.database.transaction() as db:
            return await self.app.state.convictions.look_up(
                db, person.citizen_id, born_on=BORN, asked_on=on, **options
            )

    async def content(self, person: Person, form: int, on: date = TODAY) -> list[dict[str, Any]]:
        async with self.app.state.database.transaction() as db:
            shown: list[dict[str, Any]] = await self.app.state.convictions.certificate_content(
                db, person.citizen_id, form, on
            )
        return shown


@pytest.fixture
async def base(
    judicial_database: ServiceDatabase, settings: JudicialRecordSettings, peers: Peers
) -> AsyncIterator[Base]:
    """The service at 10:00 on Monday, 23 November 2026."""
    peers.client_keys |= KEYS
    clocks, sources = Clocks(legal_fixed=MONDAY), StandInSources()
    app = create_app(
        settings,
        clocks=clocks,
        keys=MemoryKeys(),
        verifier=make_verifier("judicial-record"),
        sources=sources,
    )
    rows = await asyncpg.connect(judicial_database.superuser_url)
    async with service_client(app) as client:
        yield Base(client, app, rows, peers, sources, clocks)
    await rows.close()
