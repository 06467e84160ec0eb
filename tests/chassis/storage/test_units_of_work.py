"""Commit before the answer, and the traces of readings and refusals."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import asyncpg
import httpx2
import pytest
from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis import access_log
from chassis.access import allow
from chassis.access_log import AccessEntry
from chassis.app import create_service_app
from chassis.auth import Actor
from chassis.db import Database, Db
from chassis.errors import NotFound
from chassis.idempotency import NONE
from chassis.ids import new_id
from chassis.settings import ServiceSettings
from chassis.testing import MemoryKeys, bearer, make_settings, make_token, make_verifier, service_client
from tests.support.databases import ServiceDatabase
from tests.support.waiting import until

Caller = Annotated[Actor, allow(kinds={"citizen"})]
INSERT = text("insert into things values (:id, :name)")


class ThingsSettings(ServiceSettings):
    service = "things"


def make_entry(outcome: str, **overrides: object) -> AccessEntry:
    values: dict[str, object] = {
        "citizen_id": new_id(),
        "actor_kind": "citizen",
        "actor_subject": str(new_id()),
        "actor_role": None,
        "actor_organisation": None,
        "purpose": "own reading",
        "legal_ground": "the person",
        "sections": (),
        "outcome": outcome,
        "resource": f"things/{new_id()}",
    }
    return AccessEntry(**{**values, **overrides})


router = APIRouter(prefix="/v1/things")


@router.post("/{name}", status_code=201, openapi_extra=NONE)
async def add_twice(name: str, db: Db, _caller: Caller) -> dict[str, str]:
    """Succeed until the commit, where the deferred constraint of `things` is checked."""
    for _ in range(2):
        await db.execute(INSERT, {"id": new_id(), "name": name})
    return {"made": name}


@router.get("/{name}")
async def read_thing(name: str, request: Request, db: Db, _caller: Caller) -> dict[str, str]:
    await access_log.record(db, make_entry("allowed", resource=f"things/{name}"))
    if name == "another-persons":
        refused = make_entry("refused", resource=f"things/{name}", reason="not_found")
        await access_log.record_refusal(request.app.state.database, refused)
        raise NotFound
    return {"name": name}


@pytest.fixture
async def client(chassis_database: ServiceDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    settings = make_settings(ThingsSettings, database_url=chassis_database.url)
    app = create_service_app(
        settings, title="Things", routers=[router], keys=MemoryKeys(), verifier=make_verifier("things")
    )
    async with service_client(app) as client:
        client.headers.update(bearer(make_token(kind="citizen")))
        yield client


async def fetch(database: Database, query: str) -> list[asyncpg.Record]:
    async with database.connection() as connection:
        rows: list[asyncpg.Record] = await connection.fetch(query)
        return rows


async def test_failing_commit_answers_an_error(client: httpx2.AsyncClient, database: Database) -> None:
    answer = await client.post("/v1/things/a")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert await fetch(database, "select * from things") == []


async def test_allowed_reading_leaves_its_trace(client: httpx2.AsyncClient, database: Database) -> None:
    cause = {"traceparent": "00-0123456789abcdef0123456789abcdef-1122334455667788-01"}
    assert (await client.get("/v1/things/own", headers=cause)).status_code == 200
    (row,) = await fetch(database, "select outcome, resource, trace_id from access_entries")
    assert (row["outcome"], row["resource"]) == ("allowed", "things/own")
    assert row["trace_id"] == "0123456789abcdef0123456789abcdef"


async def test_refusal_leaves_a_trace_though_the_reading_is_undone(
    client: httpx2.AsyncClient, database: Database
) -> None:
    assert (await client.get("/v1/things/another-persons")).status_code == 404
    (row,) = await fetch(database, "select outcome, reason from access_entries")
    assert (row["outcome"], row["reason"]) == ("refused", "not_found")


async def test_only_a_refusal_is_committed_apart(database: Database) -> None:
    with pytest.raises(ValueError, match="refusal"):
        await access_log.record_refusal(database, make_entry("allowed"))


async def test_error_in_a_unit_of_work_undoes_it(database: Database) -> None:
    async def fail_in_session() -> None:
        async with database.transaction() as db:
            await db.execute(INSERT, {"id": new_id(), "name": "a"})
            raise RuntimeError

    async def fail_in_connection() -> None:
        async with database.connection() as connection:
            await connection.execute("insert into things values ($1, 'a')", new_id())
            raise RuntimeError

    for fail in (fail_in_session, fail_in_connection):
        with pytest.raises(RuntimeError):
            await fail()
    assert await fetch(database, "select * from things") == []


async def test_connection_closed_by_the_server_is_replaced(database: Database) -> None:
    assert await fetch(database, "select 1")
    (row,) = await fetch(database, "select pg_backend_pid() as pid")
    other = await asyncpg.connect(database.engine.url.set(drivername="postgresql").render_as_string(False))
    await other.execute("select pg_terminate_backend($1)", row["pid"])
    await until(lambda: is_gone(other, row["pid"]))
    await other.close()
    assert await fetch(database, "select 1")


async def is_gone(connection: asyncpg.Connection, pid: int) -> bool:
    return await connection.fetchval("select count(*) from pg_stat_activity where pid = $1", pid) == 0


async def test_exhausted_pool_is_an_error_and_not_a_wait_for_ever(chassis_database: ServiceDatabase) -> None:
    small = await Database.connect(chassis_database.url, pool_size=1, acquire_timeout_seconds=0.1)
    async with small.connection():
        with pytest.raises(PoolTimeout):
            async with small.connection():
                pass
    await small.close()


async def test_refusal_is_traced_while_the_pool_is_exhausted(chassis_database: ServiceDatabase) -> None:
    small = await Database.connect(chassis_database.url, pool_size=1, acquire_timeout_seconds=0.1)
    async with small.connection():
        await access_log.record_refusal(small, make_entry("refused"))
    assert len(await fetch(small, "select * from access_entries")) == 1
    await small.close()


async def test_lock_of_many_transactions_is_held_once_across_processes(
    chassis_database: ServiceDatabase,
) -> None:
    first = await Database.connect(chassis_database.url)
    second = await Database.connect(chassis_database.url)
    assert await first.side.try_hold(7)
    assert not await first.side.try_hold(7)
    assert not await second.side.try_hold(7)
    await first.side.release(7)
    assert await second.side.try_hold(7)
    await asyncio.gather(first.close(), second.close())
