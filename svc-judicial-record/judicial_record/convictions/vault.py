"""What the base of convictions keeps encrypted, and the keyed hashes by which it finds it (decision 0009)."""

import unicodedata
from typing import Any
from uuid import UUID

import orjson

from chassis.crypto import BlindIndex, Cipher
from chassis.keys import KeyProvider
from judicial_record.convictions.items import ITEM, ConvictedPersonIn, Item

Json = dict[str, Any]  # Any: JSON members


class ConvictionVault:
    """Seals documents, questions, answers and findings; opening raises `chassis.crypto.Undecryptable`."""

    def __init__(self, keys: KeyProvider) -> None:
        self._cipher = Cipher(keys)
        self._keys = BlindIndex(keys, purpose="conviction_claims.key")
        self._contents = BlindIndex(keys, purpose="conviction_claims.content")
        self._people = BlindIndex(keys, purpose="conviction_records.person")
        self._names = BlindIndex(keys, purpose="conviction_records.name")

    def key_of(self, source: str, item: Item) -> bytes:
        """Return the natural key of a document: source, kind, its own number, and the person."""
        return self._keys.of("\n".join((source, item.kind, item.reference.upper(), _subject(item))))

    def content_of(self, item: Item) -> bytes:
        """Return what is equal for equal documents, whenever they were written."""
        return self._contents.of(item.model_dump_json(exclude={"issued_at"}))

    def person_index(self, number: str) -> bytes:
        """Return the index of a personal number or a tax code."""
        return self._people.of(number)

    def name_index(self, name: str, born_on: str) -> bytes:
        """Return the index of a name with the year of birth, the same however the name is written."""
        return self._names.of(f"{_bare(name)}\n{born_on[:4]}")

    def indexes_of(self, item: Item) -> tuple[bytes | None, bytes | None]:
        """Return by which number and name a document without its person could concern somebody."""
        if item.entity is not None:
            return self.person_index(item.entity.tax_code), None
        person = _person(item)
        number = self.person_index(person.personal_id) if person.personal_id else None
        return number, self.name_index(person.name, person.born_on) if person.born_on else None

    def seal_item(self, item: Item, record_id: UUID, version: int) -> bytes:
        place = _place("conviction_records.content", record_id, version)
        return self._cipher.encrypt_bytes(item.model_dump_json().encode(), context=place)

    def open_item(self, sealed: bytes, record_id: UUID, version: int) -> Item:
        place = _place("conviction_records.content", record_id, version)
        return ITEM.validate_json(self._cipher.decrypt_bytes(sealed, context=place))

    def seal(self, column: str, row_id: UUID, value: object) -> bytes:
        """Return any JSON value encrypted for its column, for example `verification_requests.answer`."""
        return self._cipher.encrypt_bytes(orjson.dumps(value), context=_place(column, row_id))

    def open(self, column: str, row_id: UUID, sealed: bytes) -> Any:  # Any: JSON
        """Return the value of a column."""
        return orjson.loads(self._cipher.decrypt_bytes(sealed, context=_place(column, row_id)))


def _subject(item: Item) -> str:
    if item.entity is not None:
        return f"entity:{item.entity.tax_code}"
    person = _person(item)
    if person.personal_id:
        return f"personal_id:{person.personal_id}"
    if person.other_papers:
        return "paper:" + min(f"{paper.kind}:{paper.number.upper()}" for paper in person.other_papers)
    return f"name:{_bare(person.name)}:{person.born_on or ''}"


def _person(item: Item) -> ConvictedPersonIn:
    if item.person is None:
        raise ValueError("an item is about a person or an entity")
    return item.person


def _bare(name: str) -> str:
    """Return a name without marks, case and double spaces, since papers write them differently."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())


def _place(column: str, row_id: UUID, version: int = 0) -> bytes:
    return f"{column}:{row_id}:{version}".encode()
