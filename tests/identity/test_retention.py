"""What has no further use goes; what is still of use stays."""

import httpx2
import pytest
from fastapi import FastAPI

from chassis.db import Database
from identity import retention
from tests.identity.factories import citizen_tokens, system_form, wish

TABLES = (
    "authorization_requests",
    "sessions",
    "authorization_codes",
    "client_assertions",
    "revoked_tokens",
)


async def fill(client: httpx2.AsyncClient) -> None:
    token = (await citizen_tokens(client))["access_token"]
    await client.post("/oauth2/revoke", data={"client_id": "cli", "token": token})
    await client.post("/oauth2/token", data=system_form())
    await client.get("/oauth2/authorize", params=wish())


async def counts(database: Database) -> dict[str, int]:
    async with database.connection() as connection:
        return {
            table: await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
            for table in TABLES
        }


async def test_nothing_goes_before_its_time(
    client: httpx2.AsyncClient, app: FastAPI, database: Database
) -> None:
    await fill(client)
    before = await counts(database)

    assert await retention.forget_expired(database, app.state.clocks) == 0
    assert await counts(database) == before
    assert all(before.values())


async def test_everything_goes_after_its_time_but_people_and_accounts(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    await fill(client)
    async with database.connection() as connection:
        for table in TABLES:
            if table != "authorization_codes":  # they go with their session
                await connection.execute(f"update {table} set expires_at = now() - interval '1 day'")  # noqa: S608

    await retention.forget_expired(database, app.state.clocks)

    assert set((await counts(database)).values()) == {0}
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from people") == 1
        assert await connection.fetchval("select count(*) from accounts") == 1
