"""Systems and services get tokens for themselves, and nobody else does."""

from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from chassis.jws import decode_base64url, encode_base64url, sign
from chassis.keys import SigningKey
from chassis.testing import PUBLIC_URL
from tests.identity.factories import CLIENT_KEYS, assertion, system_form

TOKEN = "/oauth2/token"


async def claims_of(client: httpx2.AsyncClient, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token, verified with the published keys by another library."""
    keys = KeySet.import_key_set((await client.get("/oauth2/jwks")).json())
    read = jwt.decode(token, keys, algorithms=["ES256"])
    return dict(read.header), dict(read.claims)


async def test_a_hospital_system_gets_a_token_bound_to_its_facility(client: httpx2.AsyncClient) -> None:
    answer = await client.post(TOKEN, data=system_form(scope="health.submit"))

    body = answer.json()
    header, claims = await claims_of(client, body["access_token"])
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "health.submit")
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert claims["exp"] - claims["iat"] == 600
    assert {name: claims[name] for name in ("iss", "aud", "sub", "client_id", "kind", "roles", "scope")} == {
        "iss": PUBLIC_URL,
        "aud": PUBLIC_URL,
        "sub": "his-99999",
        "client_id": "his-99999",
        "kind": "system",
        "roles": ["facility_system"],
        "scope": "health.submit",
    }
    assert claims["organisation"] == "99999"
    assert "acr" not in claims
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("parameter", ["resource", "audience", None])
async def test_a_service_gets_a_token_for_its_one_audience(
    client: httpx2.AsyncClient, parameter: str | None
) -> None:
    asked = {parameter: "urn:lienthong:identity"} if parameter else {}

    body = (await client.post(TOKEN, data=system_form("svc-health-book", **asked))).json()

    _, claims = await claims_of(client, body["access_token"])
    assert (claims["aud"], claims["kind"], claims["roles"]) == (
        "urn:lienthong:identity",
        "service",
        ["service"],
    )


@pytest.mark.parametrize(
    ("client_id", "fields", "error"),
    [
        ("svc-health-book", {"resource": "urn:lienthong:dossier"}, "invalid_target"),
        ("svc-health-book", {"resource": PUBLIC_URL}, "invalid_target"),
        ("his-99999", {"resource": "urn:lienthong:identity"}, "invalid_target"),
        ("svc-dossier", {}, "invalid_target"),
        ("his-99999", {"scope": "people.resolve"}, "invalid_scope"),
        ("his-99999", {"scope": "health.submit ops"}, "invalid_scope"),
        ("his-99999", {"grant_type": "password"}, "unsupported_grant_type"),
        ("his-99999", {"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ("his-99999", {"grant_type": ""}, "invalid_request"),
        ("his-99999", {"client_assertion_type": "x"}, "invalid_request"),
        ("his-99999", {"client_assertion": ""}, "invalid_request"),
    ],
)
async def test_requests_beyond_the_registration_are_refused(
    client: httpx2.AsyncClient, client_id: str, fields: dict[str, str], error: str
) -> None:
    answer = await client.post(TOKEN, data=system_form(client_id, **fields))

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert set(answer.json()) == {"error", "error_description"}


@pytest.mark.parametrize(
    ("fields", "error"), [({"client_id": "cli"}, "unauthorized_client"), ({}, "invalid_request")]
)
async def test_a_public_client_has_no_token_of_its_own(
    client: httpx2.AsyncClient, fields: dict[str, str], error: str
) -> None:
    answer = await client.post(TOKEN, data={"grant_type": "client_credentials", **fields})

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def forged() -> dict[str, str]:
    """Return assertions that must not be taken, by what is wrong with them."""
    good = assertion()
    header, payload, signature = good.split(".")
    none = encode_base64url(b'{"alg":"none"}')
    symmetric = encode_base64url(b'{"alg":"HS256"}')
    raw = decode_base64url(signature)
    return {
        "another key": assertion(key=SigningKey.generate()),
        "another client's key": assertion(key=CLIENT_KEYS["svc-dossier"]),
        "unknown key id": sign(
            {"kid": "unknown"}, {"sub": "his-99999"}, CLIENT_KEYS["his-99999"].private_key
        ),
        "unsigned": f"{none}.{payload}.",
        "unsigned with signature": f"{none}.{payload}.{signature}",
        "symmetric": f"{symmetric}.{payload}.{signature}",
        "altered signature": f"{header}.{payload}.{encode_base64url(raw[:-1] + bytes([raw[-1] ^ 1]))}",
        "zero signature": f"{header}.{payload}.{encode_base64url(bytes(64))}",
        "other payload": f"{header}.{assertion().split('.')[1]}.{signature}",
        "unknown client": assertion("nobody", key=SigningKey.generate()),
        "public client": assertion("cli", key=SigningKey.generate()),
        "another subject": assertion(sub="svc-dossier"),
        "another issuer": assertion(iss="svc-dossier"),
        "another audience": assertion(aud="https://elsewhere.example"),
        "several audiences": assertion(aud=[PUBLIC_URL, "https://elsewhere.example"]),
        "no audience": assertion(aud=None),
        "expired": assertion(exp=1_700_000_000),
        "no expiry": assertion(exp=None),
        "lives too long": assertion(exp=4_000_000_000),
        "no id": assertion(jti=None),
        "in the future": assertion(nbf=4_000_000_000),
        "not a token": "x",
        "two parts": "a.b",
        "payload is no object": sign({}, [], CLIENT_KEYS["his-99999"].private_key),  # type: ignore[arg-type]
    }


@pytest.mark.parametrize("wrong", sorted(forged()))
async def test_an_assertion_that_does_not_hold_is_refused_alike(
    client: httpx2.AsyncClient, wrong: str
) -> None:
    """Whether the client exists, the key is wrong or the claims are old is the same answer."""
    form = {**system_form(), "client_assertion": forged()[wrong]}

    answer = await client.post(TOKEN, data=form)

    assert answer.status_code == 401
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "the client is unknown or did not prove who it is",
    }


async def test_an_assertion_is_taken_once(client: httpx2.AsyncClient) -> None:
    form = system_form()

    first, second = await client.post(TOKEN, data=form), await client.post(TOKEN, data=form)

    assert (first.status_code, second.status_code) == (200, 401)


async def test_an_assertion_is_used_up_by_a_refused_request_too(client: httpx2.AsyncClient) -> None:
    form = system_form(scope="ops")

    first = await client.post(TOKEN, data=form)
    second = await client.post(TOKEN, data={**form, "scope": "health.submit"})

    assert (first.json()["error"], second.json()["error"]) == ("invalid_scope", "invalid_client")


async def test_two_clients_may_use_the_same_assertion_id(client: httpx2.AsyncClient) -> None:
    one = {**system_form(), "client_assertion": assertion(jti="same")}
    other = {**system_form(), "client_assertion": assertion("svc-health-book", jti="same")}

    assert (await client.post(TOKEN, data=one)).status_code == 200
    assert (await client.post(TOKEN, data=other)).status_code == 200


async def test_the_client_id_beside_an_assertion_must_be_its_own(client: httpx2.AsyncClient) -> None:
    answer = await client.post(TOKEN, data=system_form(client_id="svc-dossier"))

    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "fields",
    [{"client_id": "his-99999"}, {"client_id": "nobody"}, {"client_id": "cli", "client_secret": "x"}],
)
async def test_who_must_prove_itself_cannot_come_by_name_alone(
    client: httpx2.AsyncClient, fields: dict[str, str]
) -> None:
    answer = await client.post(TOKEN, data={"grant_type": "client_credentials", **fields})

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_secret_in_the_header_is_answered_with_its_challenge(client: httpx2.AsyncClient) -> None:
    answer = await client.post(TOKEN, data={"grant_type": "client_credentials"}, auth=("cli", "secret"))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
