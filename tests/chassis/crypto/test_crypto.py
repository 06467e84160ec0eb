"""Fields at rest: what is sealed opens only in its place and only with its key."""

import pytest

from chassis.crypto import BlindIndex, Cipher, Undecryptable
from chassis.testing import MemoryKeys

CONTEXT = b"people.personal_id:0190d3b2"
VALUE = "001085000017"


def test_round_trip() -> None:
    cipher = Cipher(MemoryKeys())

    for value in (VALUE, "", "Nguyễn Văn An", "x" * 100_000):
        assert cipher.decrypt(cipher.encrypt(value, context=CONTEXT), context=CONTEXT) == value


def test_equal_values_look_different_and_show_nothing() -> None:
    cipher = Cipher(MemoryKeys())

    first, second = (cipher.encrypt(VALUE, context=CONTEXT) for _ in range(2))

    assert first != second
    assert VALUE.encode() not in first


def test_value_moved_to_another_place_does_not_open() -> None:
    cipher = Cipher(MemoryKeys())
    sealed = cipher.encrypt(VALUE, context=CONTEXT)

    with pytest.raises(Undecryptable):
        cipher.decrypt(sealed, context=b"people.personal_id:another-row")


def test_every_altered_byte_is_noticed() -> None:
    cipher = Cipher(MemoryKeys())
    sealed = cipher.encrypt(VALUE, context=CONTEXT)

    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(Undecryptable):
            cipher.decrypt(bytes(altered), context=CONTEXT)


def test_cut_values_are_noticed() -> None:
    cipher = Cipher(MemoryKeys())
    sealed = cipher.encrypt(VALUE, context=CONTEXT)

    for length in range(len(sealed)):
        with pytest.raises(Undecryptable):
            cipher.decrypt(sealed[:length], context=CONTEXT)


def test_another_service_cannot_open() -> None:
    sealed = Cipher(MemoryKeys()).encrypt(VALUE, context=CONTEXT)

    with pytest.raises(Undecryptable):
        Cipher(MemoryKeys()).decrypt(sealed, context=CONTEXT)


def test_rotation_keeps_old_values_readable_and_tells_them_apart() -> None:
    keys = MemoryKeys()
    old = Cipher(keys).encrypt(VALUE, context=CONTEXT)
    keys.rotate_field_key()
    cipher = Cipher(keys)

    new = cipher.encrypt(VALUE, context=CONTEXT)

    assert cipher.decrypt(old, context=CONTEXT) == cipher.decrypt(new, context=CONTEXT) == VALUE
    assert (cipher.is_current(old), cipher.is_current(new)) == (False, True)


def test_blind_index_tells_equal_from_unequal_and_columns_apart() -> None:
    keys = MemoryKeys()
    index = BlindIndex(keys, purpose="personal_id")

    assert index.of(VALUE) == BlindIndex(keys, purpose="personal_id").of(VALUE)
    assert len(index.of(VALUE)) == 32
    assert index.of(VALUE) != index.of("001085000018")
    assert index.of(VALUE) != BlindIndex(keys, purpose="insurance_card").of(VALUE)
    assert index.of(VALUE) != BlindIndex(MemoryKeys(), purpose="personal_id").of(VALUE)


def test_blind_index_survives_rotation_of_field_keys() -> None:
    keys = MemoryKeys()
    before = BlindIndex(keys).of(VALUE)

    keys.rotate_field_key()

    assert BlindIndex(keys).of(VALUE) == before
