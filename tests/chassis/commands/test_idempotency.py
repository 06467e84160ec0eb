"""Commands sent again, over HTTP through a service's app, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text

from chassis.access import allow
from chassis.app import create_service_app
from chassis.auth import Actor
from chassis.db import Database, Db
from chassis.errors import AlreadyOpen, Overloaded, RoleMissing
from chassis.idempotency import DETACHED, NONE, CommandWithoutIdempotency, IdempotentRoute
from chassis.ids import new_id
from chassis.settings import ServiceSettings
from chassis.testing import MemoryKeys, make_settings, make_token, make_verifier, service_client
from tests.support.databases import ServiceDatabase

Caller = Annotated[Actor, allow(kinds={"system"})]
PROBLEMS = {"already_open": AlreadyOpen, "role_missing": RoleMissing, "overloaded": Overloaded}


class ThingsSettings(ServiceSettings):
    service = "things"


class Gate:
    """Lets a test hold a command in the middle."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()

    async def pass_through(self) -> None:
        self.entered.set()
        await self.opened.wait()


async def make_thing(db: Any, name: str) -> None:
    await db.execute(text("insert into things values (:id, :name)"), {"id": new_id(), "name": name})


def make_router() -> APIRouter:
    router = APIRouter(prefix="/v1/things", route_class=IdempotentRoute)

    @router.post("", status_code=201)
    async def add_thing(request: Request, db: Db, _caller: Caller, body: dict[str, str]) -> dict[str, str]:
        """Make a thing of the name; fail as the body says; `twice` breaks a constraint at the commit."""
        await make_thing(db, body["name"])
        await request.app.state.gate.pass_through()
        if problem := PROBLEMS.get(body.get("problem", "")):
            raise problem
        if body.get("twice"):
            await make_thing(db, body["name"])
        return {"made": body["name"], "id": str(new_id())}

    @router.post("/imports", status_code=201, openapi_extra=DETACHED)
    async def import_things(request: Request, _caller: Caller) -> dict[str, str]:
        await request.app.state.gate.pass_through()
        async with request.app.state.database.transaction() as db:
            await make_thing(db, (await request.body()).decode())
        return {"id": str(new_id())}

    @router.post("/look-ups", openapi_extra=NONE)
    async def look_up_things(_caller: Caller) -> dict[str, str]:
        return {"id": str(new_id())}

    return router


def make_app(database: ServiceDatabase, router: APIRouter) -> FastAPI:
    settings = make_settings(ThingsSettings, database_url=database.url)
    app = create_service_app(
        settings, title="Things", routers=[router], keys=MemoryKeys(), verifier=make_verifier("things")
    )
    app.state.gate = Gate()
    return app


@pytest.fixture
async def app(chassis_database: ServiceDatabase) -> FastAPI:
    return make_app(chassis_database, make_router())


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with service_client(app) as client:
        client.headers["authorization"] = bearer("hospital-a")
        yield client


def bearer(client_id: str) -> str:
    return f"Bearer {make_token(kind='system', client_id=client_id)}"


def keyed(key: str, **headers: str) -> dict[str, str]:
    return {"idempotency-key": key, **headers}


async def names(database: Database) -> list[str]:
    async with database.connection() as connection:
        return [row[0] for row in await connection.fetch("select name from things order by id")]


