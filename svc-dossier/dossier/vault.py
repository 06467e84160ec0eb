"""What the dossier service keeps encrypted, each kind bound to its own row (decision 0009)."""

import hmac
import secrets
from typing import Any
from uuid import UUID

import orjson

from chassis.crypto import BlindIndex, Cipher
from chassis.keys import KeyProvider

Json = dict[str, Any]  # Any: JSON members

PIN_DIGITS = 10
_NO_PIN = bytes(32)


class Vault:
    """Encrypts and decrypts forms, parties, files, slips, comments and tracking PINs."""

    def __init__(self, keys: KeyProvider) -> None:
        self._cipher = Cipher(keys)
        self._pins = BlindIndex(keys, purpose="dossiers.pin")

    def seal_json(self, value: Json, kind: str, row_id: UUID) -> bytes:
        """Return a JSON object encrypted; `kind` is its column (`dossiers.form`), `row_id` its row."""
        return self._cipher.encrypt_bytes(orjson.dumps(value), context=_place(kind, row_id))

    def open_json(self, sealed: bytes, kind: str, row_id: UUID) -> Json:
        """Return the object. Raises: chassis.crypto.Undecryptable."""
        value: Json = orjson.loads(self._cipher.decrypt_bytes(sealed, context=_place(kind, row_id)))
        return value

    def seal_bytes(self, value: bytes, kind: str, row_id: UUID) -> bytes:
        return self._cipher.encrypt_bytes(value, context=_place(kind, row_id))

    def open_bytes(self, sealed: bytes, kind: str, row_id: UUID) -> bytes:
        """Return the bytes. Raises: chassis.crypto.Undecryptable."""
        return self._cipher.decrypt_bytes(sealed, context=_place(kind, row_id))

    def seal_text(self, value: str, kind: str, row_id: UUID) -> bytes:
        return self._cipher.encrypt(value, context=_place(kind, row_id))

    def open_text(self, sealed: bytes, kind: str, row_id: UUID) -> str:
        """Return the text. Raises: chassis.crypto.Undecryptable."""
        return self._cipher.decrypt(sealed, context=_place(kind, row_id))

    def new_pin(self, dossier_id: UUID) -> tuple[bytes, bytes]:
        """Return a new tracking PIN of a dossier: encrypted for its owner, and its keyed index."""
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        return self.seal_text(pin, "dossiers.pin", dossier_id), self._pins.of(f"{dossier_id}:{pin}")

    def open_pin(self, sealed: bytes, dossier_id: UUID) -> str:
        """Return the PIN, for the dossier's owner only. Raises: chassis.crypto.Undecryptable."""
        return self.open_text(sealed, "dossiers.pin", dossier_id)

    def is_pin(self, pin: str, dossier_id: UUID, index: bytes | None) -> bool:
        """Return whether a PIN is the dossier's; takes as long when there is no such dossier."""
        return hmac.compare_digest(self._pins.of(f"{dossier_id}:{pin}"), index or _NO_PIN)


def _place(kind: str, row_id: UUID) -> bytes:
    return f"{kind}:{row_id}".encode()
