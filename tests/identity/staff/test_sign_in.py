"""Staff sign in at our own page: name, password, one-time code, and nothing told to who guesses."""

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson
import pyotp
import pytest
from fastapi import FastAPI

from chassis.db import Database
from chassis.testing import bearer
from identity.loading import load
from identity.settings import IdentitySettings
from identity.staff.passwords import MOST_WAITING, THREADS, Passwords
from tests.identity.factories import (
    REDIRECT_URI,
    STAFF_PASSWORD,
    STAFF_SECRET,
    answer_of,
    code_form,
    staff_registration,
    wish,
)

WORDS = "không đúng"


@pytest.fixture(autouse=True)
async def loaded(client: httpx2.AsyncClient, app: FastAPI, settings: IdentitySettings) -> AsyncIterator[None]:
    """Someone who works on judicial records, and an operator."""
    await load_staff(
        settings,
        app,
        staff_registration(),
        staff_registration(
            username="ops",
            organisation="lien-thong",
            roles=["operator"],
            person={
                "personal_id": "001183000139",
                "name": "Đặng Thu Vân",
                "born_on": "1983-08-22",
                "sex": "female",
            },
        ),
    )
    yield
    settings.staff.unlink()


async def load_staff(settings: IdentitySettings, app: FastAPI, *registrations: dict[str, Any]) -> None:
    settings.staff.write_bytes(orjson.dumps(registrations))
    settings.staff.chmod(0o600)
    await load(settings, app.state.keys)


def code_of(step: int = 0) -> str:
    """Return the one-time code of now, or of some steps away."""
    return pyotp.TOTP(STAFF_SECRET).at(int(time.time()) + 30 * step)


def form(state: str, **overrides: str) -> dict[str, str]:
    return {
        "sign_in": state,
        "username": "cb-tuan",
        "password": STAFF_PASSWORD,
        "one_time_code": code_of(),
        **overrides,
    }


async def begin(client: httpx2.AsyncClient, **overrides: str | None) -> str:
    """Begin a sign-in of staff; return its state."""
    asked = wish(**{"scope": "openid judicial.work", **overrides})
    began = await client.get("/oauth2/authorize", params=asked)
    assert began.status_code == 303, began.text
    address = urlsplit(began.headers["location"])
    assert address.path == "/oauth2/staff"
    return parse_qs(address.query)["sign_in"][0]


async def send(client: httpx2.AsyncClient, state: str, **overrides: str) -> httpx2.Response:
    return await client.post("/oauth2/staff", data=form(state, **overrides))


async def claims(client: httpx2.AsyncClient, app: FastAPI, ended: httpx2.Response) -> dict[str, Any]:
    """Redeem a code; return what the verifier reads in the token, and the id_token's presence."""
    answer = await client.post("/oauth2/token", data=code_form(answer_of(ended.headers["location"])["code"]))
    assert answer.status_code == 200, answer.text
    actor = await app.state.verifier.verify(answer.json()["access_token"])
    return {"actor": actor, **answer.json()}


async def test_an_officer_gets_a_token_of_staff_with_the_scopes_of_the_roles(
    client: httpx2.AsyncClient, app: FastAPI, database: Database
) -> None:
    state = await begin(client, scope="openid ops judicial.work")

    ended = await send(client, state)

    assert ended.status_code == 303
    back = answer_of(ended.headers["location"])
    assert ended.headers["location"].startswith(REDIRECT_URI)
    assert back["state"] == "the-state"
    told = await claims(client, app, ended)
    actor = told["actor"]
    async with database.connection() as connection:
        citizen_id = await connection.fetchval(
            "select citizen_id from staff_accounts where username = 'cb-tuan'"
        )
    assert (actor.kind, actor.subject, actor.organisation) == ("staff", str(citizen_id), "lltp-ha-noi")
    assert (actor.roles, actor.scopes) == ({"judicial_officer"}, {"openid", "judicial.work"})
    assert (actor.acr, actor.citizen_id, actor.act) == ("urn:lienthong:staff:2", None, None)
    assert told["scope"] == "openid judicial.work"
    assert "id_token" in told


async def test_the_page_is_a_form_that_needs_no_script_and_leads_to_the_client_alone(
    client: httpx2.AsyncClient,
) -> None:
    state = await begin(client)

    page = await client.get("/oauth2/staff", params={"sign_in": state})
    english = await client.get("/oauth2/staff", params={"sign_in": state, "ui_locales": "en"})

    assert page.status_code == 200
    assert 'lang="vi"' in page.text
    assert 'lang="en"' in english.text
    assert "<script" not in page.text
    assert re.findall(r'<label for="(\w+)"', page.text) == ["username", "password", "one_time_code"]
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:49152;" in policy
    assert "default-src 'none'" in policy
    assert page.headers["cache-control"] == "no-store"