async def test_command_without_key_is_refused(client: httpx2.AsyncClient, database: Database) -> None:
    for headers in ({}, keyed("has space"), keyed("x" * 201)):
        answer = await client.post("/v1/things", json={"name": "a"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "missing_idempotency_key")
    assert await names(database) == []


async def test_caller_is_asked_for_before_the_key(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/things", json={"name": "a"}, headers={"authorization": ""})
    assert answer.json()["code"] == "token_missing"


@pytest.mark.parametrize("path", ["/v1/things", "/v1/things/imports"])
async def test_same_command_again_gets_the_first_answer(
    client: httpx2.AsyncClient, database: Database, path: str
) -> None:
    first = await client.post(path, json={"name": "a"}, headers=keyed("k"))
    again = await client.post(path, json={"name": "a"}, headers=keyed("k"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert len(await names(database)) == 1


@pytest.mark.parametrize("path", ["/v1/things", "/v1/things/imports"])
async def test_key_with_another_body_or_query_is_refused(
    client: httpx2.AsyncClient, database: Database, path: str
) -> None:
    await client.post(path, json={"name": "a"}, headers=keyed("k"))
    for target, body in ((path, {"name": "b"}), (f"{path}?x=1", {"name": "a"})):
        answer = await client.post(target, json=body, headers=keyed("k"))
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await names(database)) == 1


async def test_key_belongs_to_its_caller_and_route(client: httpx2.AsyncClient, database: Database) -> None:
    await client.post("/v1/things", json={"name": "a"}, headers=keyed("k"))
    other = keyed("k", authorization=bearer("hospital-b"))
    answer = await client.post("/v1/things", json={"name": "b"}, headers=other)
    assert answer.status_code == 201
    answer = await client.post("/v1/things/imports", json={"name": "a"}, headers=keyed("k"))
    assert answer.status_code == 201
    assert len(await names(database)) == 3


@pytest.mark.parametrize("path", ["/v1/things", "/v1/things/imports"])
async def test_second_request_in_flight_is_told_so_at_once(
    app: FastAPI, client: httpx2.AsyncClient, path: str
) -> None:
    app.state.gate.opened.clear()
    first = asyncio.create_task(client.post(path, json={"name": "a"}, headers=keyed("k")))
    await app.state.gate.entered.wait()
    second = await client.post(path, json={"name": "a"}, headers=keyed("k"))
    app.state.gate.opened.set()
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_key_in_flight")
    assert (await first).status_code == 201
    again = await client.post(path, json={"name": "a"}, headers=keyed("k"))
    assert again.content == (await first).content


async def test_refusal_that_is_a_decision_is_kept_and_leaves_no_effect(
    client: httpx2.AsyncClient, database: Database
) -> None:
    body = {"name": "a", "problem": "already_open"}
    first = await client.post("/v1/things", json=body, headers=keyed("k"))
    again = await client.post("/v1/things", json=body, headers=keyed("k"))
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/problem+json"
    assert await names(database) == []


@pytest.mark.parametrize(("problem", "status"), [("role_missing", 403), ("overloaded", 503)])
async def test_answer_that_is_no_decision_is_not_kept(
    client: httpx2.AsyncClient, database: Database, problem: str, status: int
) -> None:
    failed = await client.post("/v1/things", json={"name": "a", "problem": problem}, headers=keyed("k"))
    assert failed.status_code == status
    mended = await client.post("/v1/things", json={"name": "a"}, headers=keyed("k"))
    assert mended.status_code == 201
    assert await names(database) == ["a"]


async def test_unauthenticated_attempt_does_not_use_the_key_up(client: httpx2.AsyncClient) -> None:
    refused = await client.post(
        "/v1/things", json={"name": "x"}, headers=keyed("k", authorization="Bearer x")
    )
    assert refused.status_code == 401
    assert (await client.post("/v1/things", json={"name": "a"}, headers=keyed("k"))).status_code == 201


async def test_failing_commit_answers_an_error_and_keeps_nothing(
    client: httpx2.AsyncClient, database: Database
) -> None:
    failed = await client.post("/v1/things", json={"name": "a", "twice": "yes"}, headers=keyed("k"))
    assert failed.status_code == 500
    assert await names(database) == []
    again = await client.post("/v1/things", json={"name": "a"}, headers=keyed("k"))
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


async def test_stored_answer_is_not_readable_in_the_database(
    client: httpx2.AsyncClient, database: Database
) -> None:
    await client.post("/v1/things", json={"name": "Nguyễn Thị An"}, headers=keyed("k"))
    async with database.connection() as connection:
        (row,) = await connection.fetch("select * from idempotency_keys")
    assert b"Nguy" not in row["body"]


async def test_key_is_forgotten_after_a_day(client: httpx2.AsyncClient, database: Database) -> None:
    await client.post("/v1/things", json={"name": "a"}, headers=keyed("k"))
    async with database.connection() as connection:
        await connection.execute("update idempotency_keys set created_at = created_at - interval '24 hours'")
    again = await client.post("/v1/things", json={"name": "b"}, headers=keyed("k"))
    assert again.status_code == 201


async def test_look_up_needs_no_key(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/v1/things/look-ups")).status_code == 200


def test_command_of_a_plain_router_does_not_start(chassis_database: ServiceDatabase) -> None:
    router = APIRouter(prefix="/v1/things")

    @router.delete("/{name}")
    async def delete_thing(name: str, _caller: Caller) -> None: ...

    with pytest.raises(CommandWithoutIdempotency, match=r"DELETE /v1/things/\{name\}"):
        make_app(chassis_database, router)


def test_document_names_the_header_and_its_refusals(app: FastAPI) -> None:
    operation = app.openapi()["paths"]["/v1/things"]["post"]
    (header,) = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]
    assert header["required"]
    examples = operation["responses"]["409"]["content"]["application/problem+json"]["examples"]
    assert "idempotency_key_in_flight" in examples
    assert "idempotency_request" not in str(operation)
