"""What `sign` makes, judged by a foreign library."""

from datetime import UTC, datetime

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver, algorithms

from chassis.http_signatures import COVERED, PrivateKey, sign
from chassis.keys import SigningKey

URL = "https://api.example.test/v1/payments/notices?attempt=2"
BODY = b'{"amount_vnd": 200000}'
KEYS: list[PrivateKey] = [SigningKey.generate(), Ed25519PrivateKey.generate()]


def judge(request: httpx2.Request, key: PrivateKey) -> object:
    """Return the library's verdict. Raises: InvalidSignature."""
    is_edwards = isinstance(key, Ed25519PrivateKey)
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key.private_key.public_key()
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519 if is_edwards else algorithms.ECDSA_P256_SHA256,
        key_resolver=MappingKeyResolver(public_keys={"thanh-toan": public}, private_keys={}),
    )
    body = request.content
    needed = COVERED if body else COVERED[:2]
    (result,) = verifier.verify(request, require_components=needed, body=body or None)
    return result


def signed(key: PrivateKey, *, body: bytes = BODY, method: str = "POST") -> httpx2.Request:
    given = {"Content-Type": "application/json"} if body else {}
    headers = sign(method, URL, given, body, key=key, keyid="thanh-toan", at=datetime.now(UTC))
    return httpx2.Request(method, URL, headers=headers, content=body)


@pytest.mark.parametrize("key", KEYS)
def test_foreign_verifier_takes_it(key: PrivateKey) -> None:
    assert judge(signed(key), key)
    assert judge(signed(key, body=b"", method="GET"), key)


@pytest.mark.parametrize("key", KEYS)
def test_foreign_verifier_refuses_it_altered(key: PrivateKey) -> None:
    request = signed(key)
    altered = httpx2.Request("POST", URL, headers=request.headers, content=BODY.replace(b"2", b"9"))
    elsewhere = httpx2.Request("POST", URL + "3", headers=request.headers, content=BODY)

    for one in (altered, elsewhere):
        with pytest.raises(InvalidSignature):
            judge(one, key)


def test_each_signature_has_a_nonce_of_its_own() -> None:
    made = [signed(KEYS[0]).headers["signature-input"] for _ in range(2)]

    assert made[0] != made[1]
