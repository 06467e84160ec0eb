"""Who may send people to VNeID: our identity service, and whoever a test registers.

A client proves itself by `private_key_jwt` (RFC 7523) or by a secret; identity does the former with the key
that the launcher made for it.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["ES256", "RS256", "PS256", "Ed25519", "EdDSA"]
LONGEST_ASSERTION_SECONDS = 600


class NotThisClient(Exception):
    """The client is unknown or did not prove itself."""


@dataclass(frozen=True)
class Client:
    """A registered relying party."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    jwks: KeySet | None = None
    secret: str | None = None
    signed_with: str = "ES256"


def _client(entry: Mapping[str, Any]) -> Client:
    return Client(
        client_id=entry["client_id"],
        name=entry.get("name", entry["client_id"]),
        redirect_uris=tuple(entry["redirect_uris"]),
        jwks=KeySet.import_key_set(entry["jwks"]) if "jwks" in entry else None,
        secret=entry.get("client_secret"),
        signed_with=entry.get("id_token_signed_response_alg", "ES256"),
    )


class Clients:
    """Registrations: identity's, from the key in the clients' folder, and those of a JSON file.

    The file holds a list of `{client_id, name, redirect_uris, jwks | client_secret,
    id_token_signed_response_alg}` (the names of OpenID dynamic registration). Both are read at each use, so
    that a key made later is found.
    """

    OWN_CLIENT_ID = "lienthong-identity"

    def __init__(self, *, public_url: str, clients_directory: Path, registrations: Path | None) -> None:
        self._callback = f"{public_url}/oauth2/callback/vneid"
        self._own_key = clients_directory / f"{self.OWN_CLIENT_ID}.jwk"
        self._registrations = registrations
        self._seen: dict[str, float] = {}

    def find(self, client_id: str) -> Client | None:
        if client_id == self.OWN_CLIENT_ID and self._own_key.exists():
            private = json.loads(self._own_key.read_text())
            public = {
                key: private[key] for key in ("kty", "crv", "x", "y", "kid", "alg", "use") if key in private
            }
            jwks = {"keys": [public]}
            return _client(
                {
                    "client_id": client_id,
                    "name": "Liên Thông",
                    "redirect_uris": [self._callback],
                    "jwks": jwks,
                }
            )
        if self._registrations is not None and self._registrations.exists():
            for entry in json.loads(self._registrations.read_text()):
                if entry["client_id"] == client_id:
                    return _client(entry)
        return None

    def authenticate(
        self,
        form: Mapping[str, str],
        authorization: str | None,
        audiences: set[str],
        now: Callable[[], float],
    ) -> Client:
        """Return the client that a token request comes from.

        Raises:
            NotThisClient: unknown, wrong secret, or an assertion that is forged, old, replayed or not for us.
        """
        if "client_assertion" in form:
            return self._by_assertion(form, audiences, now())
        if authorization is not None and authorization.lower().startswith("basic "):
            try:
                given = base64.b64decode(authorization[6:], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as error:
                raise NotThisClient("the Authorization header is not readable") from error
            client_id, _, secret = (unquote_plus(part) for part in given.partition(":"))
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        client = self.find(client_id)
        if client is None or client.secret is None:
            raise NotThisClient("unknown client, or one without a secret")
        if not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise NotThisClient("wrong secret")
        return client

    def _by_assertion(self, form: Mapping[str, str], audiences: set[str], now: float) -> Client:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise NotThisClient("client_assertion_type is missing")
        assertion = form["client_assertion"]
        client = self.find(form.get("client_id") or _subject(assertion))
        if client is None or client.jwks is None:
            raise NotThisClient("unknown client, or one without keys")
        try:
            claims = jwt.decode(assertion, client.jwks, algorithms=ASSERTION_ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise NotThisClient("the assertion's signature does not fit") from error
        audience = claims.get("aud")
        named = {audience} if isinstance(audience, str) else set(audience or ())
        expires_at, jti = claims.get("exp"), claims.get("jti")
        if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
            raise NotThisClient("iss and sub must be the client's id")
        if not named & audiences:
            raise NotThisClient("the assertion is for another audience")
        if not isinstance(expires_at, int | float) or not now < expires_at <= now + LONGEST_ASSERTION_SECONDS:
            raise NotThisClient("the assertion is expired or lives too long")
        self._seen = {seen: until for seen, until in self._seen.items() if until > now}
        if not isinstance(jti, str) or f"{client.client_id} {jti}" in self._seen:
            raise NotThisClient("the assertion has no jti or was used before")
        self._seen[f"{client.client_id} {jti}"] = expires_at
        return client


def _subject(assertion: str) -> str:
    """Return the unverified subject, only to find the keys to verify with."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise NotThisClient("the assertion is not readable") from error
