"""Clients, people and small steps of the protocols, valid by default."""

import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from argon2 import PasswordHasher

from chassis.clock import Clocks
from chassis.ids import new_id
from chassis.jws import encode_base64url, sign
from chassis.keys import SigningKey
from chassis.service_tokens import ASSERTION_TYPE
from chassis.testing import PUBLIC_URL

CLIENT_KEYS = {
    name: SigningKey.generate()
    for name in ("his-99999", "svc-health-book", "svc-judicial-record", "svc-dossier", "lienthong-identity")
}
REDIRECT_URI = "http://127.0.0.1:49152/callback"
VERIFIER = "v" * 43 + "-._~"
CITIZEN_SCOPES = ["openid", "profile", "health.read", "dossier.file"]


def registrations() -> list[dict[str, Any]]:
    """Return client registrations as the launcher writes them."""
    return [
        _client(
            "cli",
            "public",
            scopes=[*CITIZEN_SCOPES, "ops", "judicial.work"],
            redirect_uris=["http://127.0.0.1/*"],
        ),
        _client(
            "mobile-app",
            "public",
            scopes=CITIZEN_SCOPES,
            redirect_uris=["http://127.0.0.1/callback", "lienthong://callback"],
        ),
        _client("app-backend", "confidential", scopes=CITIZEN_SCOPES, jwks={"keys": []}),
        _client(
            "his-99999", "system", scopes=["health.submit"], organisation="99999", jwks=_jwks("his-99999")
        ),
        _client(
            "svc-health-book",
            "service",
            scopes=["people.resolve"],
            audiences=["urn:lienthong:identity"],
            jwks=_jwks("svc-health-book"),
        ),
        _client(
            "svc-judicial-record",
            "service",
            scopes=["people.resolve", "people.read", "clients.read"],
            audiences=["urn:lienthong:identity"],
            jwks=_jwks("svc-judicial-record"),
        ),
        _client("svc-dossier", "service", jwks=_jwks("svc-dossier")),
    ]


def _client(client_id: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "kind": kind,
        "name": client_id,
        "redirect_uris": [],
        "scopes": [],
        "audiences": [],
        "organisation": None,
        "jwks": None,
        **fields,
    }


def _jwks(name: str) -> dict[str, Any]:
    return {"keys": [CLIENT_KEYS[name].public_jwk()]}


STAFF_PASSWORD = "mật khẩu của người thử"
STAFF_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STAFF_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(STAFF_PASSWORD)
"""Hashed cheaply: what is tested is not how long Argon2 takes."""


def staff_registration(**overrides: Any) -> dict[str, Any]:
    """Return one member of staff as the file of registrations has one."""
    return {
        "username": "cb-tuan",
        "person": {
            "personal_id": "001084000113",
            "name": "Hoàng Anh Tuấn",
            "born_on": "1984-06-16",
            "sex": "male",
        },
        "organisation": "lltp-ha-noi",
        "roles": ["judicial_officer"],
        "password_hash": STAFF_HASH,
        "totp_secret": STAFF_SECRET,
        **overrides,
    }


def assertion(client_id: str = "his-99999", *, key: SigningKey | None = None, **claims: Any) -> str:
    """Return a client assertion; a claim given as `None` is left out."""
    now = int(Clocks.real().real_now().timestamp())
    key = key or CLIENT_KEYS[client_id]
    made = {
        "iss": client_id,
        "sub": client_id,
        "aud": PUBLIC_URL,
        "jti": str(new_id()),
        "iat": now,
        "exp": now + 60,
        **claims,
    }
    kept = {name: value for name, value in made.items() if value is not None}
    return sign({"kid": key.kid, "typ": "JWT"}, kept, key.private_key)


def system_form(client_id: str = "his-99999", /, **fields: str) -> dict[str, str]:
    """Return the form of a client_credentials request."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(client_id),
        **fields,
    }


def wish(**overrides: str | None) -> dict[str, str]:
    """Return the parameters of an authorization request; one given as `None` is left out."""
    made = {
        "response_type": "code",
        "client_id": "cli",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile health.read",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": encode_base64url(hashlib.sha256(VERIFIER.encode()).digest()),
        "code_challenge_method": "S256",
        **overrides,
    }
    return {name: value for name, value in made.items() if value is not None}


def code_form(code: str, /, **overrides: str | None) -> dict[str, str]:
    """Return the form of a code exchange; a field given as `None` is left out."""
    made = {
        "grant_type": "authorization_code",
        "client_id": "cli",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        **overrides,
    }
    return {name: value for name, value in made.items() if value is not None}


def answer_of(location: str) -> dict[str, str]:
    """Return the parameters of a redirect's query."""
    return dict(parse_qsl(urlsplit(location).query))


async def sign_in(client: httpx2.AsyncClient, **overrides: str | None) -> httpx2.Response:
    """Go through a whole sign-in as a browser does; return the last answer of identity."""
    began = await client.get("/oauth2/authorize", params=wish(**overrides))
    if began.status_code != 303 or "/authorize" not in began.headers["location"]:
        return began
    return await finish(client, began)


async def finish(client: httpx2.AsyncClient, began: httpx2.Response) -> httpx2.Response:
    """Follow a begun sign-in to VNeID and back."""
    async with httpx2.AsyncClient() as browser:
        upstream = await browser.get(began.headers["location"])
    back = urlsplit(upstream.headers["location"])
    return await client.get(f"{back.path}?{back.query}")


async def citizen_tokens(client: httpx2.AsyncClient, **overrides: str | None) -> dict[str, Any]:
    """Return the token answer of a whole sign-in."""
    ended = await sign_in(client, **overrides)
    code = answer_of(ended.headers["location"])["code"]
    answer = await client.post("/oauth2/token", data=code_form(code))
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def person_item(**overrides: Any) -> dict[str, Any]:
    """Return one item of a person resolution."""
    return {
        "ref": "0",
        "personal_id": "001085000017",
        "name": "Nguyễn Văn An",
        "born_on": "1985-03-12",
        "sex": "male",
        **overrides,
    }


def random_personal_id() -> str:
    """Return a number of a man born in 1985 whose birth was registered in Hà Nội."""
    return f"001085{secrets.randbelow(10**6):06d}"


def query(parameters: dict[str, str]) -> str:
    return urlencode(parameters)
