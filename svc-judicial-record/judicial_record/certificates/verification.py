"""Answers anyone's question whether a certificate is genuine and still valid.

An unchanged file of ours is known by its digest; only what is not known is parsed, in a process of its own,
to tell an altered certificate of ours from any other file. Nothing is said of the person unless the asker
holds the certificate: its very file, or number and code from it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from casework.judge import PdfJudge
from casework.signatures import SignatureVerdict
from chassis.access_log import AccessEntry
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import Text
from judicial_record.applications.reference import offices
from judicial_record.certificates.repository import Found, look_up
from judicial_record.certificates.service import LEADER_FIELD, SEAL_FIELD
from judicial_record.certificates.vault import CertificateVault

Status = Literal["valid", "revoked", "superseded", "altered", "unknown"]
_OUR_FIELDS = frozenset({LEADER_FIELD, SEAL_FIELD})
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer. All but `status` and `checked_at` is empty for `altered` and `unknown`.

    `shown` is what the certificate says of its holder; empty unless it is valid, and always for form 2.
    """

    status: Status
    checked_at: datetime
    found: Found | None = None
    shown: dict[str, Any] | None = None  # Any: JSON members

    @property
    def office(self) -> Text | None:
        return offices()[self.found["office"]].name if self.found else None


class VerificationService:
    """Use cases of verifiers, who are nobody in particular."""

    def __init__(self, database: Database, vault: CertificateVault, judge: PdfJudge, clocks: Clocks) -> None:
        self._database = database
        self._vault = vault
        self._judge = judge
        self._clocks = clocks

    async def verify_code(self, number: str, code: str) -> Verification:
        """Answer for a number with the code printed beside it; wrong code and wrong number are as unknown."""
        index = self._vault.index_of(number, code)
        if index is None:
            return self._answer(None)
        return self._answer(
            await look_up(self._database, "code", number=number, code_index=index, trace=_trace("code"))
        )

    async def verify_file(self, pdf: bytes) -> Verification:
        """Answer for a file of any origin. Raises: Overloaded when too many unknown files are waiting."""
        digest = sha256(pdf).digest()
        found = await look_up(self._database, "file", pdf_sha256=digest, trace=_trace("file"))
        if found is not None:
            return self._answer(found)
        is_ours = b"%PDF-" in pdf[:1024] and carries_our_mark(pdf, await self._judge.judge(pdf))
        return Verification("altered" if is_ours else "unknown", self._clocks.real_now())

    def _answer(self, found: Found | None) -> Verification:
        now = self._clocks.real_now()
        if found is None:
            return Verification("unknown", now)
        if found["state"] != "valid":
            return Verification(found["state"], now, found)
        return Verification(
            "valid", now, found, self._vault.open_shown(found["shown"], found["certificate_id"])
        )


def carries_our_mark(pdf: bytes, verdict: SignatureVerdict) -> bool:
    """Return whether a file that is none of ours as issued is one of ours altered.

    Its signatures are in the fields of our certificates and by a certificate under our roots; where the
    alteration broke the file itself, the names of those fields have to do.
    """
    if verdict.state == "unreadable":
        return any(field.encode() in pdf for field in _OUR_FIELDS)
    return any(one.field in _OUR_FIELDS and one.is_signer_trusted for one in verdict.signatures)


def _trace(how: str) -> AccessEntry:
    return AccessEntry(
        citizen_id=_NOBODY,
        actor_kind="public",
        actor_subject="verifier",
        actor_role=None,
        actor_organisation=None,
        purpose="certificate_verification",
        legal_ground="Law 107/2025/QH15, Decree 216/2026/NĐ-CP: presented by its holder",
        sections=("certificate",),
        outcome="allowed",
        resource=f"certificate-verifications/{how}",
    )
