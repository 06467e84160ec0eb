"""Who is asking: access tokens (RFC 9068) checked the same way by the gateway and by every service.

Framework-free. A token is checked once per process and its actor kept until expiry under the token's
SHA-256, since a signature costs 60 µs and a look-up 0.2 µs; revocation by event removes it from there
(decision 0006).
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, get_args
from uuid import UUID

import httpx2
import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from chassis import jws
from chassis.clock import Clocks
from chassis.errors import TokenExpired, TokenInvalid, TokenMissing, UpstreamUnavailable
from chassis.keys import public_key_of
from chassis.logging import get_logger
from contracts.envelope import Envelope
from contracts.events.identity import TokenRevokedV1

if TYPE_CHECKING:
    from chassis.bus import Bus

Kind = Literal["citizen", "company", "staff", "system", "service"]

MAX_TOKEN_CHARACTERS = 4096
CACHE_ENTRIES = 50_000
LEEWAY_SECONDS = 5
_KEYS_TIMEOUT_SECONDS = 2.0
REVOCATIONS_KEPT = timedelta(minutes=15)
_KINDS: frozenset[str] = frozenset(get_args(Kind))

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who asks, as a valid token tells it.

    `subject` is the citizen's id or the client's; `organisation` the code of the facility or agency that a
    system or staff member is bound to; `act` the person acting for the subject, where another acts.
    """

    subject: str
    client_id: str
    kind: Kind
    scopes: frozenset[str]
    roles: frozenset[str]
    acr: str | None
    organisation: str | None
    citizen_id: UUID | None
    act: Mapping[str, Any] | None  # Any: claims of the acting party
    token_id: str
    expires_at: datetime
    audience: str = ""
    auth_time: datetime | None = None

    @property
    def person(self) -> str:
        """Who is really at it: the one acting for the subject where another acts, else the subject itself."""
        return str(self.act["sub"]) if self.act is not None else self.subject


class KeySource(Protocol):
    """Where a verifier finds public keys."""

    async def get(self, kid: str) -> ec.EllipticCurvePublicKey | None:
        """Return the key of this id, or None. Raises: UpstreamUnavailable when no key is known at all."""
        ...


