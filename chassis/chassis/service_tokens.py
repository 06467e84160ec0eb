"""Tokens with which this service calls another as itself: `client_credentials` with `private_key_jwt`
(decision 0006).

One audience and a few scopes per token, kept until shortly before expiry; one request at a time per kind
of token, so that a burst does not become a burst on identity.
"""

import asyncio
import time
from pathlib import Path

import httpx2

from chassis import jws
from chassis.clock import Clocks
from chassis.errors import UpstreamUnavailable
from chassis.ids import new_id
from chassis.keys import SigningKey
from chassis.logging import get_logger

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 60
_RENEW_BEFORE_SECONDS = 30

log = get_logger(__name__)


def client_assertion(key: SigningKey, *, client_id: str, audience: str, clocks: Clocks) -> str:
    """Return a client assertion (RFC 7523) for one token request, good for a minute."""
    now = int(clocks.real_now().timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": str(new_id()),
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
    }
    return jws.sign({"kid": key.kid, "typ": "JWT"}, claims, key.private_key)


class ServiceTokens:
    """Gets and keeps tokens of one client."""

    def __init__(
        self,
        *,
        client_id: str,
        key_file: Path | None,
        token_url: str,
        issuer: str,
        client: httpx2.AsyncClient,
        clocks: Clocks,
    ) -> None:
        self._client_id = client_id
        self._key_file = key_file
        self._key: SigningKey | None = None
        self._token_url = token_url
        self._issuer = issuer
        self._client = client
        self._clocks = clocks
        self._kept: dict[tuple[str, str], tuple[str, float]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def token(self, audience: str, scope: str) -> str:
        """Return a token for one audience (`urn:lienthong:identity`) and scope (`people.resolve`).

        Raises: UpstreamUnavailable when identity does not answer or refuses; the refusal's code is logged.
        """
        kind = (audience, scope)
        async with self._locks.setdefault(kind, asyncio.Lock()):
            token, renew_at = self._kept.get(kind, ("", 0.0))
            if time.monotonic() >= renew_at:
                token, seconds = await self._request(audience, scope)
                self._kept[kind] = (token, time.monotonic() + max(seconds - _RENEW_BEFORE_SECONDS, 0))
            return token

    def forget(self, audience: str, scope: str) -> None:
        """Drop a kept token that its audience has refused, so that the next call gets a new one."""
        self._kept.pop((audience, scope), None)

    async def _request(self, audience: str, scope: str) -> tuple[str, int]:
        assertion = client_assertion(
            self._signing_key(), client_id=self._client_id, audience=self._issuer, clocks=self._clocks
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": scope,
            "resource": audience,
            "audience": audience,
        }
        try:
            response = await self._client.post(self._token_url, data=form)
            answer = response.json()
            if response.status_code == 200:
                return str(answer["access_token"]), int(answer["expires_in"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure
        log.error("service_token.refused", status=response.status_code, audience=audience, scope=scope)
        raise UpstreamUnavailable(headers={"retry-after": "5"}, peer="identity")

    def _signing_key(self) -> SigningKey:
        if self._key is None:
            if self._key_file is None:
                raise RuntimeError("the client key file of this service is not set")
            self._key = SigningKey.from_file(self._key_file)
        return self._key
