"""A population register with a mother and her children, and a company with its director and one employee."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI

from identity.loading import load
from identity.peers.population_register import PopulationRegister
from identity.settings import IdentitySettings
from tests.identity.fake_vneid import FakeVNeID, make_person

BINH, CHI, GROWN_UP, YOUNG = "046179000025", "046316000031", "046203000040", "046209000041"
AN, DIRECTOR, EMPLOYEE = "001085000017", "001077000152", "001191000160"
NAMES = {
    BINH: ("Trần Thị Bình", "1979-11-02", "female"),
    CHI: ("Trần Gia Chi", "2016-06-01", "female"),
    YOUNG: ("Trần Gia Dũng", "2009-05-05", "male"),
    GROWN_UP: ("Trần Gia Em", "2003-01-01", "male"),
    AN: ("Nguyễn Văn An", "1985-03-12", "male"),
    DIRECTOR: ("Lý Quốc Đạt", "1977-04-18", "male"),
    EMPLOYEE: ("Phan Thị Ngân", "1991-09-09", "female"),
}


def described(number: str) -> dict[str, Any]:
    """Return a person as registrations and the register name one."""
    name, born_on, sex = NAMES[number]
    return {"personal_id": number, "name": name, "born_on": born_on, "sex": sex}


@dataclass
class Register:
    """Who is whose child; `dead` and `status` change what it says."""

    children: dict[str, list[str | None]] = field(
        default_factory=lambda: {BINH: [CHI, YOUNG, GROWN_UP, None]}
    )
    dead: set[str] = field(default_factory=set)
    status: int = 200

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        number = orjson.loads(request.content)["personal_id"]
        if number not in NAMES:
            return httpx2.Response(self.status, json={"found": False})
        relations = [{"kind": "child", "personal_id": one} for one in self.children.get(number, [])]
        relations.append({"kind": "spouse", "personal_id": AN})
        person = {**described(number), "is_alive": number not in self.dead, "relations": relations}
        return httpx2.Response(self.status, json={"found": True, "person": person})


@pytest.fixture
async def register(client: httpx2.AsyncClient, app: FastAPI) -> AsyncIterator[Register]:
    made, before = Register(), app.state.acting
    peer = httpx2.AsyncClient(transport=httpx2.MockTransport(made))
    acting = replace(before, register=PopulationRegister("http://register.test/look-ups", peer))
    tokens = app.state.token_service
    app.state.acting = acting
    app.state.token_service = replace(tokens, exchange=replace(tokens.exchange, acting=acting))
    yield made
    app.state.acting, app.state.token_service = before, tokens


@pytest.fixture
async def company(
    client: httpx2.AsyncClient, app: FastAPI, settings: IdentitySettings
) -> AsyncIterator[dict[str, Any]]:
    """A company whose director has let one employee act for it."""
    registration = {
        "tax_code": "0100000010",
        "name": "Công ty TNHH Dược Mẫu",
        "representative": described(DIRECTOR),
        "delegates": [{"person": described(EMPLOYEE), "valid_from": "2026-01-01"}],
    }
    settings.organisations.write_bytes(orjson.dumps([registration]))
    settings.organisations.chmod(0o600)
    await load(settings, app.state.keys)
    yield registration
    settings.organisations.unlink()


def as_person(vneid: FakeVNeID, number: str, level: int = 2) -> None:
    """Let this person sign in at VNeID next."""
    name, born_on, sex = NAMES[number]
    vneid.person = make_person(
        sub=f"tech-{number}",
        TechID=f"tech-{number}",
        SoDinhDanh=number,
        HoVaTen=name,
        GioiTinh="1" if sex == "male" else "2",
        birthdate=born_on,
        acr=f"LoA{level}",
    )
