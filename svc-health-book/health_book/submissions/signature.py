"""Checks the facility's XML signature in CHUKYDONVI against the keys registered for the facility.

Our own reading of the one profile that facilities need, and not a general XML-DSig library: a single
enveloped signature over the whole file. A reference to a part of the document, a second signature, any other
transform and any key that comes with the file are refused, which shuts out signature wrapping. Only
registered keys count.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from chassis.jws import decode_base64url
from chassis.keys import public_key_of

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_IS_EXCLUSIVE = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
}


class _Unsigned(Exception):
    """There is no signature."""


class _Unacceptable(Exception):
    """There is something in its place that we do not accept."""


def read_facility_keys(path: Path) -> Mapping[str, tuple[PublicKey, ...]]:
    """Return the registered keys by facility code, from a JSON file `{code: JWK Set}`.

    Raises: OSError, ValueError.
    """
    registered: dict[str, dict[str, Any]] = orjson.loads(path.read_bytes())
    return {code: tuple(_public_key(jwk) for jwk in key_set["keys"]) for code, key_set in registered.items()}


def _public_key(jwk: Mapping[str, Any]) -> PublicKey:  # Any: JSON members
    if jwk.get("kty") == "RSA":
        modulus, exponent = (int.from_bytes(decode_base64url(str(jwk[n])), "big") for n in ("n", "e"))
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return public_key_of(jwk)


def fault_of_signature(body: bytes, keys: Sequence[PublicKey]) -> str | None:
    """Return `None` when a registered key signed the whole file, else the code of what is wrong.

    Codes: `signature_missing`, `signature_invalid`. The file is known to be well-formed and free of a
    DOCTYPE.
    """
    try:
        root = etree.fromstring(body, _parser())
        return None if _is_signed(root, keys) else "signature_invalid"
    except _Unsigned:
        return "signature_missing"
    except (_Unacceptable, etree.XMLSyntaxError, binascii.Error, ValueError):
        return "signature_invalid"


def _parser() -> etree.XMLParser:
    """Comments and instructions stay: canonical form is made of what was sent."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False
    )


def _is_signed(root: etree._Element, keys: Sequence[PublicKey]) -> bool:
    found = list(root.iter(f"{_DS}Signature"))
    if not found:
        raise _Unsigned
    signature = found[0]
    parent = signature.getparent()
    if len(found) > 1 or parent is None or parent.tag != "CHUKYDONVI" or parent.getparent() is not root:
        raise _Unacceptable
    info = _child(signature, "SignedInfo")
    method = _algorithm(_child(info, "SignatureMethod"))
    signed = _canonical(info, _algorithm(_child(info, "CanonicalizationMethod")))
    value = _decoded(_child(signature, "SignatureValue"))
    if not any(_verifies(key, method, value, signed) for key in keys):
        return False
    return hmac.compare_digest(*_digests(root, signature, _child(info, "Reference")))


def _digests(
    root: etree._Element, signature: etree._Element, reference: etree._Element
) -> tuple[bytes, bytes]:
    """Return the digest that was signed and the digest of the file without its signature."""
    if reference.get("URI") != "" or _algorithm(_child(reference, "DigestMethod")) != _SHA256:
        raise _Unacceptable
    transforms = [_algorithm(one) for one in _child(reference, "Transforms")]
    if transforms[:1] != [_ENVELOPED] or len(transforms) > 2:
        raise _Unacceptable
    expected = _decoded(_child(reference, "DigestValue"))
    form = transforms[1] if len(transforms) == 2 else next(iter(_IS_EXCLUSIVE))
    _take_out(signature)
    return expected, hashlib.sha256(_canonical(root, form)).digest()


def _take_out(element: etree._Element) -> None:
    """Remove an element and leave the text behind it where it is."""
    parent, before = element.getparent(), element.getprevious()
    assert parent is not None  # noqa: S101  (checked by the caller)
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _canonical(element: etree._Element, algorithm: str) -> bytes:
    if algorithm not in _IS_EXCLUSIVE:
        raise _Unacceptable
    return etree.tostring(element, method="c14n", exclusive=_IS_EXCLUSIVE[algorithm], with_comments=False)


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.findall(f"{_DS}{name}")
    if len(found) != 1:
        raise _Unacceptable
    return found[0]


def _algorithm(element: etree._Element) -> str:
    return element.get("Algorithm") or ""


def _decoded(element: etree._Element) -> bytes:
    return base64.b64decode("".join((element.text or "").split()), validate=True)


def _verifies(key: PublicKey, method: str, value: bytes, signed: bytes) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey) and method == _RSA_SHA256:
            key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and method == _ECDSA_SHA256 and len(value) == 64:
            r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
            return True
    except InvalidSignature:
        return False
    return False
