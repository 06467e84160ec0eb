"""A service's own tokens: asked for with its key, kept while good, honest when identity is away."""

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs

import httpx2
import orjson
import pytest

from chassis import jws
from chassis.clock import Clocks
from chassis.errors import UpstreamUnavailable
from chassis.http import new_client
from chassis.keys import SigningKey, public_key_of
from chassis.service_tokens import ASSERTION_TYPE, ServiceTokens
from chassis.testing import PUBLIC_URL

KEY = SigningKey.generate()
AUDIENCE = "urn:lienthong:identity"


class Identity:
    """The token endpoint; keeps the forms that it was sent."""

    def __init__(self, *, expires_in: int = 600, status: int = 200) -> None:
        self.forms: list[dict[str, str]] = []
        self.expires_in = expires_in
        self.status = status

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.forms.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        if self.status != 200:
            return httpx2.Response(self.status, json={"error": "invalid_client"})
        token = f"token-{len(self.forms)}"
        return httpx2.Response(200, json={"access_token": token, "expires_in": self.expires_in})


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "svc-health-book.jwk"
    path.write_text(json.dumps(KEY.private_jwk()))
    path.chmod(0o600)
    return path


def tokens_of(identity: Identity, key_file: Path | None) -> ServiceTokens:
    return ServiceTokens(
        client_id="svc-health-book",
        key_file=key_file,
        token_url="http://identity.test/oauth2/token",
        issuer=PUBLIC_URL,
        client=new_client(transport=httpx2.MockTransport(identity.answer)),
        clocks=Clocks.real(),
    )


async def test_request_proves_the_key_and_names_one_audience(key_file: Path) -> None:
    identity = Identity()

    token = await tokens_of(identity, key_file).token(AUDIENCE, "people.resolve")

    (form,) = identity.forms
    assertion = jws.parse(form["client_assertion"])
    claims = orjson.loads(assertion.payload)
    assert token == "token-1"
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == ASSERTION_TYPE
    assert (form["audience"], form["scope"]) == (AUDIENCE, "people.resolve")
    assert jws.is_signed_by(assertion, public_key_of(KEY.public_jwk()))
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("svc-health-book", "svc-health-book", PUBLIC_URL)
    assert 0 < claims["exp"] - claims["iat"] <= 60


async def test_token_is_kept_per_audience_and_scope(key_file: Path) -> None:
    identity = Identity()
    tokens = tokens_of(identity, key_file)

    first = await tokens.token(AUDIENCE, "people.resolve")

    assert await tokens.token(AUDIENCE, "people.resolve") == first
    assert await tokens.token(AUDIENCE, "people.read") != first
    assert await tokens.token("urn:lienthong:dossier", "people.resolve") != first
    assert len(identity.forms) == 3


async def test_burst_asks_once(key_file: Path) -> None:
    identity = Identity()
    tokens = tokens_of(identity, key_file)

    answers = await asyncio.gather(*(tokens.token(AUDIENCE, "people.resolve") for _ in range(20)))

    assert set(answers) == {"token-1"}
    assert len(identity.forms) == 1


async def test_token_about_to_expire_is_not_kept(key_file: Path) -> None:
    identity = Identity(expires_in=30)
    tokens = tokens_of(identity, key_file)

    assert await tokens.token(AUDIENCE, "a") != await tokens.token(AUDIENCE, "a")


async def test_refused_token_is_forgotten(key_file: Path) -> None:
    identity = Identity()
    tokens = tokens_of(identity, key_file)
    first = await tokens.token(AUDIENCE, "a")

    tokens.forget(AUDIENCE, "a")

    assert await tokens.token(AUDIENCE, "a") != first


@pytest.mark.parametrize("status", [400, 401, 500, 503])
async def test_refusal_is_an_upstream_failure(key_file: Path, status: int) -> None:
    identity = Identity(status=status)
    tokens = tokens_of(identity, key_file)

    with pytest.raises(UpstreamUnavailable) as problem:
        await tokens.token(AUDIENCE, "a")
    assert problem.value.headers["retry-after"]

    identity.status = 200
    assert await tokens.token(AUDIENCE, "a") == "token-2"


async def test_identity_away_is_an_upstream_failure(key_file: Path) -> None:
    tokens = ServiceTokens(
        client_id="svc-health-book",
        key_file=key_file,
        token_url="http://127.0.0.1:1/oauth2/token",
        issuer=PUBLIC_URL,
        client=new_client(),
        clocks=Clocks.real(),
    )

    with pytest.raises(UpstreamUnavailable):
        await tokens.token(AUDIENCE, "a")


async def test_service_without_key_says_so() -> None:
    with pytest.raises(RuntimeError, match="key file"):
        await tokens_of(Identity(), None).token(AUDIENCE, "a")
