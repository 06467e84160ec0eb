"""Registered keys are asked of identity, kept, and used on while identity is away."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chassis.client_keys import AUDIENCE, SCOPE, ClientKeys
from chassis.clock import Clocks
from chassis.errors import UpstreamUnavailable
from chassis.http import new_client
from chassis.keys import SigningKey
from chassis.service_tokens import ServiceTokens

FIRST, SECOND = SigningKey.generate(), SigningKey.generate()


class Tokens(ServiceTokens):
    """Tokens without an identity behind them."""

    def __init__(self) -> None:
        super().__init__(
            client_id="svc-judicial-record",
            key_file=Path("/nonexistent"),
            token_url="",
            issuer="",
            client=new_client(),
            clocks=Clocks.real(),
        )
        self.forgotten = 0

    async def token(self, audience: str, scope: str) -> str:
        assert (audience, scope) == (AUDIENCE, SCOPE)
        return "token"

    def forget(self, audience: str, scope: str) -> None:
        self.forgotten += 1


class Identity:
    """The look-up of keys; counts what it is asked."""

    def __init__(self) -> None:
        self.keys: dict[str, list[SigningKey]] = {"toa-an": [FIRST]}
        self.asked: list[str] = []
        self.paths: list[str] = []
        self.status = 200

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(0)
        client_id = request.url.path.split("/")[-2]
        self.asked.append(client_id)
        self.paths.append(request.url.raw_path.decode())
        assert request.headers["authorization"] == "Bearer token"
        if self.status != 200:
            return httpx2.Response(self.status)
        if client_id not in self.keys:
            return httpx2.Response(404, json={"code": "not_found"})
        jwks: dict[str, Any] = {"keys": [key.public_jwk() for key in self.keys[client_id]]}
        return httpx2.Response(200, json={"client_id": client_id, "organisation": "toa-an", "jwks": jwks})


@pytest.fixture
def identity() -> Identity:
    return Identity()


def client_keys(identity: Identity, tokens: ServiceTokens | None = None, **seconds: float) -> ClientKeys:
    http = new_client(transport=httpx2.MockTransport(identity.answer))
    return ClientKeys(http, tokens or Tokens(), "http://identity.test", **seconds)


async def test_keys_are_asked_for_once(identity: Identity) -> None:
    keys = client_keys(identity)

    found = await asyncio.gather(*(keys.of("toa-an", FIRST.kid) for _ in range(3)))

    assert [list(one) for one in found] == [[FIRST.kid]] * 3
    assert identity.asked == ["toa-an"]


async def test_new_key_is_found_but_asked_for_seldom(identity: Identity) -> None:
    patient, eager = client_keys(identity), client_keys(identity, minimum_seconds=0)
    for keys in (patient, eager):
        await keys.of("toa-an", FIRST.kid)
    identity.keys["toa-an"].append(SECOND)

    assert SECOND.kid not in await patient.of("toa-an", SECOND.kid)
    assert SECOND.kid in await eager.of("toa-an", SECOND.kid)


async def test_withdrawn_key_goes(identity: Identity) -> None:
    keys = client_keys(identity, maximum_seconds=0)
    await keys.of("toa-an")
    identity.keys["toa-an"] = [SECOND]

    assert list(await keys.of("toa-an")) == [SECOND.kid]


async def test_unknown_client_has_no_keys_and_is_not_asked_for_each_time(identity: Identity) -> None:
    keys = client_keys(identity)

    assert await keys.of("nobody") == {}
    assert await keys.of("nobody", "any") == {}
    assert identity.asked == ["nobody"]


async def test_known_keys_outlive_identity(identity: Identity) -> None:
    keys = client_keys(identity, maximum_seconds=0)
    await keys.of("toa-an")
    identity.status = 503

    assert list(await keys.of("toa-an")) == [FIRST.kid]
    with pytest.raises(UpstreamUnavailable):
        await keys.of("cong-an")


async def test_refused_token_is_forgotten(identity: Identity) -> None:
    tokens = Tokens()
    identity.status = 401

    with pytest.raises(UpstreamUnavailable):
        await client_keys(identity, tokens).of("toa-an")
    assert tokens.forgotten == 1


async def test_hostile_client_id_stays_one_segment(identity: Identity) -> None:
    keys = client_keys(identity)

    assert await keys.of("../../oauth2/jwks?x=") == {}
    assert identity.paths == ["/internal/v1/clients/..%2F..%2Foauth2%2Fjwks%3Fx%3D/keys"]
