"""Who may pass: each way in which a token can be wrong has its status and code, and reaches no service."""

from datetime import UTC, datetime, timedelta

import httpx2
import orjson
import pytest

from chassis.auth import RemoteKeys, TokenVerifier
from chassis.clock import Clocks
from chassis.errors import Language, TokenMissing
from chassis.http import new_client
from chassis.testing import (
    OTHER_KEY,
    PUBLIC_URL,
    SIGNING_KEY,
    bearer,
    make_claims,
    make_token,
    make_verifier,
    sign_claims,
)
from gateway.assembly import assembled, public_config
from gateway.calls import Receive, Scope, Send
from gateway.server import Listener
from tests.gateway.running import (
    Running,
    Upstream,
    answer,
    listening,
    make_gateway_settings,
    running_gateway,
    unused_port,
)

PATH = "/v1/me/health-book"
NOW = datetime.now(UTC)


def _in_hours(hours: int) -> int:
    return int((NOW + timedelta(hours=hours)).timestamp())


def _unsigned() -> str:
    header, payload, _ = make_token().split(".")
    return f"{header}.{payload}."


def _altered() -> str:
    header, payload, signature = make_token().split(".")
    other = sign_claims(make_claims(roles=["operator"])).split(".")[1]
    return f"{header}.{other}.{signature}" if other != payload else ""


WRONG_TOKENS = {
    "no token at all": ({}, "token_missing"),
    "another scheme": ({"authorization": "Basic YTpi"}, "token_invalid"),
    "empty": ({"authorization": "Bearer"}, "token_invalid"),
    "not a token": ({"authorization": "Bearer x"}, "token_invalid"),
    "unsigned": ({"authorization": f"Bearer {_unsigned()}"}, "token_invalid"),
    "altered": ({"authorization": f"Bearer {_altered()}"}, "token_invalid"),
    "another issuer's key": (bearer(sign_claims(make_claims(), key=OTHER_KEY)), "token_invalid"),
    "an identity token": (bearer(sign_claims(make_claims(), typ="JWT")), "token_invalid"),
    "for another audience": (bearer(make_token(audience="https://other.example")), "token_invalid"),
    "for a service behind": (bearer(make_token(audience="urn:lienthong:health-book")), "token_invalid"),
    "of another issuer": (bearer(sign_claims({**make_claims(), "iss": "https://x"})), "token_invalid"),
    "without a lifetime": (
        bearer(sign_claims({k: v for k, v in make_claims().items() if k != "exp"})),
        "token_invalid",
    ),
    "expired": (bearer(make_token(expires_in_seconds=-1)), "token_expired"),
    "not yet valid": (
        # Made when tests are collected: it must not have expired when its turn comes.
        bearer(sign_claims({**make_claims(), "nbf": _in_hours(1), "exp": _in_hours(2)})),
        "token_invalid",
    ),
    "too long": ({"authorization": f"Bearer {'x' * 9000}"}, "token_invalid"),
}


@pytest.mark.parametrize("name", WRONG_TOKENS)
async def test_wrong_token_is_a_401_and_reaches_nobody(
    gateway: Running, upstream: Upstream, name: str
) -> None:
    headers, code = WRONG_TOKENS[name]

    result = await gateway.client.get(PATH, headers=headers)

    assert (result.status_code, result.json()["code"]) == (401, code)
    assert result.headers["www-authenticate"].startswith("Bearer")
    assert result.headers["content-type"] == "application/problem+json"
    assert upstream.seen == []


async def test_right_token_passes_and_goes_on(gateway: Running, upstream: Upstream) -> None:
    headers = bearer(make_token())

    result = await gateway.client.get(PATH, headers=headers)

    assert result.status_code == 200
    assert upstream.seen[0].all("authorization") == [headers["authorization"]]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("vi", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr", "vi"),
        ("vi;q=0.5, en;q=0.8", "en"),
        ("", "vi"),
    ],
)
async def test_problem_speaks_the_callers_language(gateway: Running, asked: str, spoken: Language) -> None:
    result = await gateway.client.get(PATH, headers={"accept-language": asked})

    assert result.headers["content-language"] == spoken
    assert result.json()["title"] == TokenMissing.title[spoken]


