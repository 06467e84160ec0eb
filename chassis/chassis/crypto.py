"""Fields encrypted at rest, and equality over them (decision 0009).

A value is bound to its place by `context` (for example `people.personal_id:` and the row's id): moved to
another row or column it no longer decrypts. Equality goes over a keyed digest, the blind index, because
equal plaintexts give different ciphertexts.

Layout of a ciphertext: 1 byte version (1), 1 byte length of the key id, key id, 12 bytes nonce,
ciphertext, 16 bytes tag.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.keys import KeyProvider

_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Undecryptable(Exception):
    """The bytes are altered, belong to another place, or their key is gone."""


class Cipher:
    """AES-256-GCM over text and bytes, under the provider's current field key."""

    def __init__(self, keys: KeyProvider) -> None:
        ring = keys.field_keys()
        self._current = ring.current
        self._ciphers = {kid: AESGCM(key) for kid, key in ring.keys.items()}

    def encrypt(self, value: str, *, context: bytes) -> bytes:
        """Return the ciphertext of a text, bound to its context."""
        return self.encrypt_bytes(value.encode(), context=context)

    def decrypt(self, ciphertext: bytes, *, context: bytes) -> str:
        """Return the text. Raises: Undecryptable."""
        return self.decrypt_bytes(ciphertext, context=context).decode()

    def encrypt_bytes(self, value: bytes, *, context: bytes) -> bytes:
        """Return the ciphertext of bytes (a compressed file), bound to its context."""
        kid = self._current.encode()
        header = bytes((_VERSION, len(kid))) + kid
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, value, header + context)
        return header + nonce + sealed

    def decrypt_bytes(self, ciphertext: bytes, *, context: bytes) -> bytes:
        """Return the bytes. Raises: Undecryptable."""
        kid, start = self._key_id(ciphertext)
        cipher = self._ciphers.get(kid)
        if cipher is None or len(ciphertext) < start + _NONCE_BYTES + _TAG_BYTES:
            raise Undecryptable
        nonce, sealed = ciphertext[start : start + _NONCE_BYTES], ciphertext[start + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, sealed, ciphertext[:start] + context)
        except InvalidTag as failure:
            raise Undecryptable from failure

    def is_current(self, ciphertext: bytes) -> bool:
        """Return whether the value is under the current key; if not, a rotation still has to rewrite it."""
        return self._key_id(ciphertext)[0] == self._current

    @staticmethod
    def _key_id(ciphertext: bytes) -> tuple[str, int]:
        """Return the key id and where the nonce begins. Raises: Undecryptable."""
        if len(ciphertext) < 2 or ciphertext[0] != _VERSION:
            raise Undecryptable
        end = 2 + ciphertext[1]
        return ciphertext[2:end].decode("ascii", "replace"), end


class BlindIndex:
    """HMAC-SHA256 of a normalised value: 32 bytes that tell equal from unequal and nothing else.

    `purpose` separates columns, so that equal values in two columns cannot be matched with each other.
    """

    def __init__(self, keys: KeyProvider, *, purpose: str = "") -> None:
        self._key = hmac.digest(keys.secret("blind-index"), purpose.encode(), "sha256")

    def of(self, value: str) -> bytes:
        """Return the index of a value; normalise (NFC, case, spaces) before calling."""
        return hmac.digest(self._key, value.encode(), "sha256")
