"""Facts of people and organisations, and keys of clients, as other services get them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from chassis.clock import Clocks
from chassis.db import Database
from chassis.ids import new_id
from chassis.testing import bearer
from identity.facts.service import FactsService
from identity.peers.population_register import PopulationRegister
from identity.people.schemas import PersonIn
from tests.identity.factories import CLIENT_KEYS, person_item, system_form

PEOPLE = "/internal/v1/person-facts"
ORGANISATIONS = "/internal/v1/organisation-facts"
AN: dict[str, Any] = {
    "personal_id": "001085000017",
    "name": "Nguyễn Văn An",
    "born_on": "1985-03-12",
    "sex": "male",
    "nationality": "000",
    "address": {"text": "Số 12 phố Thử Nghiệm", "province_code": "01", "commune_code": "00004"},
}
Answer = Callable[[httpx2.Request], httpx2.Response]


class Register:
    """A population register that answers as it is told, and counts."""

    def __init__(self) -> None:
        self.person: dict[str, Any] | None = AN
        self.status = 200
        self.asked = 0

    def __call__(self, _request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        body = {"found": self.person is not None, "person": self.person}
        return httpx2.Response(self.status, json=body)


@pytest.fixture
async def register(client: httpx2.AsyncClient, app: FastAPI) -> AsyncIterator[Register]:
    """The register that the app asks from now on."""
    made = Register()
    peer = httpx2.AsyncClient(transport=httpx2.MockTransport(made))
    before: FactsService = app.state.facts
    app.state.facts = replace(before, register=PopulationRegister("http://register.test/look-ups", peer))
    yield made
    app.state.facts = before


@pytest.fixture
async def an(client: httpx2.AsyncClient, app: FastAPI) -> UUID:
    """Someone whom a hospital has named, not yet confirmed."""
    resolved = await app.state.people.resolve([PersonIn.model_validate(person_item())])
    citizen_id = resolved[0].citizen_id
    assert isinstance(citizen_id, UUID)
    return citizen_id


async def service(client: httpx2.AsyncClient, scope: str) -> dict[str, str]:
    """Return the headers of a service that may read people and clients."""
    form = system_form("svc-judicial-record", scope=scope)
    return bearer((await client.post("/oauth2/token", data=form)).json()["access_token"])


async def ask(client: httpx2.AsyncClient, *citizen_ids: UUID) -> dict[str, Any]:
    body = {"citizen_ids": [str(one) for one in citizen_ids], "purpose": "judicial-application"}
    answer = await client.post(PEOPLE, json=body, headers=await service(client, "people.read"))
    assert answer.status_code == 200, answer.text
    facts: dict[str, Any] = answer.json()
    return facts


async def test_facts_come_with_residence_and_confirm_the_person(
    client: httpx2.AsyncClient, register: Register, an: UUID
) -> None:
    stranger = new_id()

    facts = await ask(client, an, stranger, an)

    assert facts == {
        "items": [
            {
                "citizen_id": str(an),
                "personal_id": "001085000017",
                "name": "Nguyễn Văn An",
                "born_on": "1985-03-12",
                "sex": "male",
                "nationality": "VN",
                "residence": {
                    "province_code": "01",
                    "commune_code": "00004",
                    "text": "Số 12 phố Thử Nghiệm",
                },
                "confirmed": True,
            }
        ],
        "missing": [str(stranger)],
    }


async def test_the_register_is_asked_once_a_day(
    client: httpx2.AsyncClient, register: Register, an: UUID, database: Database
) -> None:
    await ask(client, an)
    await ask(client, an)
    asked_on_the_first_day = register.asked
    async with database.connection() as connection:
        await connection.execute(
            "update people set register_facts_at = $1", Clocks.real().real_now() - timedelta(hours=25)
        )
    register.person = AN | {"address": AN["address"] | {"province_code": "48"}}

    facts = await ask(client, an)

    assert (asked_on_the_first_day, register.asked) == (1, 2)
    assert facts["items"][0]["residence"]["province_code"] == "48"


@pytest.mark.parametrize(
    ("status", "person"),
    [(503, AN), (200, {"name": "half an answer"}), (200, None), (200, AN | {"name": "Somebody Else"})],
    ids=["down", "unreadable", "unknown", "another person"],
)
async def test_facts_are_told_without_what_the_register_does_not_say(
    client: httpx2.AsyncClient, register: Register, an: UUID, status: int, person: dict[str, Any] | None
) -> None:
    register.status, register.person = status, person

    told = (await ask(client, an))["items"][0]

    assert (told["name"], told["residence"], told["confirmed"]) == ("Nguyễn Văn An", None, False)


async def test_each_person_told_of_leaves_an_access_entry_and_no_number_in_the_clear(
    client: httpx2.AsyncClient, register: Register, an: UUID, database: Database
) -> None:
    await ask(client, an)

    async with database.connection() as connection:
        entries = await connection.fetch("select * from access_entries")
        sealed = await connection.fetchval("select register_facts_ciphertext from people")
    entry = dict(entries[0])
    assert len(entries) == 1
    assert (entry["citizen_id"], entry["actor_subject"]) == (an, "svc-judicial-record")
    assert (entry["purpose"], entry["outcome"]) == ("judicial-application", "allowed")
    assert b"00004" not in sealed


@pytest.mark.parametrize(
    "body",
    [
        {"citizen_ids": [], "purpose": "x"},
        {"citizen_ids": [str(new_id()) for _ in range(101)], "purpose": "x"},
        {"citizen_ids": ["no id"], "purpose": "x"},
        {"citizen_ids": [str(new_id())]},
    ],
    ids=["none", "too many", "not an id", "no purpose"],
)
async def test_unusable_questions_are_refused(client: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    answer = await client.post(PEOPLE, json=body, headers=await service(client, "people.read"))

    assert answer.status_code == 422


async def test_organisations_are_told_of(client: httpx2.AsyncClient, database: Database) -> None:
    company, director, stranger = new_id(), new_id(), new_id()
    async with database.connection() as connection:
        await connection.execute(
            "insert into organisations values"
            " ($1, '0100000010', 'Công ty TNHH Dược Mẫu', null, $2, now(), now())",
            company,
            director,
        )
    body = {"organisation_ids": [str(stranger), str(company)]}

    answer = await client.post(ORGANISATIONS, json=body, headers=await service(client, "people.read"))

    assert answer.json() == {
        "items": [
            {
                "organisation_id": str(company),
                "tax_code": "0100000010",
                "name": "Công ty TNHH Dược Mẫu",
                "address": None,
                "representative_citizen_id": str(director),
            }
        ],
        "missing": [str(stranger)],
    }


async def test_keys_of_a_client_are_told(client: httpx2.AsyncClient) -> None:
    headers = await service(client, "clients.read")

    answer = await client.get("/internal/v1/clients/his-99999/keys", headers=headers)

    assert answer.json() == {
        "client_id": "his-99999",
        "organisation": "99999",
        "jwks": {"keys": [CLIENT_KEYS["his-99999"].public_jwk()]},
    }


@pytest.mark.parametrize("client_id", ["cli", "nobody", "app-backend"])
async def test_clients_without_keys_are_not_found(client: httpx2.AsyncClient, client_id: str) -> None:
    headers = await service(client, "clients.read")

    answer = await client.get(f"/internal/v1/clients/{client_id}/keys", headers=headers)

    assert answer.status_code == 404


async def test_what_cannot_be_a_client_id_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/internal/v1/clients/%00/keys", headers=await service(client, "clients.read"))

    assert answer.status_code == 422
