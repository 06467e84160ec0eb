"""Our questions to courts and police, put to the sandbox's own: both sides read each other's messages."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import orjson
import pytest

from chassis.keys import SigningKey
from deploy.sandbox.app import create_app
from deploy.sandbox.courts.holdings import COURT, POLICE
from deploy.sandbox.personas import personas
from deploy.sandbox.settings import SandboxSettings
from judicial_record.convictions.items import ITEM
from judicial_record.convictions.peers import HttpSourcePeer, Question, Reply

URL = "http://sandbox"


@dataclass
class Wire:
    """The sandbox in process, what was sent to it, and our client of it."""

    http: httpx2.AsyncClient
    key_file: Path
    sent: list[httpx2.Request]

    @property
    def peer(self) -> HttpSourcePeer:
        return HttpSourcePeer(self.http, f"{URL}/sandbox/courts", self.key_file, "svc-judicial-record")

    async def fault(self, **switches: Any) -> None:
        answer = await self.http.put("/sandbox/api/faults/courts", json=switches)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    clients = tmp_path / "clients"
    clients.mkdir()
    key_file = clients / "svc-judicial-record.jwk"
    key_file.write_bytes(orjson.dumps(SigningKey.generate().private_jwk()))
    key_file.chmod(0o600)
    values = {"profile": "sandbox", "public_url": URL, "port": 1, "town_size": 10}
    app = create_app(SandboxSettings(state_directory=tmp_path / "state", clients_directory=clients, **values))
    sent: list[httpx2.Request] = []

    async def keep(request: httpx2.Request) -> None:
        sent.append(request)

    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=URL, event_hooks={"request": [keep]}) as http,
    ):
        yield Wire(http, key_file, sent)


def question(name: str) -> Question:
    person = personas()[name].person
    assert person is not None
    who = {"name": person.name, "born_on": person.born_on.isoformat(), "personal_id": person.personal_id}
    return Question(uuid4(), who, date(2026, 11, 23))


async def test_what_a_source_holds_comes_back_as_documents_that_can_be_read(wire: Wire) -> None:
    found = await wire.peer.ask(COURT, question("binh"))

    assert (found.state, found.verdict) == ("answered", "found")
    assert [ITEM.validate_python(one).kind for one in found.items] == ["judgment"]


async def test_nothing_held_is_an_answer_too(wire: Wire) -> None:
    assert await wire.peer.ask(POLICE, question("an")) == Reply("answered", (), "nothing")


async def test_question_is_asked_after_under_its_id(wire: Wire) -> None:
    asked = question("binh")

    assert (await wire.peer.look(POLICE, asked.request_id)).state == "absent"
    await wire.fault(late_next=3_600_000)
    assert (await wire.peer.ask(POLICE, asked)).state == "pending"
    assert (await wire.peer.look(POLICE, asked.request_id)).state == "pending"


@pytest.mark.parametrize("switch", ["fail_next", "cut_next", "lose_next"])
async def test_outcome_that_cannot_be_told_is_unknown(wire: Wire, switch: str) -> None:
    asked = question("binh")
    await wire.fault(**{switch: 1})

    assert (await wire.peer.ask(COURT, asked)).state == "unknown"
    assert (await wire.peer.look(COURT, asked.request_id)).state in ("answered", "absent")


async def test_personal_number_travels_in_the_body_alone(wire: Wire) -> None:
    asked = question("binh")
    await wire.peer.ask(COURT, asked)

    (request,) = wire.sent
    head = f"{request.url} {dict(request.headers)}"
    assert asked.person["personal_id"] not in head
    assert asked.person["personal_id"].encode() in request.content


async def test_missing_key_is_unknown_and_nothing_is_sent(wire: Wire) -> None:
    wire.key_file.unlink()

    assert (await wire.peer.ask(COURT, question("binh"))).state == "unknown"
    assert wire.sent == []
