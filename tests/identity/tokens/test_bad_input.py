"""Nonsense at the OAuth endpoints: 4xx in the shape of RFC 6749, never a 5xx."""

import httpx2
import pytest

from chassis.testing import bearer
from tests.identity.factories import citizen_tokens, code_form, query, system_form

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/revoke"])
@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", FORM["content-type"]),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM["content-type"]),
        (b"client_id=cli&client_id=cli&token=x&grant_type=authorization_code", FORM["content-type"]),
        (b"grant_type=authorization_code&client_id=cli&code=%00", FORM["content-type"]),
        (b"grant_type=authorization_code&client_id=cli&code=%ff%fe", FORM["content-type"]),
        (b"\xff\xfe\x00", FORM["content-type"]),
        (b"grant_type=authorization_code&client_id=cli&code=" + b"c" * 600, FORM["content-type"]),
        (b"x" * 40_000, FORM["content-type"]),
        (b'{"grant_type":"client_credentials"}', "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials", ""),
    ],
)
async def test_unreadable_requests_are_invalid_requests(
    client: httpx2.AsyncClient, path: str, content: bytes, content_type: str
) -> None:
    answer = await client.post(path, content=content, headers={"content-type": content_type})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("value", ["'; drop table clients; --", "%", "\\", "a" * 512, "../../x"])
@pytest.mark.parametrize("name", ["client_id", "code", "code_verifier", "redirect_uri", "scope", "resource"])
async def test_strange_values_are_refused_and_not_echoed(
    client: httpx2.AsyncClient, name: str, value: str
) -> None:
    forms = (code_form("unknown", **{name: value}), system_form(**{name: value}))
    for form in forms:
        answer = await client.post("/oauth2/token", data=form)
        assert answer.status_code < 500
        assert value not in answer.text or len(value) == 1


async def test_a_token_request_is_not_read_from_the_query(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"/oauth2/token?{query(system_form())}", headers=FORM)

    assert answer.json()["error"] == "invalid_request"


async def test_other_methods_are_told_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/oauth2/token")

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_userinfo_wants_a_token_for_it(client: httpx2.AsyncClient, method: str) -> None:
    without = (await citizen_tokens(client, scope="health.read"))["access_token"]

    missing = await client.request(method, "/oauth2/userinfo")
    wrong = await client.request(method, "/oauth2/userinfo", headers=bearer("x"))
    unscoped = await client.request(method, "/oauth2/userinfo", headers=bearer(without))

    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, "Bearer")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_token")
    assert (unscoped.status_code, unscoped.json()["error"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_userinfo_tells_as_much_as_the_scopes_open(client: httpx2.AsyncClient, method: str) -> None:
    few = (await citizen_tokens(client, scope="openid"))["access_token"]
    more = (await citizen_tokens(client, scope="openid profile"))["access_token"]

    assert set((await client.request(method, "/oauth2/userinfo", headers=bearer(few))).json()) == {"sub"}
    told = (await client.request(method, "/oauth2/userinfo", headers=bearer(more))).json()
    assert (told["name"], told["personal_id"], told["gender"]) == ("Nguyễn Văn An", "001085000017", "male")