async def test_the_way_back_without_signing_in_is_a_denial(client: httpx2.AsyncClient) -> None:
    page = await client.get("/oauth2/staff", params={"sign_in": await begin(client)})

    (cancel,) = re.findall(r'id="cancel" href="([^"]+)"', page.text)

    assert answer_of(html.unescape(cancel))["error"] == "access_denied"
    assert answer_of(html.unescape(cancel))["state"] == "the-state"


@pytest.mark.parametrize(
    "overrides",
    [
        {"username": "nobody"},
        {"password": "wrong"},
        {"one_time_code": "000000"},
        {"one_time_code": ""},
        {"username": "cb-tuan\x00"},
        {"username": "ops"},
    ],
    ids=["unknown", "password", "code", "no code", "nul", "code of another account"],
)
async def test_whatever_is_wrong_is_told_in_the_same_words(
    client: httpx2.AsyncClient, app: FastAPI, settings: IdentitySettings, overrides: dict[str, str]
) -> None:
    await load_staff(
        settings,
        app,
        staff_registration(),
        staff_registration(username="ops", roles=["operator"], totp_secret="K" * 32),
    )
    state = await begin(client)

    refused = await send(client, state, **overrides)
    asked_again = await send(client, state, username="somebody-else")

    assert refused.status_code == asked_again.status_code == 422
    alerts = [re.findall(r'role="alert">(.+?)</div>', one.text) for one in (refused, asked_again)]
    assert alerts[0] == alerts[1]
    assert WORDS in alerts[0][0]
    assert STAFF_PASSWORD not in refused.text


async def test_a_failed_try_leaves_the_sign_in_open(client: httpx2.AsyncClient) -> None:
    state = await begin(client)
    await send(client, state, password="wrong")

    assert (await send(client, state)).status_code == 303


async def test_a_code_is_taken_once(client: httpx2.AsyncClient) -> None:
    code = code_of()
    first = await send(client, await begin(client), one_time_code=code)

    second = await send(client, await begin(client), one_time_code=code)

    assert (first.status_code, second.status_code) == (303, 422)
    assert WORDS in second.text


async def test_of_two_at_once_with_one_code_one_gets_in(client: httpx2.AsyncClient) -> None:
    code, states = code_of(), [await begin(client), await begin(client)]

    answers = await asyncio.gather(*(send(client, state, one_time_code=code) for state in states))

    assert sorted(answer.status_code for answer in answers) == [303, 422]


async def test_after_five_failures_the_account_has_to_wait_even_with_the_right_words(
    client: httpx2.AsyncClient,
) -> None:
    state = await begin(client)
    failures = [(await send(client, state, password="wrong")).status_code for _ in range(5)]

    stopped = await send(client, state)

    assert failures == [422] * 5
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["retry-after"]) <= 31
    assert "giây" in stopped.text


async def test_tries_at_once_do_not_slip_past_the_limit(client: httpx2.AsyncClient) -> None:
    state = await begin(client)

    answers = await asyncio.gather(*(send(client, state, password="wrong") for _ in range(12)))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [422] * 5 + [429] * 7


