"""Requests signed by their sender: HTTP Message Signatures (RFC 9421) over a Content-Digest (RFC 9530).

    headers = sign("POST", url, {"content-type": "application/json"}, body, key=key, keyid="toa-an")
    signed_by = await verify(request, body, keys, client_id=actor.client_id, db=db, clocks=clocks)

Our own reading of the one profile that is asked for here, over a library's structured fields: one signature
per request, that covers method, target, digest and type of the body, made within five minutes, with a nonce
that counts once. The library `http-message-signatures` judges both directions in the tests; it was not taken
for the work itself, since it knows neither asynchronous key look-ups nor which parts must be covered.

The nonce is recorded in the caller's transaction, so that a request whose effect is rolled back may be
sent again as it is.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from chassis.clock import Clocks
from chassis.errors import SignatureExpired, SignatureInvalid, SignatureMissing, SignatureReplayed
from chassis.jws import decode_base64url
from chassis.keys import SigningKey, public_key_of
from chassis.signature_base import (
    Message,
    content_digest,
    read_dictionary,
    require_digest,
    signature_base,
    write_dictionary,
    write_parameters,
)

PublicKey = ec.EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey = SigningKey | Ed25519PrivateKey

MAX_AGE = timedelta(seconds=300)
COVERED = ("@method", "@target-uri", "content-digest", "content-type")
_LABEL = "sig"
_MAX_NONCE = 128
_MAX_COMPONENTS = 20
_ECDSA = ec.ECDSA(SHA256())


class PublicKeysOf(Protocol):
    """Where the public keys of clients come from: `chassis.client_keys.ClientKeys`, or `KnownKeys`."""

    async def of(self, client_id: str, kid: str | None = None) -> Mapping[str, PublicKey]:
        """Return a client's public keys by key id, empty when there is no such client.

        `kid` is a key that should be among them: when it is not, the source may look again.
        Raises: UpstreamUnavailable.
        """
        ...


class KnownKeys:
    """Keys given once: `{client id: JWK Set}`."""

    def __init__(self, key_sets: Mapping[str, Mapping[str, Any]]) -> None:  # Any: JSON members
        self._keys = {client_id: read_keys(key_set) for client_id, key_set in key_sets.items()}

    async def of(self, client_id: str, kid: str | None = None) -> Mapping[str, PublicKey]:
        return self._keys.get(client_id, {})


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Whose key made the signature of a request."""

    client_id: str
    kid: str


@dataclass(frozen=True, slots=True)
class _Signature:
    """The one signature of a request, read and not yet checked against a key."""

    keyid: str
    nonce: str
    alg: str | None
    base: bytes
    value: bytes


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    key: PrivateKey,
    keyid: str,
    at: datetime | None = None,
    nonce: str | None = None,
) -> dict[str, str]:
    """Return `headers` with Content-Digest, Signature-Input and Signature added.

    `url` is the whole public address; with a body `headers` must hold its `content-type`. `keyid` is the
    key's id or the client's. `at` is real time and defaults to now, `nonce` to a new random one: sign each
    attempt anew.
    """
    signed = {name.lower(): value for name, value in headers.items()}
    covered: tuple[str, ...] = COVERED[:2]
    if body:
        signed["content-digest"] = content_digest(body)
        covered = COVERED
    parameters: dict[str, Any] = {
        "created": int((at or datetime.now(UTC)).timestamp()),
        "nonce": nonce or secrets.token_urlsafe(18),
        "keyid": keyid,
        "alg": "ecdsa-p256-sha256" if isinstance(key, SigningKey) else "ed25519",
    }
    message = Message(method.upper(), url, tuple(signed.items()), body)
    components: list[Any] = [(name, {}) for name in covered]
    base = signature_base(message, components, parameters)
    signed["signature-input"] = f"{_LABEL}={write_parameters(components, parameters)}"
    signed["signature"] = write_dictionary({_LABEL: (_sign_bytes(key, base), {})})
    return signed


async def verify(
    request: Request,
    body: bytes,
    keys: PublicKeysOf,
    *,
    client_id: str,
    db: AsyncSession,
    clocks: Clocks,
) -> SignedBy:
    """Return who signed the request; its nonce is kept in the transaction of `db`.

    Only keys of `client_id` count: the client of the access token, or the one that a caller without a token
    must be. The target is the public address, whatever `Host` says.

    Raises: SignatureMissing, SignatureInvalid, SignatureExpired, SignatureReplayed, UpstreamUnavailable.
    """
    message = _message_of(request, body)
    now = clocks.real_now()
    signature = _read(message, now)
    known = await keys.of(client_id, None if signature.keyid == client_id else signature.keyid)
    candidates = known if signature.keyid == client_id else _only(known, signature.keyid)
    for kid, key in candidates.items():
        if _is_signed_by(signature, key):
            await _use_up(db, client_id, signature.nonce, now)
            return SignedBy(client_id, kid)
    raise SignatureInvalid(reason="not_signed_by_this_client", client_id=client_id)


