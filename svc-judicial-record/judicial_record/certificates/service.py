"""Issues certificates, hands them to their holders, and ends them."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from casework.deadlines import legal_day
from casework.numbering import certificate_number, next_number
from casework.signing import DocumentSigner, Signature, SignedPdf
from casework.slips import SlipPrinter
from chassis import outbox
from chassis.access_log import AccessEntry, record
from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.errors import IllegalTransition, NotFound, UpstreamUnavailable
from chassis.ids import new_id
from chassis.keys import KeyUnavailable
from chassis.logging import get_logger
from contracts.events.judicial_record import CertificateIssuedV1, CertificateRevokedV1
from judicial_record.applications import access
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.reference import offices
from judicial_record.applications.schemas import CertificateOut
from judicial_record.applications.vault import ApplicationVault
from judicial_record.certificates import paper
from judicial_record.certificates.codes import new_code
from judicial_record.certificates.errors import CertificateEnded, NoSuchSuccessor
from judicial_record.certificates.models import CertificateRow, RegisterRow
from judicial_record.certificates.repository import CertificateRepository
from judicial_record.certificates.vault import CertificateVault

Json = dict[str, Any]  # Any: JSON members
LEADER_FIELD = "PhieuLLTPNguoiKy"
SEAL_FIELD = "PhieuLLTPCoQuan"
REVOCATION_GROUND = "Law 28/2009/QH12 (amended by Law 107/2025/QH15), Decree 216/2026/NĐ-CP"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was issued."""

    number: str
    certificate_id: UUID


