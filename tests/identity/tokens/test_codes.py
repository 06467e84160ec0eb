"""Codes become tokens once; what goes wrong gives nothing and takes back what was given."""

import asyncio
from typing import Any

import httpx2
import pytest

from chassis.db import Database
from chassis.testing import PUBLIC_URL, bearer
from tests.identity.factories import REDIRECT_URI, answer_of, code_form, sign_in
from tests.identity.tokens.test_client_credentials import claims_of

TOKEN = "/oauth2/token"


async def new_code(client: httpx2.AsyncClient, **overrides: str | None) -> str:
    return answer_of((await sign_in(client, **overrides)).headers["location"])["code"]


async def revoked_events(database: Database) -> list[str]:
    async with database.connection() as connection:
        rows = await connection.fetch("select aggregate_id from outbox where event_type = $1", EVENT)
        return [row[0] for row in rows]


EVENT = "identity.token.revoked.v1"


async def test_a_code_gives_the_tokens_of_its_sign_in(client: httpx2.AsyncClient) -> None:
    body = (await client.post(TOKEN, data=code_form(await new_code(client)))).json()

    _, access = await claims_of(client, body["access_token"])
    header, identity = await claims_of(client, body["id_token"])
    assert {name: access[name] for name in ("iss", "aud", "client_id", "kind", "roles", "acr", "scope")} == {
        "iss": PUBLIC_URL,
        "aud": PUBLIC_URL,
        "client_id": "cli",
        "kind": "citizen",
        "roles": ["citizen"],
        "acr": "urn:vneid:level:2",
        "scope": "openid profile health.read",
    }
    assert header["typ"] == "JWT"
    assert (identity["aud"], identity["nonce"], identity["sub"]) == ("cli", "the-nonce", access["sub"])
    assert identity["auth_time"] == access["auth_time"]
    assert not {"name", "birthdate", "personal_id"} & (access.keys() | identity.keys())


async def test_without_openid_there_is_no_id_token(client: httpx2.AsyncClient) -> None:
    code = await new_code(client, scope="health.read")

    body = (await client.post(TOKEN, data=code_form(code))).json()

    assert "id_token" not in body


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": "short"},
        {"redirect_uri": "http://127.0.0.1:49153/callback"},
        {"redirect_uri": "http://127.0.0.1/callback"},
        {"client_id": "mobile-app"},
    ],
)
async def test_one_wrong_presentation_uses_a_code_up(
    client: httpx2.AsyncClient, wrong: dict[str, Any]
) -> None:
    code = await new_code(client)

    refused = await client.post(TOKEN, data=code_form(code, **wrong))
    right = await client.post(TOKEN, data=code_form(code))

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (right.status_code, right.json()["error"]) == (400, "invalid_grant")
    assert refused.json() == right.json()


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier"])
async def test_every_part_of_the_request_is_needed(client: httpx2.AsyncClient, missing: str) -> None:
    code = await new_code(client)

    refused = await client.post(TOKEN, data=code_form(code, **{missing: None}))

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert (await client.post(TOKEN, data=code_form(code))).status_code == 200


async def test_an_unknown_code_gives_nothing(client: httpx2.AsyncClient) -> None:
    answer = await client.post(TOKEN, data=code_form("x" * 43))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_an_old_code_gives_nothing(client: httpx2.AsyncClient, database: Database) -> None:
    code = await new_code(client)
    async with database.connection() as connection:
        await connection.execute("update authorization_codes set expires_at = expires_at - interval '61 s'")

    assert (await client.post(TOKEN, data=code_form(code))).json()["error"] == "invalid_grant"


async def test_a_second_use_takes_back_what_the_first_one_gave(
    client: httpx2.AsyncClient, database: Database
) -> None:
    code = await new_code(client)
    given = (await client.post(TOKEN, data=code_form(code))).json()["access_token"]
    assert (await client.get("/v1/me", headers=bearer(given))).status_code == 200

    again = await client.post(TOKEN, data=code_form(code))

    me = await client.get("/v1/me", headers=bearer(given))
    _, claims = await claims_of(client, given)
    assert again.json()["error"] == "invalid_grant"
    assert (me.status_code, me.json()["code"]) == (401, "token_invalid")
    assert await revoked_events(database) == [claims["jti"]]


async def test_a_third_use_announces_nothing_again(client: httpx2.AsyncClient, database: Database) -> None:
    code = await new_code(client)
    for _ in range(3):
        await client.post(TOKEN, data=code_form(code))

    assert len(await revoked_events(database)) == 1


async def test_of_uses_at_once_one_gives_tokens(client: httpx2.AsyncClient) -> None:
    code = await new_code(client)

    answers = await asyncio.gather(*(client.post(TOKEN, data=code_form(code)) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9


async def test_codes_are_not_in_the_database(client: httpx2.AsyncClient, database: Database) -> None:
    code = await new_code(client)

    async with database.connection() as connection:
        rows = await connection.fetch("select authorization_codes::text from authorization_codes")
    assert rows
    assert all(code not in row[0] and code.encode().hex() not in row[0] for row in rows)


async def test_a_loopback_client_may_use_any_port(client: httpx2.AsyncClient) -> None:
    uri = "http://127.0.0.1:50001/callback"
    ended = await sign_in(client, client_id="mobile-app", redirect_uri=uri)

    assert ended.headers["location"].startswith(f"{uri}?")
    code = answer_of(ended.headers["location"])["code"]
    form = code_form(code, client_id="mobile-app", redirect_uri=uri)
    assert (await client.post(TOKEN, data=form)).status_code == 200
    assert uri != REDIRECT_URI
