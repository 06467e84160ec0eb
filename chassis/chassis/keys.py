"""Where keys come from: a provider with one method per use; files locally, PKCS#11 or a KMS behind the
same protocol.

A service asks for keys by purpose and never sees a path. Rotation adds a key and makes it the current one;
older ones stay for reading until what they protect has been rewritten or has expired (decision 0009).
"""

import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.jws import decode_base64url, encode_base64url


class KeyUnavailable(Exception):
    """A key is missing, unreadable, or readable by others than its owner; the message names the file."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ES256 key pair; `kid` is its RFC 7638 thumbprint."""

    kid: str
    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls._of(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Self:  # Any: JSON members
        """Return the pair of a private JWK. Raises: KeyUnavailable when it is not a P-256 one."""
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" not in jwk:
            raise KeyUnavailable("not a private P-256 JWK")
        value = int.from_bytes(decode_base64url(jwk["d"]), "big")
        key = cls._of(ec.derive_private_key(value, ec.SECP256R1()))
        return cls(str(jwk.get("kid") or key.kid), key.private_key)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Return the pair of a private JWK file. Raises: KeyUnavailable."""
        return cls.from_jwk(orjson.loads(read_private(path)))

    @classmethod
    def _of(cls, private_key: ec.EllipticCurvePrivateKey) -> Self:
        return cls(_thumbprint(private_key.public_key()), private_key)

    def public_jwk(self) -> dict[str, str]:
        """Return the public JWK, as published in a key set."""
        return {**_coordinates(self.private_key.public_key()), "kid": self.kid, "alg": "ES256", "use": "sig"}

    def private_jwk(self) -> dict[str, str]:
        """Return the private JWK, for a 0600 file."""
        value = self.private_key.private_numbers().private_value
        return {**self.public_jwk(), "d": encode_base64url(value.to_bytes(32, "big"))}


def public_key_of(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:  # Any: JSON members
    """Return the public key of a P-256 JWK. Raises: ValueError."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise ValueError("not a P-256 JWK")
    x, y = (int.from_bytes(decode_base64url(str(jwk[name])), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _coordinates(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    x, y = (encode_base64url(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    canonical = orjson.dumps(_coordinates(key), option=orjson.OPT_SORT_KEYS)
    return encode_base64url(hashlib.sha256(canonical).digest())


@dataclass(frozen=True, slots=True)
class FieldKeys:
    """AES-256 keys by id; new values are written under `current`."""

    current: str
    keys: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Keys of one purpose: sign with `current`, publish `previous` too until what they signed has expired."""

    current: SigningKey
    previous: tuple[SigningKey, ...]

    def public_jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the JSON Web Key Set, current first."""
        return {"keys": [key.public_jwk() for key in (self.current, *self.previous)]}


class KeyProvider(Protocol):
    """What a process may ask for. Each method raises KeyUnavailable."""

    def field_keys(self) -> FieldKeys: ...

    def secret(self, purpose: str) -> bytes:
        """Return 32 bytes for one symmetric purpose (`blind-index`, `cursors`, `cookies`)."""
        ...

    def signing_keys(self, purpose: str) -> SigningKeys: ...


class FileKeyProvider:
    """Keys as files, mode 0600, in one folder per service.

    With `create` (sandbox profile) a missing key is made, once, also when several processes ask at the same
    time; without it a missing key stops the start.
    """

    def __init__(self, directory: Path, *, create: bool = False) -> None:
        self._directory = directory
        self._create = create

    def field_keys(self) -> FieldKeys:
        stored = self._load("field-keys.json", _new_field_keys)
        return FieldKeys(stored["current"], {kid: decode_base64url(k) for kid, k in stored["keys"].items()})

    def rotate_field_key(self) -> str:
        """Add a field key, make it the current one and return its id; running processes see it at restart."""
        stored, fresh = self._load("field-keys.json", _new_field_keys), _new_field_keys()
        keys = {**stored["keys"], **fresh["keys"]}
        self._write("field-keys.json", {"current": fresh["current"], "keys": keys})
        return str(fresh["current"])

    def secret(self, purpose: str) -> bytes:
        stored = self._load(f"{purpose}.json", lambda: {"key": encode_base64url(secrets.token_bytes(32))})
        return decode_base64url(stored["key"])

    def signing_keys(self, purpose: str) -> SigningKeys:
        stored = self._load(f"{purpose}.jwks", lambda: {"keys": [SigningKey.generate().private_jwk()]})
        current, *previous = (SigningKey.from_jwk(jwk) for jwk in stored["keys"])
        return SigningKeys(current, tuple(previous))

    def rotate_signing_key(self, purpose: str, *, keep: int = 1) -> SigningKeys:
        """Put a new signing key first, keep `keep` older ones for verifiers, and return the set."""
        keys = self.signing_keys(purpose)
        ring = (SigningKey.generate(), keys.current, *keys.previous)[: keep + 1]
        self._write(f"{purpose}.jwks", {"keys": [key.private_jwk() for key in ring]})
        return SigningKeys(ring[0], ring[1:])

    def _load(self, name: str, fresh: Any) -> dict[str, Any]:  # Any: a factory of JSON members
        path = self._directory / name
        if not path.exists():
            if not self._create:
                raise KeyUnavailable(f"key file {path} is missing")
            self._write(name, fresh(), replace=False)
        stored: dict[str, Any] = orjson.loads(read_private(path))
        return stored

    def _write(self, name: str, content: Mapping[str, Any], *, replace: bool = True) -> None:
        """Put a complete file in place at once; without `replace` the first writer wins."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self._directory, prefix=f".{name}.")  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(content))
                file.flush()
                os.fsync(file.fileno())
            if replace:
                os.replace(temporary, self._directory / name)
            else:
                with suppress(FileExistsError):
                    os.link(temporary, self._directory / name)
        finally:
            Path(temporary).unlink(missing_ok=True)


def _new_field_keys() -> dict[str, Any]:
    kid = secrets.token_hex(4)
    return {"current": kid, "keys": {kid: encode_base64url(secrets.token_bytes(32))}}


def read_private(path: Path) -> bytes:
    """Return the content of a file that only its owner can read. Raises: KeyUnavailable."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise KeyUnavailable(f"key file {path} is open to others; chmod 600 it")
            return file.read()
    except OSError as failure:
        raise KeyUnavailable(f"key file {path} cannot be read") from failure
