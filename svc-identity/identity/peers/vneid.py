"""VNeID as an OpenID provider: discovery, authorization address, code exchange, id_token, userinfo.

joserfc and not `chassis.jws` for its id_token, because which asymmetric algorithm VNeID signs with is VNeID's
choice; symmetric ones and `none` are not in the list.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.clock import Clocks
from chassis.jws import encode_base64url
from chassis.keys import SigningKey
from chassis.service_tokens import ASSERTION_TYPE, client_assertion
from identity.sign_in.refusals import CodeRefused, UpstreamDown, UpstreamUntrusted
from identity.sign_in.rules import id_token_refusal

ID_TOKEN_ALGORITHMS = ["ES256", "ES384", "PS256", "RS256", "Ed25519", "EdDSA"]
_METADATA_SECONDS = 600.0
_KEYS_SECONDS = 300.0
_REFETCH_SECONDS = 5.0
_HASHES = {"ES384": hashlib.sha384, "Ed25519": hashlib.sha512, "EdDSA": hashlib.sha512}
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class VNeIDRegistration:
    """How we are known at VNeID, and where it is.

    `backchannel_url` stands in place of the issuer in addresses that we call ourselves.
    """

    issuer: str
    backchannel_url: str
    client_id: str
    redirect_uri: str


class VNeID:
    """Client of VNeID. Every method raises UpstreamDown or UpstreamUntrusted; nothing is guessed."""

    def __init__(
        self, registration: VNeIDRegistration, key: SigningKey, client: httpx2.AsyncClient, clocks: Clocks
    ) -> None:
        self._registration = registration
        self._key = key
        self._client = client
        self._clocks = clocks
        self._metadata: dict[str, str] = {}
        self._metadata_until = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0

    @property
    def issuer(self) -> str:
        return self._registration.issuer

    def anew(self) -> "VNeID":
        """Return a client that has yet to learn VNeID's endpoints and keys."""
        return VNeID(self._registration, self._key, self._client, self._clocks)

    async def authorization_url(
        self, *, state: str, nonce: str, code_verifier: str, level: int | None, language: str
    ) -> str:
        """Return where to send the browser. A person always signs in anew, so that no other client's session
        (and no other program on this machine) signs in for them (RFC 8252, section 8.6)."""
        challenge = encode_base64url(hashlib.sha256(code_verifier.encode()).digest())
        parameters = {
            "response_type": "code",
            "client_id": self._registration.client_id,
            "redirect_uri": self._registration.redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "login",
            "ui_locales": language,
        }
        if level is not None:
            parameters["acr_values"] = f"LoA{level}"
        return f"{(await self._endpoints())['authorization_endpoint']}?{urlencode(parameters)}"

    async def sign_in(
        self, code: str, *, code_verifier: str, nonce: str
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:  # Any: JSON members
        """Return the claims of the verified id_token and of userinfo. Raises also: CodeRefused."""
        endpoints = await self._endpoints()
        answer = await self._exchange(endpoints["token_endpoint"], code, code_verifier)
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise UpstreamUntrusted("tokens_missing")
        claims = await self._verified(id_token, access_token, nonce)
        details = await self._json(
            "GET", endpoints["userinfo_endpoint"], headers={"authorization": f"Bearer {access_token}"}
        )
        return claims, details

    async def _exchange(self, url: str, code: str, code_verifier: str) -> dict[str, Any]:  # Any: JSON members
        registration = self._registration
        assertion = client_assertion(
            self._key, client_id=registration.client_id, audience=registration.issuer, clocks=self._clocks
        )
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": registration.redirect_uri,
            "client_id": registration.client_id,
            "code_verifier": code_verifier,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return await self._json("POST", url, data=form)

    async def _verified(
        self, id_token: str, access_token: str, nonce: str
    ) -> dict[str, Any]:  # Any: as above
        try:
            token = await self._decoded(id_token)
        except (JoseError, ValueError) as failure:
            raise UpstreamUntrusted("id_token_signature") from failure
        claims = dict(token.claims)
        refusal = id_token_refusal(
            claims,
            issuer=self._registration.issuer,
            client_id=self._registration.client_id,
            nonce=nonce,
            now=self._clocks.real_now(),
        )
        if refusal is None and "at_hash" in claims:
            digest = _HASHES.get(str(token.header["alg"]), hashlib.sha256)(access_token.encode()).digest()
            half = encode_base64url(digest[: len(digest) // 2])
            refusal = None if claims["at_hash"] == half else "at_hash"
        if refusal is not None:
            raise UpstreamUntrusted(f"id_token_{refusal}")
        return claims

    async def _decoded(self, id_token: str) -> jwt.Token:
        """Return the token with its signature checked; keys are fetched again once when none fits."""
        had_keys = self._keys is not None
        try:
            return jwt.decode(id_token, await self._key_set(), algorithms=ID_TOKEN_ALGORITHMS)
        except (JoseError, ValueError):
            if not had_keys or time.monotonic() < self._keys_at + _REFETCH_SECONDS:
                raise
            self._keys = None
            return jwt.decode(id_token, await self._key_set(), algorithms=ID_TOKEN_ALGORITHMS)

    async def _key_set(self) -> KeySet:
        if self._keys is None or time.monotonic() > self._keys_at + _KEYS_SECONDS:
            document: Any = await self._json(
                "GET", (await self._endpoints())["jwks_uri"]
            )  # Any: JSON members
            try:
                self._keys = KeySet.import_key_set(document)
            except (JoseError, ValueError, KeyError, TypeError) as failure:
                raise UpstreamUntrusted("jwks") from failure
            self._keys_at = time.monotonic()
        return self._keys

    async def _endpoints(self) -> dict[str, str]:
        if time.monotonic() >= self._metadata_until:
            issuer = self._registration.issuer
            document = await self._json("GET", self._inside(f"{issuer}/.well-known/openid-configuration"))
            endpoints = {name: document.get(name) for name in _ENDPOINTS}
            if document.get("issuer") != issuer or not all(isinstance(v, str) for v in endpoints.values()):
                raise UpstreamUntrusted("metadata")
            found = {name: str(value) for name, value in endpoints.items()}
            outside = found["authorization_endpoint"]
            self._metadata = {name: self._inside(value) for name, value in found.items()}
            self._metadata["authorization_endpoint"] = outside
            self._metadata_until = time.monotonic() + _METADATA_SECONDS
        return self._metadata

    def _inside(self, url: str) -> str:
        """Return the address of a URL of the issuer as we reach it."""
        registration = self._registration
        if url.startswith(f"{registration.issuer}/"):
            return registration.backchannel_url + url.removeprefix(registration.issuer)
        return url

    async def _json(self, method: str, url: str, **options: Any) -> dict[str, Any]:  # Any: httpx2's own, JSON
        try:
            response = await self._client.request(method, url, **options)
            body = response.json() if response.content else None
        except httpx2.HTTPError as failure:
            raise UpstreamDown(type(failure).__name__) from failure
        except ValueError as failure:
            if response.status_code >= 500:
                raise UpstreamDown(f"status_{response.status_code}") from failure
            raise UpstreamUntrusted("not_json") from failure
        if response.status_code >= 500 or response.status_code == 429:
            raise UpstreamDown(f"status_{response.status_code}")
        if response.status_code == 400 and isinstance(body, dict) and body.get("error") == "invalid_grant":
            raise CodeRefused("invalid_grant")
        if response.status_code != 200 or not isinstance(body, dict):
            raise UpstreamUntrusted(f"status_{response.status_code}")
        return body
