"""Revocation: at once, everywhere, of one's own tokens, and silent about everything else."""

import httpx2
import pytest

from chassis.db import Database
from chassis.testing import bearer
from tests.identity.factories import citizen_tokens, system_form
from tests.identity.tokens.test_client_credentials import claims_of
from tests.identity.tokens.test_codes import revoked_events

REVOKE = "/oauth2/revoke"


async def test_a_revoked_token_is_refused_and_announced_once(
    client: httpx2.AsyncClient, database: Database
) -> None:
    token = (await citizen_tokens(client))["access_token"]
    form = {"client_id": "cli", "token": token, "token_type_hint": "access_token"}

    answers = [await client.post(REVOKE, data=form) for _ in range(2)]

    _, claims = await claims_of(client, token)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await client.get("/v1/me", headers=bearer(token))).json()["code"] == "token_invalid"
    assert await revoked_events(database) == [claims["jti"]]


async def test_userinfo_refuses_a_token_revoked_elsewhere(
    client: httpx2.AsyncClient, database: Database
) -> None:
    """Another process revoked it and the broker has not told us yet: the table has."""
    token = (await citizen_tokens(client))["access_token"]
    _, claims = await claims_of(client, token)
    async with database.connection() as connection:
        await connection.execute(
            "insert into revoked_tokens values ($1, now() + interval '1 h', now(), 'test')", claims["jti"]
        )

    answer = await client.get("/oauth2/userinfo", headers=bearer(token))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_no_error(
    client: httpx2.AsyncClient, database: Database, token: str
) -> None:
    answer = await client.post(REVOKE, data={"client_id": "cli", "token": token})

    assert answer.status_code == 200
    assert await revoked_events(database) == []


async def test_another_clients_token_stays(client: httpx2.AsyncClient) -> None:
    token = (await citizen_tokens(client))["access_token"]

    answer = await client.post(REVOKE, data={"client_id": "mobile-app", "token": token})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await client.get("/v1/me", headers=bearer(token))).status_code == 200


async def test_a_system_proves_itself_to_revoke(client: httpx2.AsyncClient, database: Database) -> None:
    token = (await client.post("/oauth2/token", data=system_form())).json()["access_token"]

    unproved = await client.post(REVOKE, data={"client_id": "his-99999", "token": token})
    proved = await client.post(REVOKE, data={**system_form(), "token": token})

    assert (unproved.status_code, proved.status_code) == (401, 200)
    assert len(await revoked_events(database)) == 1


async def test_a_token_is_needed(client: httpx2.AsyncClient) -> None:
    answer = await client.post(REVOKE, data={"client_id": "cli"})

    assert answer.json()["error"] == "invalid_request"