def read_keys(key_set: Mapping[str, Any]) -> dict[str, PublicKey]:  # Any: JSON members
    """Return the keys of a JWK Set that can sign requests, by key id: P-256 and Ed25519, no others."""
    found: dict[str, PublicKey] = {}
    for jwk in key_set.get("keys", ()):
        try:
            if jwk.get("crv") == "Ed25519":
                found[str(jwk["kid"])] = Ed25519PublicKey.from_public_bytes(decode_base64url(jwk["x"]))
            else:
                found[str(jwk["kid"])] = public_key_of(jwk)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


NONCE_STATEMENTS: tuple[str, ...] = (
    """
    create table signature_nonces (
        client_id text not null,
        nonce text not null,
        expires_at timestamptz not null,
        constraint signature_nonces_pkey primary key (client_id, nonce)
    )
    """,
    "create index signature_nonces_expires_at_idx on signature_nonces (expires_at)",
)


def create_nonce_table(operations: Any) -> None:  # Any: alembic's `op` is a module
    """Create the table of used nonces; called by a migration of each service that verifies signatures."""
    for statement in NONCE_STATEMENTS:
        operations.execute(statement)


# A few rows past their time go with each new one, so that no timer is needed.
_USE_UP = text(
    """
    with gone as (
        delete from signature_nonces where ctid = any (array(
            select ctid from signature_nonces where expires_at < :now order by expires_at limit 10
            for update skip locked))
    )
    insert into signature_nonces (client_id, nonce, expires_at) values (:client_id, :nonce, :expires_at)
    on conflict do nothing returning true
    """
)


async def _use_up(db: AsyncSession, client_id: str, nonce: str, now: datetime) -> None:
    """Keep a nonce as long as its signature could come again. Raises: SignatureReplayed."""
    values = {"client_id": client_id, "nonce": nonce, "now": now, "expires_at": now + 2 * MAX_AGE}
    if (await db.execute(_USE_UP, values)).scalar() is None:
        raise SignatureReplayed(client_id=client_id)


def _message_of(request: Request, body: bytes) -> Message:
    public_url: str = request.app.state.settings.public_url
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    target = path.partition(b"?")[0] + (b"?" + query if query else b"")
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in request.scope["headers"])
    return Message(request.method, public_url.rstrip("/") + target.decode("latin-1"), headers, body)


def _read(message: Message, now: datetime) -> _Signature:
    """Return the signature of a request, all checked that needs no key."""
    given, values = message.field("signature-input"), message.field("signature")
    if given is None or values is None:
        raise SignatureMissing
    inputs, signatures = read_dictionary(given), read_dictionary(values)
    if len(inputs) != 1 or len(signatures) != 1:
        raise SignatureInvalid(reason="not_one_signature")
    ((label, (components, parameters)),) = inputs.items()
    ((signed_label, (value, _)),) = signatures.items()
    if label != signed_label or not isinstance(components, list) or not isinstance(value, bytes):
        raise SignatureInvalid(reason="unreadable")
    _require_coverage(message, components)
    require_digest(message)
    keyid, nonce, alg = (parameters.get(name) for name in ("keyid", "nonce", "alg"))
    if (
        not isinstance(keyid, str)
        or not isinstance(nonce, str)
        or not 1 <= len(nonce) <= _MAX_NONCE
        or not isinstance(alg, str | None)
    ):
        raise SignatureInvalid(reason="parameters")
    _require_time(parameters, now)
    return _Signature(keyid, nonce, alg, signature_base(message, components, parameters), value)


def _require_coverage(message: Message, components: Sequence[tuple[Any, Any]]) -> None:
    names = [name for name, _ in components]
    needed = COVERED if message.body else COVERED[:2]
    if len(names) > _MAX_COMPONENTS or len(set(names)) != len(names) or not set(needed) <= set(names):
        raise SignatureInvalid(reason="coverage")


def _require_time(parameters: Mapping[str, Any], now: datetime) -> None:
    created, expires = parameters.get("created"), parameters.get("expires")
    if type(created) is not int or (expires is not None and type(expires) is not int):
        raise SignatureInvalid(reason="times")
    moment = now.timestamp()
    if abs(moment - created) > MAX_AGE.total_seconds() or (expires is not None and expires < moment):
        raise SignatureExpired


def _only(keys: Mapping[str, PublicKey], kid: str) -> Mapping[str, PublicKey]:
    return {kid: keys[kid]} if kid in keys else {}


def _sign_bytes(key: PrivateKey, base: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(base)
    r, s = decode_dss_signature(key.private_key.sign(base, _ECDSA))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _is_signed_by(signature: _Signature, key: PublicKey) -> bool:
    try:
        if isinstance(key, Ed25519PublicKey):
            if signature.alg not in (None, "ed25519"):
                return False
            key.verify(signature.value, signature.base)
            return True
        if signature.alg not in (None, "ecdsa-p256-sha256") or len(signature.value) != 64:
            return False
        r, s = (int.from_bytes(part, "big") for part in (signature.value[:32], signature.value[32:]))
        key.verify(encode_dss_signature(r, s), signature.base, _ECDSA)
    except (InvalidSignature, ValueError):
        return False
    return True
