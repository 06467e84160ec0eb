"""Makes time-stamp tokens: RFC 3161, with ESSCertIDv2 (RFC 5816) and ECDSA.

Real time and never legal time: a time stamp says when bytes existed, and moving it would make it a lie.
"""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path

from asn1crypto import algos, cms, core, pem, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

POLICY = "1.3.6.1.4.1.99999.1.1"
"""Identifier of the sandbox's policy, in an arc that nobody uses."""

DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


class Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """A TimeStampResp without its token, which asn1crypto's own class cannot write."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012 - as asn1crypto declares them


class Authority:
    """Stamps digests with the key of a PEM file (private key, then its certificate)."""

    def __init__(self, file: Path) -> None:
        text = file.read_bytes()
        key = serialization.load_pem_private_key(text, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{file} holds no key on an elliptic curve")
        self._key = key
        parts = pem.unarmor(text, multiple=True)
        self._certificate = x509.Certificate.load(
            next(content for kind, _, content in parts if kind == "CERTIFICATE")
        )

    def answer(self, request: bytes, now: datetime) -> tuple[bytes, str]:
        """Return the encoded TimeStampResp and its status; a request that is refused is answered as well.

        `now` is an aware instant of real time.
        """
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            imprint = asked["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            digest = imprint["hashed_message"].native
            policy, nonce = asked["req_policy"].native, asked["nonce"].native
            wants_certificate = bool(asked["cert_req"].native)
        except (ValueError, TypeError):
            return _refusal("bad_data_format", "not a TimeStampReq")
        if DIGEST_BYTES.get(algorithm) is None:
            return _refusal("bad_alg", f"sha256, sha384 and sha512 are stamped, not {algorithm}")
        if len(digest) != DIGEST_BYTES[algorithm]:
            return _refusal("bad_data_format", "the digest has another length than its algorithm's")
        if policy not in (None, POLICY):
            return _refusal("unaccepted_policy", f"the policy is {POLICY}")
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": imprint,
                "serial_number": secrets.randbits(63),
                "gen_time": now.replace(microsecond=0),
                "accuracy": {"seconds": 1},
            }
        )
        if nonce is not None:
            info["nonce"] = nonce
        answer = tsp.TimeStampResp(
            {
                "status": {"status": "granted"},
                "time_stamp_token": self._token(info.dump(), with_certificate=wants_certificate),
            }
        )
        return answer.dump(), "granted"

    def _token(self, info: bytes, *, with_certificate: bool) -> cms.ContentInfo:
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(info).digest()),
                _attribute(
                    "signing_certificate_v2",
                    tsp.SigningCertificateV2(
                        {"certs": [{"cert_hash": hashlib.sha256(self._certificate.dump()).digest()}]}
                    ),
                ),
            ]
        )
        digest_algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {
                                "issuer": self._certificate.issuer,
                                "serial_number": self._certificate.serial_number,
                            }
                        )
                    }
                ),
                "digest_algorithm": digest_algorithm,
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest_algorithm],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": cms.ParsableOctetString(info),
                },
                "signer_infos": [signer],
            }
        )
        if with_certificate:
            signed["certificates"] = [cms.CertificateChoices("certificate", self._certificate)]
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": cms.CMSAttributeType(kind), "values": (value,)})


def _refusal(reason: str, text: str) -> tuple[bytes, str]:
    status = tsp.PKIStatusInfo(
        {"status": "rejection", "status_string": [core.UTF8String(text)], "fail_info": {reason}}
    )
    return Refusal({"status": status}).dump(), reason
