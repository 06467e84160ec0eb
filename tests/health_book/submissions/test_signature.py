"""Fault 5 of the hospital uploader: unsigned dossiers must be held back, where the facility has a key."""

from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chassis.jws import encode_base64url
from chassis.keys import SigningKey
from health_book.submissions.signature import fault_of_signature, read_facility_keys
from tests.health_book.conftest import Book
from tests.health_book.factories import make_dossier, make_file
from tests.health_book.signing import EXCLUSIVE, INCLUSIVE, EcKey, RsaKey, sign_file

EC = SigningKey.generate()
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = (EC.private_key.public_key(), RSA.public_key())


@pytest.fixture(scope="module")
def file() -> bytes:
    return make_file(make_dossier("LK1"), make_dossier("LK2"))


@pytest.mark.parametrize("key", [EC.private_key, RSA])
@pytest.mark.parametrize("form", [INCLUSIVE, EXCLUSIVE])
def test_signature_of_a_registered_key_holds(file: bytes, key: EcKey | RsaKey, form: str) -> None:
    assert fault_of_signature(sign_file(file, key, form=form), KEYS) is None


def test_unsigned_file(file: bytes) -> None:
    assert fault_of_signature(file, KEYS) == "signature_missing"


def test_change_of_any_content_breaks_the_signature(file: bytes) -> None:
    signed = sign_file(file, EC.private_key)

    for before, after in ((b"<SOLUONGHOSO>2<", b"<SOLUONGHOSO>3<"), (b"20261022", b"20261023")):
        assert fault_of_signature(signed.replace(before, after), KEYS) == "signature_invalid"


def test_signature_of_an_unknown_key_is_invalid(file: bytes) -> None:
    assert fault_of_signature(sign_file(file, SigningKey.generate().private_key), KEYS) == "signature_invalid"


def test_signature_over_a_part_of_the_file_is_invalid(file: bytes) -> None:
    assert fault_of_signature(sign_file(file, EC.private_key, uri="#part"), KEYS) == "signature_invalid"


def test_second_signature_is_invalid(file: bytes) -> None:
    signed = sign_file(file, EC.private_key)
    start, end = signed.index(b"<Signature "), signed.index(b"</Signature>") + len(b"</Signature>")

    assert fault_of_signature(signed[:end] + signed[start:], KEYS) == "signature_invalid"


def test_signature_in_another_place_is_invalid(file: bytes) -> None:
    signed = sign_file(file, EC.private_key)
    start, end = signed.index(b"<Signature "), signed.index(b"</Signature>") + len(b"</Signature>")
    signature = signed[start:end]
    moved = signed.replace(signature, b"").replace(b"<THONGTINDONVI>", b"<THONGTINDONVI>" + signature)

    assert fault_of_signature(moved, KEYS) == "signature_invalid"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"#enveloped-signature", b"#base64"),
        (b"xmlenc#sha256", b"xmlenc#sha1"),
        (b"ecdsa-sha256", b"hmac-sha256"),
        (b"REC-xml-c14n-20010315", b"REC-xml-c14n-x"),
        (b"<SignatureValue>", b"<SignatureValue>!"),
    ],
)
def test_other_algorithms_and_damaged_values_are_invalid(file: bytes, before: bytes, after: bytes) -> None:
    signed = sign_file(file, EC.private_key).replace(before, after)

    assert fault_of_signature(signed, KEYS) == "signature_invalid"


def test_registered_keys_are_read_from_their_file(tmp_path: Path) -> None:
    numbers = RSA.public_key().public_numbers()
    rsa_jwk = {
        "kty": "RSA",
        "n": encode_base64url(numbers.n.to_bytes(256, "big")),
        "e": encode_base64url(numbers.e.to_bytes(3, "big")),
    }
    path = tmp_path / "facility-keys.json"
    path.write_bytes(orjson.dumps({"99999": {"keys": [EC.public_jwk(), rsa_jwk]}}))

    keys = read_facility_keys(path)["99999"]

    assert [key.public_numbers() for key in keys] == [key.public_numbers() for key in KEYS]


async def test_fault_5_unsigned_dossiers_are_held_back(book: Book, file: bytes) -> None:
    book.app.state.submissions._facility_keys = {"99999": KEYS}

    unsigned = await book.submit(file)
    altered = await book.submit(sign_file(file, EC.private_key).replace(b"20261022", b"20261023"))
    stored = await book.count("submissions")
    signed = await book.submit(sign_file(file, EC.private_key))

    assert (unsigned.status_code, unsigned.json()["code"]) == (422, "no_dossier_accepted")
    assert [item["code"] for item in unsigned.json()["rejected"]] == ["signature_missing"] * 2
    assert [item["code"] for item in altered.json()["rejected"]] == ["signature_invalid"] * 2
    assert stored == 0
    assert signed.json()["accepted"] == 2
