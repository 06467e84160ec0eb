"""A public-key infrastructure of the sandbox's own: one root, and under it the seals and signers of the
personas' agencies and the time-stamping authority.

In production these certificates come from the state's certification authority and the keys from a device; the
services then get another `SealProvider` (casework.seals). Here everything is made once, mode 0600, and kept.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.layout import write_private

YEARS = 20
SEALS: dict[str, dict[str, tuple[str, str]]] = {
    "judicial-record": {
        "lltp-ha-noi.leader": ("Công an thành phố Hà Nội", "Lê Thị Lan"),
        "lltp-ha-noi.seal": ("Công an thành phố Hà Nội", "Công an thành phố Hà Nội"),
    },
    "dossier": {
        "cuc-quan-ly-duoc.leader": ("Cục Quản lý Dược", "Nguyễn Thị Mai"),
        "cuc-quan-ly-duoc.seal": ("Cục Quản lý Dược", "Cục Quản lý Dược"),
        "bo-y-te.seal": ("Bộ Y tế", "Bộ Y tế"),
    },
}
"""By service: name of the signer → organisation and common name of its certificate."""

_ROOT_NAME = ("Liên Thông", "Liên Thông Sandbox Root CA")
_TSA_NAME = ("Liên Thông", "Liên Thông Sandbox TSA")


def write(keys: Path) -> None:
    """Make what is missing below the key directory. Idempotent: what is there stays.

    `pki/roots.pem` is what verifiers trust, `pki/tsa.pem` the authority's key with its certificate,
    `<service>/seals/<name>.pem` the key of one signer with its certificate.
    """
    root_key, root = _root(keys / "pki")
    if not (keys / "pki" / "tsa.pem").exists():
        _write_signer(keys / "pki" / "tsa.pem", _TSA_NAME, root_key, root, is_time_stamping=True)
    for service, signers in SEALS.items():
        for name, subject in signers.items():
            path = keys / service / "seals" / f"{name}.pem"
            if not path.exists():
                _write_signer(path, subject, root_key, root)


def _root(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    secret, public = folder / "root.pem", folder / "roots.pem"
    if not secret.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(_name(*_ROOT_NAME), key.public_key(), _name(*_ROOT_NAME), key, is_root=True)
        _write(secret, key, made)
    text = secret.read_bytes()
    kept = serialization.load_pem_private_key(text, None)
    if not isinstance(kept, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{secret} holds another kind of key")
    certificate = x509.load_pem_x509_certificate(text)
    write_private(public, certificate.public_bytes(serialization.Encoding.PEM).decode())
    return kept, certificate


def _write_signer(
    path: Path,
    subject: tuple[str, str],
    root_key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    *,
    is_time_stamping: bool = False,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = _certificate(
        _name(*subject), key.public_key(), root.subject, root_key, is_time_stamping=is_time_stamping
    )
    _write(path, key, made)


def _write(path: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(path, (secret + certificate.public_bytes(serialization.Encoding.PEM)).decode())


def _name(organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_root: bool = False,
    is_time_stamping: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=366 * YEARS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if is_time_stamping:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    return builder.sign(issuer_key, hashes.SHA256())
