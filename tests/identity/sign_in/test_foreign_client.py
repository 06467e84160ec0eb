"""A client that others wrote (Authlib) signs a person in and a system on, through discovery alone, over HTTP.

The person's browser is played by requests, with cookies and redirects of its own.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import uvicorn
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from chassis.testing import MemoryKeys
from identity.app import create_app
from identity.settings import IdentitySettings
from tests.identity.factories import CLIENT_KEYS, REDIRECT_URI
from tests.identity.fake_vneid import FakeVNeID
from tests.support.servers import free_port
from tests.support.waiting import until


@pytest.fixture
async def public_url(settings: IdentitySettings, vneid: FakeVNeID) -> AsyncIterator[str]:
    """The address of an identity service that listens, and is its own public name."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app: FastAPI = create_app(settings.model_copy(update={"public_url": url}), keys=MemoryKeys())
    async with app.router.lifespan_context(app):
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started, what="identity listens")
        yield url
        server.should_exit = True
        await serving


def walk(address: str) -> str:
    """Follow a browser's redirects until they leave for the client; return that address."""
    with requests.Session() as browser:
        for _ in range(5):
            answer = browser.get(address, allow_redirects=False, timeout=10)
            address = answer.headers["location"]
            if address.startswith(REDIRECT_URI):
                return address
    raise AssertionError("the sign-in does not come to an end")


def sign_in(public_url: str) -> tuple[dict[str, Any], CodeIDToken, dict[str, Any]]:
    """Return the token answer, the id_token's claims as Authlib has them, and userinfo."""
    metadata = requests.get(f"{public_url}/.well-known/openid-configuration", timeout=10).json()
    nonce, verifier = secrets.token_urlsafe(16), generate_token(48)
    with OAuth2Session(
        "cli",
        token_endpoint_auth_method="none",
        scope="openid profile",
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
    ) as session:
        address, state = session.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        back = walk(address)
        assert parse_qs(urlsplit(back).query)["iss"] == [metadata["issuer"]]
        tokens = session.fetch_token(
            metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
        )
        keys = KeySet.import_key_set(session.get(metadata["jwks_uri"], withhold_token=True).json())
        decoded = jwt.decode(
            tokens["id_token"], keys, algorithms=metadata["id_token_signing_alg_values_supported"]
        )
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"values": [metadata["issuer"]]},
                "aud": {"values": ["cli"]},
                "nonce": {"value": nonce},
            },
            params={"nonce": nonce, "client_id": "cli", "access_token": tokens["access_token"]},
        )
        claims.validate()
        return dict(tokens), claims, session.get(metadata["userinfo_endpoint"]).json()


def system_token(public_url: str) -> dict[str, Any]:
    """Return the token answer of a hospital system that proves itself with its key."""
    metadata = requests.get(f"{public_url}/.well-known/openid-configuration", timeout=10).json()
    pair = CLIENT_KEYS["his-99999"]
    with OAuth2Session(
        "his-99999",
        ECKey.import_key(pair.private_jwk()),
        token_endpoint_auth_method=PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"),
    ) as session:
        return dict(session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials"))


async def test_authlib_signs_a_person_in(public_url: str) -> None:
    tokens, claims, told = await asyncio.to_thread(sign_in, public_url)

    assert tokens["token_type"] == "Bearer"
    assert claims["acr"] == "urn:vneid:level:2"
    assert told["sub"] == claims["sub"]
    assert (told["name"], told["personal_id"]) == ("Nguyễn Văn An", "001085000017")


async def test_authlib_gets_a_system_its_token(public_url: str) -> None:
    tokens = await asyncio.to_thread(system_token, public_url)

    assert (tokens["scope"], tokens["expires_in"]) == ("health.submit", 600)
