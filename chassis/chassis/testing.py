"""What tests of any service start from: tokens signed by a test key, keys in memory, settings, a client."""

import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from fastapi import FastAPI

from chassis import jws
from chassis.auth import Kind, StaticKeys, TokenVerifier
from chassis.clock import Clocks
from chassis.ids import new_id
from chassis.keys import FieldKeys, SigningKey, SigningKeys
from chassis.settings import ServiceSettings

PUBLIC_URL = "http://lienthong.test"
SIGNING_KEY = SigningKey.generate()
OTHER_KEY = SigningKey.generate()
"""A key that no verifier of these helpers knows."""

Settings = TypeVar("Settings", bound=ServiceSettings)


class MemoryKeys:
    """A KeyProvider without files."""

    def __init__(self) -> None:
        self._field = {"k1": secrets.token_bytes(32)}
        self._current = "k1"
        self._secrets: dict[str, bytes] = {}
        self._signing: dict[str, SigningKeys] = {}

    def field_keys(self) -> FieldKeys:
        return FieldKeys(self._current, dict(self._field))

    def rotate_field_key(self) -> str:
        self._current = f"k{len(self._field) + 1}"
        self._field[self._current] = secrets.token_bytes(32)
        return self._current

    def secret(self, purpose: str) -> bytes:
        return self._secrets.setdefault(purpose, secrets.token_bytes(32))

    def signing_keys(self, purpose: str) -> SigningKeys:
        return self._signing.setdefault(purpose, SigningKeys(SigningKey.generate(), ()))


def make_settings(
    settings_class: type[Settings],
    *,
    database_url: str = "postgresql://nobody@127.0.0.1:1/none",
    **overrides: Any,  # Any: any field of the settings
) -> Settings:
    """Return settings of the sandbox profile, without NATS, whatever the environment says."""
    values: dict[str, Any] = {
        "profile": "sandbox",
        "public_url": PUBLIC_URL,
        "identity_url": "http://127.0.0.1:1",
        "key_directory": Path("/nonexistent"),
        "port": 1,
        "metrics_port": 2,
        "nats_url": None,
        "otlp_endpoint": None,
        "database_url": database_url,
    }
    return settings_class(**{**values, **overrides})


def make_verifier(service: str, clocks: Clocks | None = None) -> TokenVerifier:
    """Return a verifier that knows the test key, for the public audience and the service's own."""
    return TokenVerifier(
        StaticKeys({"keys": [SIGNING_KEY.public_jwk()]}),
        issuer=PUBLIC_URL,
        audience=(PUBLIC_URL, f"urn:lienthong:{service}"),
        clocks=clocks,
    )


def make_claims(
    *,
    kind: Kind = "citizen",
    subject: str | None = None,
    client_id: str = "cli",
    scopes: Collection[str] = (),
    roles: Collection[str] = (),
    level: int | None = 2,
    organisation: str | None = None,
    audience: str = PUBLIC_URL,
    expires_in_seconds: int = 600,
    clocks: Clocks | None = None,
) -> dict[str, Any]:
    """Return the claims of a token as identity mints it, for a new citizen or for the client."""
    now = (clocks or Clocks.real()).real_now()
    claims: dict[str, Any] = {
        "iss": PUBLIC_URL,
        "aud": audience,
        "sub": subject or (str(new_id()) if kind == "citizen" else client_id),
        "client_id": client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=expires_in_seconds)).timestamp()),
        "jti": str(new_id()),
        "scope": " ".join(scopes),
        "kind": kind,
        "roles": list(roles),
    }
    if organisation is not None:
        claims["organisation"] = organisation
    if kind in ("citizen", "company") and level is not None:
        claims |= {"acr": f"urn:vneid:level:{level}", "auth_time": claims["iat"]}
    return claims


def sign_claims(claims: Mapping[str, object], *, key: SigningKey = SIGNING_KEY, typ: str = "at+jwt") -> str:
    """Return a token over any claims, for tests of refusal too."""
    return jws.sign({"typ": typ, "kid": key.kid}, claims, key.private_key)


def make_token(**fields: Any) -> str:  # Any: the keywords of make_claims
    """Return a token that `make_verifier` accepts; the keywords are those of `make_claims`."""
    return sign_claims(make_claims(**fields))


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"authorization": f"Bearer {token}"}


@asynccontextmanager
async def service_client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client that calls the app in process, with its lifespan open."""
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=PUBLIC_URL) as client,
    ):
        yield client
