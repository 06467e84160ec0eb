"""What certificates keep encrypted, each value bound to its column and its certificate (decision 0009)."""

from typing import Any
from uuid import UUID

import orjson

from chassis.crypto import BlindIndex, Cipher
from chassis.keys import KeyProvider
from judicial_record.certificates.codes import read_code

Json = dict[str, Any]  # Any: JSON members


class CertificateVault:
    """Encrypts and decrypts files, what verifiers are shown, and reasons. Opening raises `Undecryptable`."""

    def __init__(self, cipher: Cipher, keys: KeyProvider) -> None:
        self._cipher = cipher
        self._codes = BlindIndex(keys, purpose="certificate_register.code_index")

    def seal_pdf(self, pdf: bytes, certificate_id: UUID) -> bytes:
        return self._cipher.encrypt_bytes(pdf, context=_place("certificates.pdf", certificate_id))

    def open_pdf(self, sealed: bytes, certificate_id: UUID) -> bytes:
        """Return the file byte for byte as it was signed."""
        return self._cipher.decrypt_bytes(sealed, context=_place("certificates.pdf", certificate_id))

    def seal_code(self, code: str, certificate_id: UUID) -> bytes:
        return self._cipher.encrypt_bytes(code.encode(), context=_place("certificates.code", certificate_id))

    def open_code(self, sealed: bytes, certificate_id: UUID) -> str:
        """Return the code as it is printed beside the number."""
        return self._cipher.decrypt_bytes(
            sealed, context=_place("certificates.code", certificate_id)
        ).decode()

    def seal_shown(self, shown: Json, certificate_id: UUID) -> bytes:
        place = _place("certificate_register.shown", certificate_id)
        return self._cipher.encrypt_bytes(orjson.dumps(shown), context=place)

    def open_shown(self, sealed: bytes, certificate_id: UUID) -> Json:
        """Return what a verifier of a valid certificate is shown."""
        place = _place("certificate_register.shown", certificate_id)
        shown: Json = orjson.loads(self._cipher.decrypt_bytes(sealed, context=place))
        return shown

    def seal_reason(self, reason: Json, certificate_id: UUID) -> bytes:
        place = _place("certificates.end_reason", certificate_id)
        return self._cipher.encrypt_bytes(orjson.dumps(reason), context=place)

    def index_of(self, number: str, code: str) -> bytes | None:
        """Return the keyed hash by which a number's code is compared; None for what cannot be a code."""
        read = read_code(code)
        return None if read is None else self._codes.of(f"{number}:{read}")


def _place(column: str, certificate_id: UUID) -> bytes:
    return f"{column}:{certificate_id}".encode()
