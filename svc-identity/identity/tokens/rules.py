"""What decides whether a code or an assertion is good. Pure."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from chassis.auth import Actor
from chassis.jws import encode_base64url

CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(seconds=600)
MAX_ASSERTION_LIFETIME = timedelta(hours=1)
"""What client libraries sign by default; replay is refused throughout, since ids are kept as long."""
CLOCK_SKEW = timedelta(seconds=30)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom the tokens of a sign-in speak for: the citizen who signed in, a company that the citizen acts for,
    or the citizen as staff of an organisation.

    `organisation` is the company's tax code, or the code of the agency or facility.
    """

    kind: Literal["citizen", "company", "staff"] = "citizen"
    organisation_id: UUID | None = None
    organisation: str | None = None
    roles: tuple[str, ...] = ("citizen",)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code was given for."""

    session_id: UUID
    client_id: str
    citizen_id: UUID
    redirect_uri: str
    code_challenge: str
    scope: str
    nonce: str | None
    acr: str
    auth_time: datetime
    expires_at: datetime
    used_at: datetime | None
    token_id: str | None
    token_expires_at: datetime | None
    holder: Holder = Holder()


def is_code_challenge(value: str) -> bool:
    """Return whether the value can be an S256 code challenge.

    Source: RFC 7636, section 4.2.
    """
    return _CHALLENGE.fullmatch(value) is not None


def proves_possession(code_verifier: str, code_challenge: str) -> bool:
    """Return whether the verifier is the one that the S256 challenge was made from.

    Source: RFC 7636, sections 4.1 and 4.6.
    """
    if not _VERIFIER.fullmatch(code_verifier):
        return False
    made = encode_base64url(hashlib.sha256(code_verifier.encode()).digest())
    return hmac.compare_digest(made, code_challenge)


def grant_refusal(
    grant: Grant, *, client_id: str, redirect_uri: str, code_verifier: str, now: datetime
) -> str | None:
    """Return why a code must be refused, for the log only, or `None` when it is good.

    Source: RFC 6749, section 4.1.3; RFC 7636, section 4.6.
    """
    if grant.used_at is not None:
        return "used"
    if grant.client_id != client_id:
        return "other_client"
    if grant.expires_at <= now:
        return "expired"
    if grant.redirect_uri != redirect_uri:
        return "other_redirect_uri"
    if not proves_possession(code_verifier, grant.code_challenge):
        return "code_verifier"
    return None


def assertion_refusal(
    claims: Mapping[str, Any], *, client_id: str, audiences: frozenset[str], now: datetime
) -> str | None:
    """Return why a client assertion's claims are refused, for the log only, or `None` when they are good.

    Every audience named must be ours: an assertion that another server may also take could be replayed there.

    Source: RFC 7523, section 3; RFC 9700, section 4.12 (no assertion for several servers).
    """
    named = claims.get("aud")
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        return "issuer_or_subject"
    targets = named if isinstance(named, list) else [named]
    if not targets or not all(isinstance(one, str) and one in audiences for one in targets):
        return "audience"
    token_id = claims.get("jti")
    if not isinstance(token_id, str) or not 1 <= len(token_id) <= 200 or not token_id.isprintable():
        return "jti"
    expires_at = instant(claims.get("exp"))
    if expires_at is None or expires_at <= now:
        return "expired"
    if expires_at > now + MAX_ASSERTION_LIFETIME + CLOCK_SKEW:
        return "lives_too_long"
    for name in ("iat", "nbf"):
        if name in claims:
            moment = instant(claims[name])
            if moment is None or moment > now + CLOCK_SKEW:
                return "not_yet_valid"
    return None


def subject_refusal(actor: Actor, *, client_id: str, audience: str) -> str | None:
    """Return why a token may not be exchanged, for the log only, or `None` when it may.

    Source: RFC 8693, section 2.2.2; decision 0015.
    """
    if actor.client_id != client_id:
        return "other_client"
    if actor.audience != audience:
        return "audience"
    if actor.kind != "citizen" or actor.citizen_id is None:
        return "kind"
    return "acts_already" if actor.act is not None else None


def instant(value: object) -> datetime | None:
    """Return a NumericDate as an aware UTC instant, or `None` when it is not one.

    Source: RFC 7519, section 2.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 33:
        return None
    return datetime.fromtimestamp(value, UTC)


def with_parameters(redirect_uri: str, encoded: str) -> str:
    """Return a redirect URI with parameters added to its query, which stays.

    Source: RFC 6749, section 3.1.2.
    """
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{encoded}"
