"""Where the keys come from that sign papers: a provider with one method, files locally, PKCS#11 or a remote
signing service behind the same protocol in production.

Names are `<organisation>.seal` (the agency's electronic seal) and `<organisation>.leader` (who signs for it).
A provider gives pyHanko signers and not keys, because a hardware key never leaves its device.
"""

from pathlib import Path
from typing import Protocol

from asn1crypto import keys, pem, x509
from pyhanko.sign.signers import Signer, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from chassis.keys import KeyUnavailable, read_private


class SealProvider(Protocol):
    """What a process may ask for."""

    def signer(self, name: str) -> Signer:
        """Return the signer of this name. Raises: KeyUnavailable."""
        ...


class FileSeals:
    """Signers from files `<name>.pem`, mode 0600: private key (PKCS#8), its certificate, intermediates."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def signer(self, name: str) -> Signer:
        """Return the signer of this name. Raises: KeyUnavailable."""
        path = self._directory / f"{name}.pem"
        try:
            parts = list(pem.unarmor(read_private(path), multiple=True))
            key = next(content for kind, _, content in parts if kind == "PRIVATE KEY")
            chain = [x509.Certificate.load(content) for kind, _, content in parts if kind == "CERTIFICATE"]
            return SimpleSigner(
                signing_key=keys.PrivateKeyInfo.load(key),
                signing_cert=chain[0],
                cert_registry=SimpleCertificateStore.from_certs(chain[1:]),  # type: ignore[no-untyped-call]
            )
        except (ValueError, StopIteration, IndexError) as failure:
            raise KeyUnavailable(f"{path} holds no key with its certificate") from failure


def read_roots(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file of trusted roots. Raises: KeyUnavailable."""
    try:
        parts = pem.unarmor(path.read_bytes(), multiple=True)
        return tuple(x509.Certificate.load(content) for kind, _, content in parts if kind == "CERTIFICATE")
    except (OSError, ValueError) as failure:
        raise KeyUnavailable(f"{path} holds no certificates") from failure