class CertificateService:
    """Use cases of certificates; `db` is the caller's unit of work."""

    def __init__(
        self,
        *,
        vault: CertificateVault,
        applications: ApplicationVault,
        printer: SlipPrinter,
        signer: DocumentSigner,
        clocks: Clocks,
        public_url: str,
    ) -> None:
        self._vault = vault
        self._applications = applications
        self._printer = printer
        self._signer = signer
        self._clocks = clocks
        self._public_url = public_url

    async def issue(
        self, db: AsyncSession, application: ApplicationRow, content: list[Json], approver: str
    ) -> Certificate:
        """Number, print, sign, keep and announce a certificate in the caller's transaction.

        The number's row stays locked until the transaction ends, so that numbers have no gap; signing is
        part of it, because the number is part of what is signed.

        Raises: UpstreamUnavailable when the office's keys are not to be had; then nothing is kept.
        """
        office = offices()[application.office]
        now, certificate_id, code = self._clocks.legal_now(), new_id(), new_code()
        leader = self._signer_name(f"{office.slug}.leader")
        year = self._clocks.legal_today().year
        number = certificate_number(
            office.agency_code, year, await next_number(db, f"certificate:{office.agency_code}", str(year))
        )
        holder = self._applications.open_holder(application.holder, application.application_id)
        data = paper.certificate_data(
            application,
            holder,
            office,
            content,
            number=number,
            code=code,
            signer=leader,
            public_url=self._public_url,
            issued_at=now,
        )
        signed = await self._sign(
            await self._printer.print(paper.CERTIFICATE, data),
            Signature(f"{office.slug}.leader", LEADER_FIELD, "Cấp Phiếu lý lịch tư pháp", certify=True),
            Signature(f"{office.slug}.seal", SEAL_FIELD, "Đóng dấu cơ quan cấp Phiếu"),
        )
        CertificateRepository(db).add(
            RegisterRow(
                number=number,
                certificate_id=certificate_id,
                citizen_id=application.citizen_id,
                application_id=application.application_id,
                form=application.form,
                office=office.slug,
                pdf_sha256=sha256(signed.content).digest(),
                code_index=self._vault.index_of(number, code),
                shown=self._vault.seal_shown(
                    paper.shown_to_verifiers(holder, content, application.form), certificate_id
                ),
                signers=[leader, self._signer_name(f"{office.slug}.seal")],
                signature_level=signed.level,
                signed_at=self._clocks.real_now(),
                issued_at=now,
                state="valid",
            ),
            CertificateRow(
                citizen_id=application.citizen_id,
                certificate_id=certificate_id,
                application_id=application.application_id,
                number=number,
                pdf=self._vault.seal_pdf(signed.content, certificate_id),
                code=self._vault.seal_code(code, certificate_id),
                issued_by=approver,
            ),
        )
        await db.flush()
        await outbox.add(
            db,
            CertificateIssuedV1(
                application_id=application.application_id,
                certificate_id=certificate_id,
                citizen_id=application.citizen_id,
                form=cast("Any", application.form),
                issued_at=now,
                detail_url=f"{_path(application.application_id)}/certificate.pdf",
            ),
        )
        log.info("certificate.issued", certificate_id=str(certificate_id), level=signed.level)
        return Certificate(number, certificate_id)

    async def get_file(self, db: AsyncSession, application: ApplicationRow) -> tuple[bytes, str]:
        """Return the signed file and the certificate's number, for the holder of the application.

        Raises: NotFound before it is issued, CertificateEnded once it is revoked or superseded.
        """
        repository = CertificateRepository(db)
        register = await repository.find_of_application(application.application_id)
        if register is None:
            raise NotFound
        if register.state != "valid":
            raise CertificateEnded
        row = await repository.get_file(register)
        return self._vault.open_pdf(row.pdf, row.certificate_id), register.number

    async def describe(self, db: AsyncSession, application: ApplicationRow) -> CertificateOut | None:
        """Return what the holder of the application is told of its certificate; None before it is issued."""
        repository = CertificateRepository(db)
        register = await repository.find_of_application(application.application_id)
        if register is None:
            return None
        sealed = await repository.get_code(register)
        code = None if sealed is None else self._vault.open_code(sealed, register.certificate_id)
        return CertificateOut.model_validate(
            {
                "number": register.number,
                "status": register.state,
                "issued_on": legal_day(register.issued_at),
                "ended_on": register.ended_at and legal_day(register.ended_at),
                "superseded_by": register.superseded_by,
                "verification_code": code,
                "verification_address": code
                and paper.verification_address(self._public_url, register.number, code),
            }
        )

    async def confirm_status(self, application: ApplicationRow) -> bytes:
        """Return a sealed paper that says where the case stands now. Raises: UpstreamUnavailable."""
        office = offices()[application.office]
        holder = self._applications.open_holder(application.holder, application.application_id)
        data = paper.interim_status_data(application, holder, office, now=self._clocks.legal_now())
        printed = await self._printer.print(paper.INTERIM_STATUS, data)
        seal = Signature(f"{office.slug}.seal", "XacNhanTinhTrang", "Xác nhận tình trạng hồ sơ", certify=True)
        return (await self._sign(printed, seal)).content

    async def end(
        self,
        db: AsyncSession,
        actor: Actor,
        number: str,
        *,
        reason: str,
        legal_ground: str,
        superseded_by: str | None,
    ) -> RegisterRow:
        """Revoke a certificate of the leader's office, or let another one take its place; return it ended.

        The person sees the act in the access log.

        Raises: NotFound (also for another office's), IllegalTransition when it has ended, NoSuchSuccessor.
        """
        office = access.office_of(actor)
        repository = CertificateRepository(db)
        register = await repository.find_for_update(number)
        if register is None or register.office != office:
            raise NotFound(reason="other_office" if register else "unknown")
        if register.state != "valid":
            raise IllegalTransition(state=register.state)
        successor = None if superseded_by is None else await repository.find(superseded_by)
        if superseded_by is not None and not _may_succeed(successor, register):
            raise NoSuchSuccessor
        await record(db, _entry(actor, register))
        row = await repository.get_file(register)
        register.state = "revoked" if successor is None else "superseded"
        register.superseded_by = superseded_by
        register.ended_at = self._clocks.legal_now()
        row.ended_by = actor.subject
        row.end_reason = self._vault.seal_reason(
            {"reason": reason, "legal_ground": legal_ground}, register.certificate_id
        )
        await db.flush()
        await outbox.add(
            db,
            CertificateRevokedV1(
                application_id=register.application_id,
                certificate_id=register.certificate_id,
                citizen_id=register.citizen_id,
                superseded_by=successor.certificate_id if successor else None,
                revoked_at=register.ended_at,
                detail_url=_path(register.application_id),
            ),
        )
        return register

    async def _sign(self, printed: bytes, *signatures: Signature) -> SignedPdf:
        try:
            return await self._signer.sign(printed, *signatures)
        except KeyUnavailable as failure:
            raise UpstreamUnavailable(peer="signing", reason=str(failure)) from failure

    def _signer_name(self, by: str) -> str:
        try:
            return self._signer.name_of(by)
        except KeyUnavailable as failure:
            raise UpstreamUnavailable(peer="signing", reason=str(failure)) from failure


def _may_succeed(successor: RegisterRow | None, ended: RegisterRow) -> bool:
    return (
        successor is not None
        and successor.number != ended.number
        and successor.state == "valid"
        and (successor.citizen_id, successor.form, successor.office)
        == (ended.citizen_id, ended.form, ended.office)
    )


def _entry(actor: Actor, register: RegisterRow) -> AccessEntry:
    return AccessEntry(
        citizen_id=register.citizen_id,
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role="judicial_leader",
        actor_organisation=actor.organisation,
        purpose="certificate_revocation",
        legal_ground=REVOCATION_GROUND,
        sections=("certificate",),
        outcome="allowed",
        resource=f"certificates/{register.certificate_id}",
    )


def _path(application_id: UUID) -> str:
    return f"/v1/me/judicial-record-applications/{application_id}"
