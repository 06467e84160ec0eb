"""Signs hospital files as a facility's software does: one enveloped XML signature in CHUKYDONVI."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
METHODS = {
    ec.EllipticCurvePrivateKey: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    rsa.RSAPrivateKey: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
}

EcKey = ec.EllipticCurvePrivateKey
RsaKey = rsa.RSAPrivateKey


def sign_file(body: bytes, key: EcKey | RsaKey, *, form: str = INCLUSIVE, uri: str = "") -> bytes:
    """Return the file with a signature in its CHUKYDONVI, which must be empty."""
    root = etree.fromstring(body)
    digest = hashlib.sha256(_canonical(root, form)).digest()
    signature = etree.fromstring(
        f'<Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod Algorithm="{form}"/>'
        f'<SignatureMethod Algorithm="{_method(key)}"/><Reference URI="{uri}"><Transforms>'
        f'<Transform Algorithm="{DS}enveloped-signature"/><Transform Algorithm="{form}"/></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<DigestValue>{base64.b64encode(digest).decode()}</DigestValue></Reference></SignedInfo>"
        "<SignatureValue/></Signature>"
    )
    place = root.find("CHUKYDONVI")
    assert place is not None
    place.append(signature)
    value = _sign(key, _canonical(signature[0], form))
    signature[1].text = base64.b64encode(value).decode()
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _canonical(element: Any, form: str) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=form == EXCLUSIVE, with_comments=False)


def _method(key: EcKey | RsaKey) -> str:
    return next(name for kind, name in METHODS.items() if isinstance(key, kind))


def _sign(key: EcKey | RsaKey, content: bytes) -> bytes:
    if isinstance(key, RsaKey):
        return key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
