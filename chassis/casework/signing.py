"""Signs PDF papers as PAdES: the leader's signature and the agency's seal, each with a time stamp.

A paper is never held up by the time-stamping authority: without its answer the signature is of the basic
level (B-B) and says so, and can be time-stamped later. pyHanko works and waits in threads of its own, never
in the event loop. Rejected: signing in the browser or with a token plugged in at the officer's desk, which
no batch, no fast lane and no phone can use.
"""

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Literal

import httpx2
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

from casework.seals import SealProvider
from casework.time_stamps import HttpTimeStamper
from chassis.keys import KeyUnavailable
from chassis.logging import get_logger

Level = Literal["B-T", "B-B"]
THREADS = 2
_ROOM_BYTES = 16 << 10
"""Room for a signature with its time stamp, in hexadecimal digits; measuring it would sign twice."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A signed file. `level` is B-B when a time stamp is missing and still to be had."""

    content: bytes
    level: Level


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature to be put: by whom (`<organisation>.leader`), into which field, and why.

    The first signature of a paper certifies it: afterwards nothing but further signatures may be added.
    """

    by: str
    field: str
    reason: str
    certify: bool = False


class DocumentSigner:
    """Signs for the organisations whose seals the provider has; one per process.

    Signers are read when first used and kept. Close it when the process ends.
    """

    def __init__(
        self, seals: SealProvider, *, time_stamping_url: str | None, timeout_seconds: float = 2.0
    ) -> None:
        self._seals = seals
        self._signers: dict[str, Signer] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="signing")
        self._client = httpx2.Client(timeout=timeout_seconds, trust_env=False)
        HTTPX2ClientInstrumentor.instrument_client(self._client)
        self._stamper = HttpTimeStamper(time_stamping_url, self._client) if time_stamping_url else None

    def close(self) -> None:
        """Let signatures under way end, then close the connections."""
        self._threads.shutdown()
        self._client.close()

    async def sign(self, pdf: bytes, *signatures: Signature) -> SignedPdf:
        """Return the file with these signatures, in this order.

        Raises:
            KeyUnavailable: the provider has no key of this name; nothing was signed.
        """
        loop = asyncio.get_running_loop()
        context = copy_context()  # the stamp's request belongs to the trace of whoever signs
        return await loop.run_in_executor(self._threads, context.run, self._sign_all, pdf, signatures)

    def name_of(self, by: str) -> str:
        """Return the common name in a signer's certificate, to be printed. Raises: KeyUnavailable."""
        certificate = self._signer(by).signing_cert
        if certificate is None:
            raise KeyUnavailable(f"{by} has no certificate")
        return str(certificate.subject.native["common_name"])

    def _sign_all(self, pdf: bytes, signatures: Sequence[Signature]) -> SignedPdf:
        level: Level = "B-T" if self._stamper else "B-B"
        for signature in signatures:
            stamper = self._stamper if level == "B-T" else None
            try:
                pdf = asyncio.run(self._put(pdf, signature, stamper))
            except TimestampRequestError:
                log.warning("signing.time_stamp_missing")
                level = "B-B"
                pdf = asyncio.run(self._put(pdf, signature, None))
        return SignedPdf(pdf, level)

    async def _put(self, pdf: bytes, signature: Signature, stamper: TimeStamper | None) -> bytes:
        metadata = PdfSignatureMetadata(
            field_name=signature.field,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=signature.reason,
            certify=signature.certify,
            docmdp_permissions=MDPPerm.FILL_FORMS,
        )
        signer = PdfSigner(metadata, signer=self._signer(signature.by), timestamper=stamper)
        out = await signer.async_sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), bytes_reserved=_ROOM_BYTES
        )
        return bytes(out.getvalue())

    def _signer(self, name: str) -> Signer:
        if name not in self._signers:
            self._signers[name] = self._seals.signer(name)
        return self._signers[name]
