"""What an application keeps encrypted, each value bound to its column and its application (decision 0009)."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from chassis.crypto import Cipher

Json = dict[str, Any]  # Any: JSON members


@dataclass(frozen=True, slots=True)
class Holder:
    """The person as the population register described him or her when applying, and what for.

    `sex` is male, female or unknown; `nationality` an ISO 3166 code; the residence's parts may be unknown.
    Where only the year of birth is known, `born_on` is its last day and `is_year_only`.
    """

    name: str
    personal_id: str
    born_on: date
    is_year_only: bool
    sex: str
    nationality: str
    province_code: str | None
    commune_code: str | None
    residence: str | None
    purpose: str

    def __repr__(self) -> str:
        return "Holder(…)"


class ApplicationVault:
    """Encrypts and decrypts the personal columns of applications. Opening raises `Undecryptable`."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def seal_holder(self, holder: Holder, application_id: UUID) -> bytes:
        return self._seal("holder", application_id, asdict(holder))

    def open_holder(self, sealed: bytes, application_id: UUID) -> Holder:
        """Return who applied, as of the day of applying."""
        value = self._open("holder", application_id, sealed)
        return Holder(**{**value, "born_on": date.fromisoformat(value["born_on"])})

    def seal(self, column: str, application_id: UUID, value: object) -> bytes:
        """Return any JSON value encrypted for its column, for example `look_up`."""
        return self._seal(column, application_id, value)

    def open(self, column: str, application_id: UUID, sealed: bytes | None) -> Any:  # Any: JSON
        """Return the value of a column, or None where there is none."""
        return None if sealed is None else self._open(column, application_id, sealed)

    def _seal(self, column: str, application_id: UUID, value: object) -> bytes:
        return self._cipher.encrypt_bytes(orjson.dumps(value), context=_place(column, application_id))

    def _open(self, column: str, application_id: UUID, sealed: bytes) -> Any:  # Any: JSON
        return orjson.loads(self._cipher.decrypt_bytes(sealed, context=_place(column, application_id)))


def _place(column: str, application_id: UUID) -> bytes:
    return f"applications.{column}:{application_id}".encode()
