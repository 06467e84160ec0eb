"""Tokens as they are made: access tokens (RFC 9068) and id_tokens (OpenID Connect Core), ES256 only."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from chassis import jws
from chassis.auth import StaticKeys
from chassis.ids import new_id
from chassis.jws import encode_base64url
from chassis.keys import SigningKeys
from identity.tokens.rules import TOKEN_LIFETIME


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token speaks for, and where.

    `act` names who acts for the subject (RFC 8693, section 4.1). `not_after` ends the token before its usual
    time: one made from another token does not outlive it.
    """

    subject: str
    client_id: str
    kind: str
    audience: str
    scopes: Sequence[str]
    roles: Sequence[str]
    organisation: str | None = None
    acr: str | None = None
    auth_time: datetime | None = None
    act: Mapping[str, str] | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed access token."""

    value: str
    token_id: str
    expires_at: datetime
    expires_in_seconds: int


class OwnKeys:
    """The issuer's own keys for its own verifier, known once the process has opened them.

    Not fetched over HTTP like everybody else does: the issuer's start would depend on itself.
    """

    def __init__(self) -> None:
        self._keys = StaticKeys({"keys": []})

    def publish(self, jwks: dict[str, list[dict[str, str]]]) -> None:
        """Verify with these keys from now on."""
        self._keys = StaticKeys(jwks)

    async def get(self, kid: str) -> ec.EllipticCurvePublicKey | None:
        """Return the key of this id, or `None`."""
        return await self._keys.get(kid)


class Minter:
    """Signs with the current key; publishes the previous one too, until what it signed has expired."""

    def __init__(self, issuer: str, keys: SigningKeys) -> None:
        self.issuer = issuer
        self.keys = keys

    def public_keys(self) -> dict[str, list[dict[str, str]]]:
        """Return the JSON Web Key Set of every key that a token in use may be signed with."""
        return self.keys.public_jwks()

    def access_token(self, bearer: Bearer, now: datetime) -> AccessToken:
        """Return a new access token that lives ten minutes at most."""
        token_id = str(new_id())
        expires_at = (now + TOKEN_LIFETIME).replace(microsecond=0)
        if bearer.not_after is not None:
            expires_at = min(expires_at, bearer.not_after.replace(microsecond=0))
        claims: dict[str, Any] = {  # Any: JSON members
            "iss": self.issuer,
            "aud": bearer.audience,
            "sub": bearer.subject,
            "client_id": bearer.client_id,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": token_id,
            "scope": " ".join(bearer.scopes),
            "kind": bearer.kind,
            "roles": list(bearer.roles),
        }
        if bearer.organisation is not None:
            claims["organisation"] = bearer.organisation
        if bearer.acr is not None:
            claims["acr"] = bearer.acr
        if bearer.auth_time is not None:
            claims["auth_time"] = int(bearer.auth_time.timestamp())
        if bearer.act is not None:
            claims["act"] = dict(bearer.act)
        value = self._sign("at+jwt", claims)
        seconds = min(int(TOKEN_LIFETIME.total_seconds()), claims["exp"] - claims["iat"])
        return AccessToken(value, token_id, expires_at, seconds)

    def id_token(
        self, bearer: Bearer, access_token: str, *, session_id: UUID, nonce: str | None, now: datetime
    ) -> str:
        """Return the id_token of an access token: who signed in, how surely and when; no personal data."""
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {  # Any: JSON members
            "iss": self.issuer,
            "aud": bearer.client_id,
            "sub": bearer.subject,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
            "acr": bearer.acr,
            "at_hash": encode_base64url(half),
            "sid": str(session_id),
        }
        if bearer.auth_time is not None:
            claims["auth_time"] = int(bearer.auth_time.timestamp())
        if nonce is not None:
            claims["nonce"] = nonce
        return self._sign("JWT", claims)

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:  # Any: JSON members
        key = self.keys.current
        return jws.sign({"typ": kind, "kid": key.kid}, claims, key.private_key)
