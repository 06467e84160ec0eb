"""Says whether the signatures in a PDF hold, by pyHanko against given roots, without asking the network."""

import asyncio
import io
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

State = Literal["valid", "altered", "unsigned", "untrusted", "unreadable"]
MOST_SIGNATURES = 8

# pyHanko logs tracebacks and objects of files that it cannot read: hostile or private, and of no use here.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_threads = ThreadPoolExecutor(2, thread_name_prefix="signatures")


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One signature as found; `signed_at` is the time stamp's instant, else what the signer claims.

    `is_signer_trusted` is about the signer's certificate alone, also where the signature no longer holds.
    """

    field: str
    signer: str
    state: State
    signed_at: datetime | None
    has_time_stamp: bool
    is_signer_trusted: bool


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What the signatures of a file amount to: the worst of them, and whether the last covers all of it."""

    state: State
    signatures: tuple[SignatureFacts, ...] = ()
    covers_whole_file: bool = False

    @property
    def signer(self) -> str | None:
        """Return the common name of who signed first."""
        return self.signatures[0].signer if self.signatures else None

    @property
    def signed_at(self) -> datetime | None:
        """Return when the last signature was put."""
        return self.signatures[-1].signed_at if self.signatures else None


async def verify(pdf: bytes, roots: Sequence[x509.Certificate]) -> SignatureVerdict:
    """Return the verdict on a file of any origin; never raises for what is in it.

    `unreadable` is no PDF or a broken one, `altered` a signature that no longer fits its bytes or a change
    that it does not allow, `untrusted` an intact signature under another root. Takes about 0.1 s of a thread.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, verify_now, pdf, roots)


def verify_now(pdf: bytes, roots: Sequence[x509.Certificate]) -> SignatureVerdict:
    """Return the same, blocking; for programs without an event loop."""
    try:
        found = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_regular_signatures
        facts = [asyncio.run(_judge(one, roots)) for one in found[:MOST_SIGNATURES]]
        is_covered = bool(found) and (
            found[-1].evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE
        )
    except Exception:  # a hostile file may break the reader in any way
        return SignatureVerdict("unreadable")
    if not facts:
        return SignatureVerdict("unsigned")
    states = [one.state for one in facts]
    worst: State = next((state for state in _WORST_FIRST if state in states), "valid")
    return SignatureVerdict(worst, tuple(facts), is_covered)


_WORST_FIRST: tuple[State, ...] = ("altered", "untrusted")


async def _judge(signature: EmbeddedPdfSignature, roots: Sequence[x509.Certificate]) -> SignatureFacts:
    status: Any = await async_validate_pdf_signature(
        signature,
        signer_validation_context=_context(roots),
        ts_validation_context=_context(roots),
    )
    stamp = status.timestamp_validity
    is_whole = status.intact and status.valid and status.docmdp_ok and _is_padded_with_nothing(signature)
    if not is_whole or (stamp is not None and not (stamp.intact and stamp.valid)):
        state: State = "altered"
    else:
        state = "valid" if status.trusted and (stamp is None or stamp.trusted) else "untrusted"
    return SignatureFacts(
        field=str(signature.field_name),
        signer=str(status.signing_cert.subject.native.get("common_name", "")),
        state=state,
        signed_at=stamp.timestamp if stamp is not None else status.signer_reported_dt,
        has_time_stamp=stamp is not None,
        is_signer_trusted=await _is_trusted(signature, roots),
    )


async def _is_trusted(signature: EmbeddedPdfSignature, roots: Sequence[x509.Certificate]) -> bool:
    """Return whether the signer's certificate leads to a root, whatever became of what was signed."""
    validator = CertificateValidator(
        signature.signer_cert, signature.other_embedded_certs, validation_context=_context(roots)
    )
    try:
        await validator.async_validate_usage(set())  # type: ignore[no-untyped-call]
    except (PathBuildingError, PathValidationError):
        return False
    return True


def _is_padded_with_nothing(signature: EmbeddedPdfSignature) -> bool:
    """Return whether the room that the signature did not need is empty: no digest covers it."""
    room = bytes(signature.pkcs7_content)
    return not room[len(cms.ContentInfo.load(room).dump()) :].strip(b"\0")


def _context(roots: Sequence[x509.Certificate]) -> ValidationContext:
    return ValidationContext(trust_roots=list(roots), allow_fetching=False, revocation_mode="soft-fail")