class StaticKeys:
    """Keys given once: the issuer itself, and tests."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:  # Any: JSON members
        self._keys = _keys_of(jwks)

    async def get(self, kid: str) -> ec.EllipticCurvePublicKey | None:
        return self._keys.get(kid)


class RemoteKeys:
    """The issuer's published key set: fetched when a token names an unknown key, and anew every ten minutes,
    so that a withdrawn key goes; kept while the issuer is away.

    At most one fetch per `minimum_seconds`, whoever sends whatever key id, so that forged ids cannot be
    turned into load on the issuer.
    """

    def __init__(
        self,
        url: str,
        client: httpx2.AsyncClient,
        *,
        minimum_seconds: float = 3.0,
        maximum_seconds: float = 600.0,
    ) -> None:
        self._url = url
        self._client = client
        self._minimum_seconds = minimum_seconds
        self._maximum_seconds = maximum_seconds
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}
        self._next_fetch_at = 0.0
        self._old_at = 0.0
        self._lock = asyncio.Lock()

    async def get(self, kid: str) -> ec.EllipticCurvePublicKey | None:
        if kid not in self._keys:
            async with self._lock:
                if kid not in self._keys and time.monotonic() >= self._next_fetch_at:
                    await self._fetch()
        elif time.monotonic() >= self._old_at and not self._lock.locked():
            async with self._lock:  # one request asks again; the others go on with what is known
                await self._fetch()
        if not self._keys:
            raise UpstreamUnavailable(peer="identity")
        return self._keys.get(kid)

    async def _fetch(self) -> None:
        now = time.monotonic()
        self._next_fetch_at = now + self._minimum_seconds
        self._old_at = now + min(self._maximum_seconds, 60.0)
        try:
            response = await self._client.get(self._url, timeout=_KEYS_TIMEOUT_SECONDS)
            response.raise_for_status()
            keys = _keys_of(response.json())
        except (httpx2.HTTPError, ValueError, TypeError, AttributeError) as failure:
            log.warning("auth.keys_not_fetched", error_type=type(failure).__name__)
            if not self._keys:  # nothing can be verified: ask again with the next request
                self._next_fetch_at = 0.0
            return
        if keys:
            self._keys = keys
            self._old_at = now + self._maximum_seconds


def _keys_of(jwks: Mapping[str, Any]) -> dict[str, ec.EllipticCurvePublicKey]:  # Any: JSON members
    found: dict[str, ec.EllipticCurvePublicKey] = {}
    for jwk in jwks.get("keys", ()):
        if isinstance(jwk, dict) and jwk.get("crv") == "P-256" and isinstance(jwk.get("kid"), str):
            try:
                found[jwk["kid"]] = public_key_of(jwk)
            except (ValueError, KeyError):
                log.warning("auth.key_not_read")
    return found


class TokenVerifier:
    """Turns a token into its actor, or refuses it.

    `audience` is one audience or several; which of them the token was for is in `Actor.audience`.
    """

    def __init__(
        self, keys: KeySource, *, issuer: str, audience: str | Collection[str], clocks: Clocks | None = None
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audiences = (audience,) if isinstance(audience, str) else tuple(audience)
        self._clocks = clocks or Clocks.real()
        self._cache: OrderedDict[bytes, Actor] = OrderedDict()
        self._revoked: dict[str, float] = {}

    async def verify(self, token: str) -> Actor:
        """Return the actor. Raises: TokenInvalid, TokenExpired, UpstreamUnavailable."""
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise _invalid("oversize")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        actor = self._cache.get(digest)
        if actor is None:
            actor = await self._check(token)
            self._keep(digest, actor)
        else:
            self._cache.move_to_end(digest)
        if actor.expires_at <= self._clocks.real_now():
            self._cache.pop(digest, None)
            raise TokenExpired
        if actor.token_id in self._revoked:
            raise _invalid("revoked")
        return actor

    def revoke(self, token_id: str, *, expires_at: datetime | None = None) -> None:
        """Refuse a token from now on. Without `expires_at` it is remembered for the longest token
        lifetime.
        """
        now = self._clocks.real_now()
        until = expires_at or now + REVOCATIONS_KEPT
        if until > now:
            self._revoked[token_id] = until.timestamp()
        if len(self._revoked) % 1000 == 0:
            moment = now.timestamp()
            self._revoked = {jti: end for jti, end in self._revoked.items() if end > moment}

    def _keep(self, digest: bytes, actor: Actor) -> None:
        self._cache[digest] = actor
        while len(self._cache) > CACHE_ENTRIES:
            self._cache.popitem(last=False)

    async def _check(self, token: str) -> Actor:
        try:
            parsed = jws.parse(token)
            claims = orjson.loads(parsed.payload)
        except (jws.Malformed, orjson.JSONDecodeError, UnicodeEncodeError) as failure:
            raise _invalid("malformed") from failure
        kid, kind = parsed.header.get("kid"), parsed.header.get("typ")
        if (
            not isinstance(kid, str)
            or kind not in ("at+jwt", "application/at+jwt")
            or not isinstance(claims, dict)
        ):
            raise _invalid("header")
        key = await self._keys.get(kid)
        if key is None:
            raise _invalid("unknown_key")
        if not jws.is_signed_by(parsed, key):
            raise _invalid("signature")
        return self._actor(claims)

    def _actor(self, claims: dict[str, Any]) -> Actor:  # Any: JSON members
        audiences = claims.get("aud")
        named = audiences if isinstance(audiences, list) else [audiences]
        audience = next((a for a in self._audiences if a in named), None)
        if claims.get("iss") != self._issuer or audience is None:
            raise _invalid("issuer_or_audience")
        expires_at, issued_at = _instant(claims.get("exp")), _instant(claims.get("iat"))
        not_before = _instant(claims.get("nbf", claims.get("iat")))
        if expires_at is None or issued_at is None or not_before is None:
            raise _invalid("times")
        now = self._clocks.real_now()
        if expires_at <= now:
            raise TokenExpired
        if max(issued_at, not_before) > now + timedelta(seconds=LEEWAY_SECONDS):
            raise _invalid("not_yet_valid")
        subject, client_id, token_id = (claims.get(name) for name in ("sub", "client_id", "jti"))
        kind, roles, act = claims.get("kind"), claims.get("roles", []), claims.get("act")
        organisation, acr, scope = (claims.get(name) for name in ("organisation", "acr", "scope"))
        if (
            not all(isinstance(value, str) and value for value in (subject, client_id, token_id))
            or kind not in _KINDS
            or not isinstance(roles, list)
            or not all(isinstance(value, str | None) for value in (organisation, acr, scope, *roles))
            or not isinstance(act, dict | None)
            or (act is not None and not (isinstance(act.get("sub"), str) and act["sub"]))
        ):
            raise _invalid("claims")
        return Actor(
            subject=cast("str", subject),
            client_id=cast("str", client_id),
            kind=cast("Kind", kind),
            scopes=frozenset((scope or "").split()),
            roles=frozenset(roles),
            acr=acr,
            organisation=organisation,
            citizen_id=_citizen_id(subject) if kind == "citizen" else None,
            act=act,
            token_id=cast("str", token_id),
            expires_at=expires_at,
            audience=audience,
            auth_time=_instant(claims.get("auth_time")),
        )


def bearer_token(authorization: str | None) -> str:
    """Return the token of an Authorization header. Raises: TokenMissing, TokenInvalid."""
    if not authorization:
        raise TokenMissing
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _invalid("scheme")
    return token.strip()


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 33:
        return None
    return datetime.fromtimestamp(value, UTC)


def _citizen_id(subject: object) -> UUID:
    try:
        return UUID(str(subject))
    except ValueError as failure:
        raise _invalid("subject") from failure


def _invalid(reason: str) -> TokenInvalid:
    return TokenInvalid(reason=reason)


class Revocations:
    """Follows `identity.token.revoked.v1`: at start all of the last 15 minutes, then live.

    No inbox and no acknowledgement: each process must hear each revocation, and may hear it twice.
    """

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def follow(self, bus: "Bus") -> None:
        """Keep the verifier told until cancelled."""
        async for message in bus.follow(TokenRevokedV1.event_type, REVOCATIONS_KEPT):
            self.take(message.data)

    def take(self, payload: bytes) -> None:
        """Revoke what one event names; an unreadable one is logged and passed over."""
        try:
            event = TokenRevokedV1.model_validate(Envelope.model_validate_json(payload).data)
        except ValueError:
            log.error("auth.revocation_not_read", subject=TokenRevokedV1.event_type)
            return
        self._verifier.revoke(event.token_id, expires_at=event.expires_at)
        log.info("auth.token_revoked", token_id=event.token_id)
