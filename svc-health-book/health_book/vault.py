"""What the health book keeps encrypted, each kind bound to its own place (decision 0009).

The place of a visit's parts is its natural key, which is known before the database has chosen the visit's id.
"""

import zlib
from typing import Any
from uuid import UUID

import orjson

from chassis.crypto import BlindIndex, Cipher
from chassis.keys import KeyProvider

Json = dict[str, Any]  # Any: JSON members


class Vault:
    """Encrypts and decrypts patients, withheld sections, questions, original files and FHIR resources."""

    def __init__(self, keys: KeyProvider) -> None:
        self._cipher = Cipher(keys)
        self._questions = BlindIndex(keys, purpose="person_links.question")
        self._identifiers = BlindIndex(keys, purpose="fhir.identifier")

    def seal_patient(self, patient: Json, facility_code: str, visit_code: str) -> bytes:
        return self._cipher.encrypt_bytes(
            orjson.dumps(patient), context=_place("patient", facility_code, visit_code)
        )

    def open_patient(self, sealed: bytes, facility_code: str, visit_code: str) -> bytes:
        """Return the patient as JSON. Raises: chassis.crypto.Undecryptable."""
        return self._cipher.decrypt_bytes(sealed, context=_place("patient", facility_code, visit_code))

    def seal_sections(self, sections: str | None, facility_code: str, visit_code: str) -> bytes | None:
        if sections is None:
            return None
        return self._cipher.encrypt_bytes(
            zlib.compress(sections.encode(), 1), context=_place("sealed", facility_code, visit_code)
        )

    def open_sections(self, sealed: bytes, facility_code: str, visit_code: str) -> Json:
        """Return withheld sections and unread files. Raises: chassis.crypto.Undecryptable."""
        packed = self._cipher.decrypt_bytes(sealed, context=_place("sealed", facility_code, visit_code))
        sections: Json = orjson.loads(zlib.decompress(packed))
        return sections

    def seal_question(self, question: Json) -> bytes:
        return self._cipher.encrypt_bytes(orjson.dumps(question), context=b"unlinked_visits.question")

    def open_question(self, sealed: bytes) -> Json:
        """Return what identity is to be asked. Raises: chassis.crypto.Undecryptable."""
        question: Json = orjson.loads(self._cipher.decrypt_bytes(sealed, context=b"unlinked_visits.question"))
        return question

    def index_of(self, question: Json) -> bytes:
        """Return the keyed hash of a question, equal for equal questions."""
        return self._questions.of(orjson.dumps(question, option=orjson.OPT_SORT_KEYS).decode())

    def seal_original(self, body: bytes, sha256: bytes) -> bytes:
        return self._cipher.encrypt_bytes(zlib.compress(body, 1), context=b"submissions.original:" + sha256)

    def open_original(self, sealed: bytes, sha256: bytes) -> bytes:
        """Return a file byte for byte as it was sent. Raises: chassis.crypto.Undecryptable."""
        return zlib.decompress(self._cipher.decrypt_bytes(sealed, context=b"submissions.original:" + sha256))

    def seal_resource(self, text: str, facility_code: str, resource_id: UUID) -> bytes:
        return self._cipher.encrypt_bytes(
            zlib.compress(text.encode(), 1), context=_place("resource", facility_code, str(resource_id))
        )

    def open_resource(self, sealed: bytes, facility_code: str, resource_id: UUID) -> bytes:
        """Return a FHIR resource as JSON text. Raises: chassis.crypto.Undecryptable."""
        context = _place("resource", facility_code, str(resource_id))
        return zlib.decompress(self._cipher.decrypt_bytes(sealed, context=context))

    def index_identifier(self, value: str) -> str:
        """Return the keyed hash of an identifier, as text."""
        return self._identifiers.of(value).hex()


def _place(kind: str, facility_code: str, visit_code: str) -> bytes:
    return f"visits.{kind}:{facility_code}:{visit_code}".encode()
