"""What is answered as done is done: a failing commit never answers success."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from chassis.testing import make_settings, service_client
from deploy.local.postgres import PostgresServer
from tests.support import things
from tests.support.databases import ServiceDatabase


@pytest.fixture
async def client(chassis_database: ServiceDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    settings = make_settings(things.ThingsSettings, database_url=chassis_database.url)
    async with service_client(things.create_app(settings)) as client:
        yield client


async def test_thing_is_there_once_the_answer_is(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/things", json={"name": "a"})

    assert answer.status_code == 201
    assert (await client.get("/things")).json() == ["a"]


async def test_commit_that_fails_answers_an_error(client: httpx2.AsyncClient) -> None:
    """The unique name is a deferred constraint: every statement succeeds, only the commit fails."""
    await client.post("/things", json={"name": "a"})

    answer = await client.post("/things", json={"name": "a"})

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert (await client.get("/things")).json() == ["a"]


async def test_database_that_goes_away_answers_503_and_comes_back(
    client: httpx2.AsyncClient, postgres_server: PostgresServer
) -> None:
    await client.post("/things", json={"name": "a"})
    postgres_server.stop()
    try:
        answer = await client.get("/things")
        readiness = await client.get("/readyz")
        liveness = await client.get("/healthz")
    finally:
        postgres_server.start()

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert answer.headers["retry-after"]
    assert readiness.json()["parts"]["database"] == "failed"
    assert readiness.status_code == 503
    assert liveness.status_code == 200
    assert (await client.get("/things")).json() == ["a"]