async def test_an_unknown_account_is_throttled_like_a_known_one(client: httpx2.AsyncClient) -> None:
    state = await begin(client)
    statuses = [(await send(client, state, username="nobody")).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


async def test_a_success_forgets_the_failures(client: httpx2.AsyncClient, database: Database) -> None:
    state = await begin(client)
    for _ in range(4):
        await send(client, state, password="wrong")
    assert (await send(client, state)).status_code == 303

    again = await begin(client)
    statuses = [(await send(client, again, password="wrong")).status_code for _ in range(5)]

    assert statuses == [422] * 5


async def test_an_address_that_tries_many_names_has_to_wait(
    client: httpx2.AsyncClient, database: Database
) -> None:
    state = await begin(client)
    from_one, from_other = ({"x-forwarded-for": address} for address in ("203.0.113.7", "203.0.113.8"))
    await client.post("/oauth2/staff", data=form(state, username="nobody"), headers=from_one)
    async with database.connection() as connection:
        # The address's counter: 1 failure in the database, 48 more without the Argon2 time that they take.
        await connection.execute("update sign_in_attempts set failure_count = failure_count + 48")
        await connection.execute("delete from sign_in_attempts where blocked_until is not null")

    last = await client.post("/oauth2/staff", data=form(state, username="name-2"), headers=from_one)
    stopped = await client.post("/oauth2/staff", data=form(state, username="name-3"), headers=from_one)
    elsewhere = await client.post("/oauth2/staff", data=form(state), headers=from_other)

    assert (last.status_code, stopped.status_code, elsewhere.status_code) == (422, 429, 303)


async def test_names_and_addresses_are_counted_without_being_stored(
    client: httpx2.AsyncClient, database: Database
) -> None:
    await send(client, await begin(client), username="a-name-typed-wrong")

    async with database.connection() as connection:
        rows = await connection.fetch("select * from sign_in_attempts")
    assert len(rows) == 2
    assert all(b"a-name" not in row["key_hash"] for row in rows)


async def test_a_role_that_does_not_reach_is_told_on_a_page_with_the_way_back(
    client: httpx2.AsyncClient,
) -> None:
    state = await begin(client, scope="openid judicial.work")

    refused = await send(client, state, username="ops")

    assert refused.status_code == 403
    assert "error=access_denied" in html.unescape(refused.text)
    assert (await send(client, state)).status_code == 400


async def test_a_sign_in_is_bound_to_its_browser_and_ends_once(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    state = await begin(client)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url=str(client.base_url)
    ) as other:
        shown = await other.get("/oauth2/staff", params={"sign_in": state})
        sent = await send(other, state)
    assert (shown.status_code, sent.status_code) == (400, 400)

    assert (await send(client, state)).status_code == 303
    again = await send(client, state, one_time_code=code_of(1))

    assert again.status_code == 400
    assert (await client.get("/oauth2/staff", params={"sign_in": state})).status_code == 400
    assert (await client.get("/oauth2/staff")).status_code == 400


async def test_a_sign_in_of_staff_is_not_finished_by_vneid(client: httpx2.AsyncClient) -> None:
    state = await begin(client)

    answer = await client.get("/oauth2/callback/vneid", params={"state": state, "code": "x"})

    assert answer.status_code == 400


@pytest.mark.parametrize("redirect_uri", ["https://evil.example/", "http://127.0.0.1.evil.example/callback"])
async def test_no_sign_in_of_staff_leads_elsewhere(client: httpx2.AsyncClient, redirect_uri: str) -> None:
    asked = wish(scope="openid judicial.work", redirect_uri=redirect_uri)

    answer = await client.get("/oauth2/authorize", params=asked)

    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_an_account_that_is_gone_from_the_file_gets_in_no_more(
    client: httpx2.AsyncClient, app: FastAPI, settings: IdentitySettings
) -> None:
    await load_staff(settings, app, staff_registration(username="ld-lan", roles=["judicial_leader"]))

    assert (await send(client, await begin(client))).status_code == 422


async def test_loading_again_keeps_person_and_used_codes(
    client: httpx2.AsyncClient, app: FastAPI, settings: IdentitySettings, database: Database
) -> None:
    code = code_of()
    await send(client, await begin(client), one_time_code=code)

    await load_staff(settings, app, staff_registration())

    assert (await send(client, await begin(client), one_time_code=code)).status_code == 422
    async with database.connection() as connection:
        assert await connection.fetchval("select count(distinct citizen_id) from staff_accounts") == 2
        secret = await connection.fetchval("select totp_secret_ciphertext from staff_accounts limit 1")
    assert STAFF_SECRET.encode() not in secret


@pytest.mark.parametrize(
    "overrides",
    [
        {"roles": ["king"]},
        {"roles": []},
        {"password_hash": "congvu-cb-tuan"},
        {"totp_secret": "SHORT"},
        {"username": "Cb Tuan"},
    ],
    ids=["role", "no role", "password in the clear", "secret", "username"],
)
async def test_a_registration_that_cannot_be_used_stops_the_loading(
    app: FastAPI, settings: IdentitySettings, overrides: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="Staff") as stopped:
        await load_staff(settings, app, staff_registration(**overrides))

    assert STAFF_SECRET not in str(stopped.value)


async def test_nobody_is_made_staff_under_the_number_of_another(
    app: FastAPI, settings: IdentitySettings
) -> None:
    person = staff_registration()["person"] | {"name": "Somebody Else", "born_on": "1990-01-01"}

    with pytest.raises(ValueError, match="known under another name"):
        await load_staff(settings, app, staff_registration(username="new", person=person))


async def test_a_token_of_staff_opens_nothing_of_citizens(client: httpx2.AsyncClient, app: FastAPI) -> None:
    told = await claims(client, app, await send(client, await begin(client)))

    assert (await client.get("/v1/me", headers=bearer(told["access_token"]))).status_code == 403


async def test_who_would_wait_behind_too_many_is_sent_away(client: httpx2.AsyncClient, app: FastAPI) -> None:
    passwords: Passwords = app.state.staff.passwords
    state = await begin(client)
    passwords._open = THREADS + MOST_WAITING
    try:
        answer = await send(client, state)
    finally:
        passwords._open = 0

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
