"""A whole sign-in, and every way in which it ends otherwise."""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from chassis.db import Database
from chassis.keys import SigningKey
from chassis.testing import PUBLIC_URL, bearer
from identity.people.schemas import PersonIn
from tests.identity.factories import (
    REDIRECT_URI,
    answer_of,
    citizen_tokens,
    finish,
    person_item,
    query,
    sign_in,
    wish,
)
from tests.identity.fake_vneid import FakeVNeID, make_person

AUTHORIZE = "/oauth2/authorize"


async def me(client: httpx2.AsyncClient, **overrides: str | None) -> dict[str, Any]:
    token = (await citizen_tokens(client, **overrides))["access_token"]
    found: dict[str, Any] = (await client.get("/v1/me", headers=bearer(token))).json()
    return found


async def count(database: Database, table: str) -> int:
    async with database.connection() as connection:
        found: int = await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
        return found


async def assert_nothing_made(database: Database) -> None:
    for table in ("people", "paper_claims", "accounts", "sessions", "authorization_codes"):
        assert await count(database, table) == 0, table


def assert_page(answer: httpx2.Response, status: int, heading: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{heading}</h1>" in answer.text


async def test_the_client_gets_code_state_and_issuer(client: httpx2.AsyncClient) -> None:
    ended = await sign_in(client)

    answer = answer_of(ended.headers["location"])
    assert ended.headers["location"].startswith(f"{REDIRECT_URI}?")
    assert set(answer) == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("the-state", PUBLIC_URL)


async def test_vneid_is_asked_with_everything_that_binds_its_answer(
    client: httpx2.AsyncClient, vneid: FakeVNeID
) -> None:
    await sign_in(client, acr_values="urn:vneid:level:2", ui_locales="en-GB vi")

    assert vneid.seen["redirect_uri"] == f"{PUBLIC_URL}/oauth2/callback/vneid"
    assert (vneid.seen["acr_values"], vneid.seen["prompt"]) == ("LoA2", "login")
    assert (vneid.seen["code_challenge_method"], vneid.seen["ui_locales"]) == ("S256", "en")
    assert len({vneid.seen[name] for name in ("state", "nonce", "code_challenge")}) == 3
    assert vneid.seen["state"] != "the-state"


async def test_signing_in_again_is_the_same_person(client: httpx2.AsyncClient, database: Database) -> None:
    first, second = await me(client), await me(client)

    assert first["id"] == second["id"]
    assert (await count(database, "people"), await count(database, "accounts")) == (1, 1)


async def test_the_first_sign_in_finds_what_hospitals_have_sent(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    (known,) = await app.state.people.resolve([PersonIn.model_validate(person_item(name="NGUYEN VAN AN"))])

    found = await me(client)

    assert found["id"] == str(known.citizen_id)
    assert (found["name"], found["state"]) == ("Nguyễn Văn An", "confirmed")


async def test_what_was_recorded_under_another_person_is_not_shown(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    """A hospital typed An's number for Bình: An signs in as himself, and what is hers stays apart."""
    item = PersonIn.model_validate(person_item(name="Trần Thị Bình", born_on="1979-11-02", sex="female"))
    (wrong,) = await app.state.people.resolve([item])

    found = await me(client)
    (now,) = await app.state.people.resolve([PersonIn.model_validate(person_item())])

    assert found["id"] != str(wrong.citizen_id)
    assert (str(now.citizen_id), now.state) == (found["id"], "confirmed")


async def test_a_new_number_keeps_the_person(client: httpx2.AsyncClient, vneid: FakeVNeID) -> None:
    before = await me(client)
    vneid.person = make_person(SoDinhDanh="001085999999")

    after = await me(client)

    assert (after["id"], after["personal_id"]) == (before["id"], "001085999999")


async def test_a_number_of_another_person_ends_on_a_page(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    await me(client)
    vneid.person = make_person(sub="b", TechID="b", SoDinhDanh="046179000025", HoVaTen="Trần Thị Bình")
    await me(client)
    vneid.person = make_person(SoDinhDanh="046179000025")

    assert_page(await sign_in(client), 409, "Thông tin của bạn cần được kiểm tra")
    assert await count(database, "sessions") == 2


async def test_a_second_account_of_one_person_ends_on_a_page(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    await me(client)
    vneid.person = make_person(sub="copy", TechID="copy")

    assert_page(await sign_in(client), 409, "Thông tin của bạn cần được kiểm tra")
    assert await count(database, "accounts") == 1


async def test_first_sign_ins_at_once_make_one_person(client: httpx2.AsyncClient, database: Database) -> None:
    await client.get(AUTHORIZE, params=wish())  # the browser has its cookie

    ended = await asyncio.gather(*(sign_in(client) for _ in range(5)))

    assert {answer.status_code for answer in ended} == {303}
    assert all("code" in answer_of(answer.headers["location"]) for answer in ended)
    assert (await count(database, "people"), await count(database, "accounts")) == (1, 1)


@pytest.mark.parametrize("level", [1, 2])
async def test_the_level_of_the_account_is_carried_on(
    client: httpx2.AsyncClient, vneid: FakeVNeID, level: int
) -> None:
    vneid.person = make_person(acr=f"LoA{level}")

    tokens = await citizen_tokens(client)

    answer = await client.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert answer.status_code == 200
    assert f"urn:vneid:level:{level}" in str(_claims(tokens["access_token"]))


def _claims(token: str) -> bytes:
    from chassis import jws

    return jws.parse(token).payload


async def test_level_2_asked_and_not_reached_is_said_and_keeps_nothing(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    vneid.person = make_person(acr="LoA1")

    ended = await sign_in(client, acr_values="urn:vneid:level:2")

    assert_page(ended, 403, "Cần tài khoản định danh mức độ 2")
    back = re.search(r'href="([^"]+)"', ended.text)
    assert back is not None
    assert "error=unmet_authentication_requirements" in back[1]
    assert back[1].startswith(REDIRECT_URI)
    await assert_nothing_made(database)


def make_company(**overrides: Any) -> dict[str, Any]:
    """Return the claims of a company's account, with those of An, who represents it."""
    return make_person(
        **{
            "sub": "tech-company",
            "TechID": "tech-company",
            "LoaiTaiKhoan": "2",
            "MaSoThue": "0100000010",
            "TenDoanhNghiep": "Công ty TNHH Dược Mẫu",
            "TechIDNguoiDaiDien": "tech-an",
            **overrides,
        }
    )


async def test_a_company_signs_in_and_the_token_names_who_acts(
    client: httpx2.AsyncClient, app: FastAPI, vneid: FakeVNeID, database: Database
) -> None:
    own_id = (await me(client))["id"]
    vneid.person = make_company()

    tokens = await citizen_tokens(client, scope="openid health.read dossier.file")

    actor = await app.state.verifier.verify(tokens["access_token"])
    async with database.connection() as connection:
        company = await connection.fetchrow("select * from organisations")
    assert company is not None
    assert (actor.kind, actor.subject) == ("company", str(company["organisation_id"]))
    assert (actor.organisation, actor.act, actor.roles) == ("0100000010", {"sub": own_id}, {"company"})
    assert (actor.scopes, actor.acr) == ({"openid", "dossier.file"}, "urn:vneid:level:2")
    assert str(company["representative_citizen_id"]) == own_id
    assert (await count(database, "people"), await count(database, "accounts")) == (1, 1)


async def test_a_new_representative_ends_what_the_former_one_granted(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    vneid.person = make_company()
    await citizen_tokens(client, scope="dossier.file")
    async with database.connection() as connection:
        await connection.execute(
            "insert into delegations select gen_random_uuid(), organisation_id, gen_random_uuid(),"
            " representative_citizen_id, now(), date '2026-01-01' from organisations"
        )
    vneid.person = make_company(
        TechIDNguoiDaiDien="tech-em", SoDinhDanh="001060000055", HoVaTen="Phạm Văn Em", birthdate="1960-08-15"
    )

    await citizen_tokens(client, scope="dossier.file")

    async with database.connection() as connection:
        ended_at = await connection.fetchval("select ended_at from delegations")
    assert ended_at is not None
    assert await count(database, "organisations") == 1


async def test_a_company_is_told_when_the_app_is_not_for_organisations(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    vneid.person = make_company()

    assert_page(await sign_in(client), 403, "Ứng dụng này không dành cho tổ chức")
    await assert_nothing_made(database)


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"id_claims": {"iss": "https://evil.example"}},
    "another audience": {"id_claims": {"aud": "somebody-else"}},
    "another nonce": {"id_claims": {"nonce": "stolen"}},
    "no nonce": {"id_claims": {"nonce": None}},
    "expired": {"id_claims": {"exp": 1_700_000_000}},
    "another key": {"published_key": SigningKey.generate()},
    "unknown level": {"id_claims": {"acr": "LoA9"}},
    "another person in userinfo": {"userinfo_claims": {"sub": "somebody-else"}},
    "another account in userinfo": {"userinfo_claims": {"TechID": "somebody-else"}},
    "no number": {"userinfo_claims": {"SoDinhDanh": ""}},
    "wrong token hash": {"id_claims": {"at_hash": "x"}},
    "no id_token subject": {"id_claims": {"sub": None}},
    "another issuer in the redirect": {"answered_issuer": "https://evil.example"},
    "unknown error": {"refuses_with": "invalid_scope"},
    "token endpoint refuses us": {"status": {"token": 401}},
    "userinfo refuses us": {"status": {"userinfo": 403}},
}


@pytest.mark.parametrize("lie", sorted(LIES))
async def test_when_vneids_answer_does_not_hold_nothing_is_made(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database, lie: str
) -> None:
    vneid.__dict__.update(LIES[lie])

    ended = await sign_in(client)

    assert_page(ended, 502, "Không xác minh được trả lời của VNeID")
    assert "error=server_error" in ended.text
    await assert_nothing_made(database)


@pytest.mark.parametrize("endpoint", ["metadata", "token", "jwks", "userinfo"])
@pytest.mark.parametrize("status", [500, 503, 429])
async def test_when_vneid_is_down_a_page_says_so_and_nothing_is_made(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database, endpoint: str, status: int
) -> None:
    vneid.status = {endpoint: status}

    ended = await sign_in(client)

    assert_page(ended, 503, "VNeID tạm thời không trả lời")
    assert ended.headers["retry-after"] == "10"
    assert "error=temporarily_unavailable" in ended.text
    await assert_nothing_made(database)


async def test_signing_in_works_again_when_vneid_is_back(
    client: httpx2.AsyncClient, vneid: FakeVNeID
) -> None:
    vneid.status = {"metadata": 500}
    await sign_in(client)
    vneid.status = {}

    assert "code" in answer_of((await sign_in(client)).headers["location"])


async def test_who_says_no_at_vneid_goes_back_with_that(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    vneid.refuses_with = "access_denied"

    answer = answer_of((await sign_in(client)).headers["location"])

    assert answer == {"error": "access_denied", "state": "the-state", "iss": PUBLIC_URL}
    await assert_nothing_made(database)


async def test_another_browser_cannot_finish_a_sign_in(
    client: httpx2.AsyncClient, database: Database
) -> None:
    began = await client.get(AUTHORIZE, params=wish())
    client.cookies.clear()

    without = await finish(client, began)
    await client.get(AUTHORIZE, params=wish())
    other = await finish(client, began)

    for answer in (without, other):
        assert_page(answer, 400, "Đăng nhập được bắt đầu ở trình duyệt khác")
    await assert_nothing_made(database)


async def test_a_code_of_another_sign_in_is_of_no_use(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    """Code injection: what VNeID gave for one sign-in is put into another one."""
    victim = await client.get(AUTHORIZE, params=wish())
    attacker = await client.get(AUTHORIZE, params=wish())
    async with httpx2.AsyncClient() as browser:
        stolen = await browser.get(attacker.headers["location"])
    state = answer_of(victim.headers["location"])["state"]
    code = answer_of(stolen.headers["location"])["code"]

    ended = await client.get("/oauth2/callback/vneid", params={"state": state, "code": code})

    assert_page(ended, 400, "VNeID không xác nhận lần đăng nhập này")
    await assert_nothing_made(database)


async def test_a_sign_in_is_finished_once(client: httpx2.AsyncClient, database: Database) -> None:
    began = await client.get(AUTHORIZE, params=wish())
    await finish(client, began)

    assert_page(await finish(client, began), 400, "Lần đăng nhập này đã kết thúc")
    assert await count(database, "sessions") == 1


async def test_an_old_sign_in_is_over(client: httpx2.AsyncClient, database: Database) -> None:
    began = await client.get(AUTHORIZE, params=wish())
    async with database.connection() as connection:
        await connection.execute("update authorization_requests set expires_at = now() - interval '1 s'")

    assert_page(await finish(client, began), 400, "Lần đăng nhập này đã kết thúc")


@pytest.mark.parametrize(
    "parameters", ["", "state=x", "state=x&code=y", "code=y", "state=%00", "state=a&state=b", "error=x"]
)
async def test_a_callback_out_of_nowhere_ends_on_a_page(client: httpx2.AsyncClient, parameters: str) -> None:
    answer = await client.get(f"/oauth2/callback/vneid?{parameters}")

    assert_page(answer, 400, "Lần đăng nhập này đã kết thúc")


@pytest.mark.parametrize(
    "overrides",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"client_id": "his-99999"},
        {"client_id": "app-backend"},
        {"client_id": "cli\x00"},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:1@evil.example/callback"},
        {"redirect_uri": "http://localhost:49152/callback"},
        {"redirect_uri": f"{REDIRECT_URI}#x"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1:49152/" + "x" * 2000},
        {"state": "s" * 2001},
        {"state": "\r\nset-cookie: a=b"},
        {"nonce": "n" * 513},
        {"scope": "openid " + "s" * 1000},
    ],
)
async def test_a_request_that_cannot_be_trusted_is_never_redirected(
    client: httpx2.AsyncClient, overrides: dict[str, str | None]
) -> None:
    answer = await client.get(AUTHORIZE, params=wish(**overrides))

    assert_page(answer, 400, "Yêu cầu đăng nhập không hợp lệ")
    assert "location" not in answer.headers
    assert "evil.example" not in answer.text
    assert "<code>invalid_request</code>" in answer.text


async def test_unknown_client_and_wrong_redirect_are_the_same_page(client: httpx2.AsyncClient) -> None:
    unknown = await client.get(AUTHORIZE, params=wish(client_id="nobody"))
    wrong = await client.get(AUTHORIZE, params=wish(redirect_uri="https://evil.example/"))

    shown = [re.sub(r"<code>\w+</code>", "", answer.text) for answer in (unknown, wrong)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("repeated", ["client_id", "state", "code_challenge", "unknown"])
async def test_repeated_parameters_are_refused(client: httpx2.AsyncClient, repeated: str) -> None:
    parameters = query({**wish(), "unknown": "1"}) + f"&{repeated}=again"

    answer = await client.get(f"{AUTHORIZE}?{parameters}")

    assert_page(answer, 400, "Yêu cầu đăng nhập không hợp lệ")


async def test_an_unfit_wish_goes_back_to_its_client(client: httpx2.AsyncClient, database: Database) -> None:
    answer = await client.get(AUTHORIZE, params=wish(code_challenge_method="plain"))

    told = answer_of(answer.headers["location"])
    assert answer.headers["location"].startswith(REDIRECT_URI)
    assert (told["error"], told["state"], told["iss"]) == ("invalid_request", "the-state", PUBLIC_URL)
    assert await count(database, "authorization_requests") == 0


async def test_a_form_serves_as_well_as_a_query(client: httpx2.AsyncClient) -> None:
    began = await client.post(AUTHORIZE, data=wish())
    wrong = await client.post(AUTHORIZE, json=wish())

    assert "code" in answer_of((await finish(client, began)).headers["location"])
    assert_page(wrong, 400, "Yêu cầu đăng nhập không hợp lệ")


async def test_pages_load_and_run_nothing(client: httpx2.AsyncClient) -> None:
    answer = await client.get(AUTHORIZE)

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert not re.search(r'(src|style)="', answer.text)
    for name in ("cache-control", "referrer-policy", "x-content-type-options", "x-frame-options"):
        assert name in answer.headers
    for colour in ("--primary:#0b5d54", "--accent:#c8102e", "--background:#f7f7f5", "--text:#1c1c1c"):
        assert colour in answer.text


@pytest.mark.parametrize(
    ("parameters", "accept_language", "language"),
    [("", "", "vi"), ("", "en", "en"), ("?ui_locales=en", "vi", "en"), ("?ui_locales=fr%20vi", "en", "vi")],
)
async def test_pages_speak_the_language_asked_for(
    client: httpx2.AsyncClient, parameters: str, accept_language: str, language: str
) -> None:
    answer = await client.get(f"{AUTHORIZE}{parameters}", headers={"accept-language": accept_language})

    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language


async def test_nothing_of_a_sign_in_under_way_is_of_use_to_a_reader_of_the_database(
    client: httpx2.AsyncClient, vneid: FakeVNeID, database: Database
) -> None:
    began = await client.get(AUTHORIZE, params=wish())
    sent = answer_of(began.headers["location"])

    async with database.connection() as connection:
        row = await connection.fetchval("select authorization_requests::text from authorization_requests")
    for secret in (sent["state"], sent["nonce"], client.cookies["lienthong-sign-in"]):
        assert secret not in row
