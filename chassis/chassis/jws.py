"""Compact JWS with ES256 and nothing else, on `cryptography` alone (half the cost of a JOSE library per
check).

One algorithm, fixed here and never read from the token, closes the `none` and key-confusion attacks by
construction.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "ES256"
_SCHEME = ec.ECDSA(SHA256())
_SIGNATURE_BYTES = 64
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")


class Malformed(ValueError):
    """The token is not a compact JWS of the only kind that is taken here."""


@dataclass(frozen=True, slots=True)
class ParsedJws:
    """A compact JWS taken apart, its signature not yet checked."""

    header: dict[str, Any]  # Any: JSON members
    payload: bytes
    signing_input: bytes
    signature: bytes


def encode_base64url(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode_base64url(value: str) -> bytes:
    """Return the bytes of unpadded base64url. Raises: Malformed on any other spelling of the same bytes."""
    if not _BASE64URL.match(value) or len(value) % 4 == 1:
        raise Malformed("not base64url")
    try:
        decoded = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except binascii.Error as failure:
        raise Malformed("not base64url") from failure
    if encode_base64url(decoded) != value:
        raise Malformed("not canonical base64url")
    return decoded


def parse(token: str) -> ParsedJws:
    """Return the parts of a compact JWS whose header says ES256 and asks for no extension. Raises:
    Malformed.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise Malformed("not three parts")
    try:
        header = orjson.loads(decode_base64url(parts[0]))
    except orjson.JSONDecodeError as failure:
        raise Malformed("header is not JSON") from failure
    if not isinstance(header, dict) or header.get("alg") != ALGORITHM or "crit" in header:
        raise Malformed("header not taken")
    signature = decode_base64url(parts[2])
    if len(signature) != _SIGNATURE_BYTES:
        raise Malformed("signature of another length")
    return ParsedJws(header, decode_base64url(parts[1]), f"{parts[0]}.{parts[1]}".encode(), signature)


def is_signed_by(jws: ParsedJws, key: ec.EllipticCurvePublicKey) -> bool:
    """Return whether the key made the signature."""
    r, s = int.from_bytes(jws.signature[:32], "big"), int.from_bytes(jws.signature[32:], "big")
    try:
        key.verify(encode_dss_signature(r, s), jws.signing_input, _SCHEME)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(header: Mapping[str, object], claims: Mapping[str, object], key: ec.EllipticCurvePrivateKey) -> str:
    """Return a compact JWS over JSON claims; `alg` is added to the header."""
    head = encode_base64url(orjson.dumps({"alg": ALGORITHM, **header}))
    body = encode_base64url(orjson.dumps(dict(claims)))
    r, s = decode_dss_signature(key.sign(f"{head}.{body}".encode(), _SCHEME))
    return f"{head}.{body}.{encode_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