async def test_problem_has_the_shape_of_the_contract(gateway: Running) -> None:
    result = await gateway.client.get(PATH)

    problem = result.json()
    assert problem["type"] == "/developers/problems#token_missing"
    assert problem["status"] == 401
    assert problem["instance"] == PATH
    assert problem["fault"] == "caller"
    assert problem["retry"] == "no"
    assert problem["trace_id"] == result.headers["traceparent"].split("-")[1]


async def test_revoked_token_is_refused_although_it_was_cached(upstream: Upstream) -> None:
    verifier = make_verifier("gateway")
    claims = make_claims()
    headers = bearer(sign_claims(claims))
    settings = make_gateway_settings(upstream.url)
    async with assembled(settings, verifier=verifier) as assembly:
        server = Listener(public_config(settings, assembly.gateway))
        async with listening(server) as url, httpx2.AsyncClient(base_url=url) as client:
            before = await client.get(PATH, headers=headers)
            verifier.revoke(claims["jti"])
            after = await client.get(PATH, headers=headers)

    assert (before.status_code, after.status_code) == (200, 401)
    assert after.json()["code"] == "token_invalid"


async def test_cached_token_ends_with_its_time(upstream: Upstream) -> None:
    clocks = Clocks.fixed(legal=NOW, real=NOW)
    verifier = make_verifier("gateway", clocks)
    token = make_token(clocks=clocks, expires_in_seconds=600)
    await verifier.verify(token)
    settings = make_gateway_settings(upstream.url)
    later = make_verifier("gateway", Clocks.fixed(legal=NOW, real=NOW + timedelta(seconds=601)))
    later._cache = verifier._cache
    async with assembled(settings, verifier=later) as assembly:
        server = Listener(public_config(settings, assembly.gateway))
        async with listening(server) as url, httpx2.AsyncClient(base_url=url) as client:
            result = await client.get(PATH, headers=bearer(token))

    assert (result.status_code, result.json()["code"]) == (401, "token_expired")


async def test_keys_are_taken_from_identity_and_kept_while_it_is_away(upstream: Upstream) -> None:
    async def jwks(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, _jwks())

    upstream.behaviours["/oauth2/jwks"] = jwks
    async with new_client() as client:
        keys = RemoteKeys(f"{upstream.url}/oauth2/jwks", client)
        verifier = TokenVerifier(keys, issuer=PUBLIC_URL, audience=PUBLIC_URL)
        settings = make_gateway_settings(upstream.url)
        async with assembled(settings, verifier=verifier) as assembly:
            server = Listener(public_config(settings, assembly.gateway))
            async with listening(server) as url, httpx2.AsyncClient(base_url=url) as caller:
                first = await caller.get(PATH, headers=bearer(make_token()))
                upstream.behaviours["/oauth2/jwks"] = _broken
                second = await caller.get(PATH, headers=bearer(make_token()))

    assert (first.status_code, second.status_code) == (200, 200)


async def test_without_any_key_nobody_is_refused_as_wrong(upstream: Upstream) -> None:
    """A token that cannot be judged is not called invalid: the client would throw it away."""
    away = f"http://127.0.0.1:{unused_port()}"
    settings = make_gateway_settings(upstream.url, identity_url=away)
    async with assembled(settings) as assembly:
        server = Listener(public_config(settings, assembly.gateway))
        async with listening(server) as url, httpx2.AsyncClient(base_url=url) as client:
            result = await client.get(PATH, headers=bearer(make_token()))

    assert (result.status_code, result.json()["code"]) == (503, "upstream_unavailable")
    assert "retry-after" in result.headers


async def test_tokens_are_checked_while_nats_is_away(upstream: Upstream) -> None:
    nats_url = f"nats://127.0.0.1:{unused_port()}"
    async with running_gateway(upstream.url, nats_url=nats_url, nats_user="gateway") as gateway:
        result = await gateway.client.get(PATH, headers=bearer(make_token()))

    assert result.status_code == 200


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, 500, b"")


def _jwks() -> bytes:
    return orjson.dumps({"keys": [SIGNING_KEY.public_jwk()]})
