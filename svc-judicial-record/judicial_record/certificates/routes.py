"""HTTP of certificates: the holder fetches, anyone verifies, the leader ends."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import allow, public
from chassis.auth import Actor
from chassis.bodies import read_body
from chassis.clock import LEGAL_ZONE
from chassis.db import Db
from chassis.errors import (
    BodyTooLarge,
    IllegalTransition,
    Invalid,
    MalformedBody,
    NotFound,
    Overloaded,
    RoleMissing,
    ScopeMissing,
    UnsupportedMediaType,
    UpstreamUnavailable,
)
from chassis.etag import etag_of, not_modified, not_modified_response
from chassis.idempotency import NONE, IdempotentRoute
from chassis.openapi import responses
from judicial_record.applications.routes import REFUSALS
from judicial_record.applications.views import words
from judicial_record.certificates.errors import CertificateEnded, NoSuchSuccessor
from judicial_record.certificates.schemas import (
    CodeIn,
    EndedOut,
    RevocationIn,
    ShownOut,
    SignatureOut,
    VerificationOut,
)
from judicial_record.certificates.verification import Verification
from judicial_record.deps import Applications, Certificates, Verifications

MAX_PDF_BYTES = 5 << 20
PDF = "application/pdf"

router = APIRouter(tags=["judicial-record"], route_class=IdempotentRoute)

Holder = Annotated[
    Actor,
    allow(kinds={"citizen"}, scope="judicial.apply", acr=2, rows="own", produces=(PDF,)),
]
Leader = Annotated[
    Actor, allow(kinds={"staff"}, roles=["judicial_leader"], scope="judicial.work", rows="organisation")
]
_FILE: dict[int | str, dict[str, Any]] = {  # Any: parts of an OpenAPI document
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            PDF: {"schema": {"type": "string", "format": "binary", "description": "The certificate's file."}},
            "application/json": {"schema": CodeIn.model_json_schema()},
        },
    }
}


@router.get(
    "/v1/me/judicial-record-applications/{application_id}/certificate.pdf",
    summary="Fetch certificate",
    response_class=Response,
    responses=responses(NotFound, CertificateEnded, *REFUSALS) | _FILE,
)
async def get_judicial_record_certificate(
    application_id: UUID,
    request: Request,
    actor: Holder,
    applications: Applications,
    certificates: Certificates,
    db: Db,
) -> Response:
    """Answer the signed file, once the application is issued. For the applicant."""
    row = await applications.require_own(db, actor, application_id)
    content, number = await certificates.get_file(db, row)
    etag = etag_of(content)
    if not_modified(request, etag):
        return not_modified_response(etag)
    return _file(content, f"{number}.pdf", etag=etag)


@router.get(
    "/v1/me/judicial-record-applications/{application_id}/interim-status",
    summary="Fetch interim status",
    response_class=Response,
    responses=responses(NotFound, UpstreamUnavailable, *REFUSALS) | _FILE,
)
async def get_judicial_record_interim_status(
    application_id: UUID, actor: Holder, applications: Applications, certificates: Certificates, db: Db
) -> Response:
    """Answer a paper under the office's seal that says where the application stands now. For the applicant.

    It can be shown while the certificate is waited for, and says nothing of any conviction.
    """
    row = await applications.require_own(db, actor, application_id)
    return _file(await certificates.confirm_status(row), f"{row.code}.pdf")


@router.post(
    "/v1/certificate-verifications",
    summary="Verify certificate",
    dependencies=[public("whoever is shown a certificate may check it, without an account")],
    response_model=VerificationOut,
    responses=responses(MalformedBody, Invalid, BodyTooLarge, UnsupportedMediaType, Overloaded),
    openapi_extra={**_BODY, **NONE},
    max_body_size=MAX_PDF_BYTES,
)
async def verify_certificate(request: Request, verifications: Verifications) -> VerificationOut:
    """Say whether a certificate is genuine and still valid: send its file, or number and code. For anyone.

    Its holder sees in the access log that it was checked.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type == PDF:
        return _out(await verifications.verify_file(await request.body()))
    if not re.fullmatch(r"application/(.+\+)?json", media_type):
        raise UnsupportedMediaType
    asked = read_body(CodeIn, await request.body())
    return _out(await verifications.verify_code(asked.number, asked.code))


@router.post(
    "/v1/certificates/{number}/revocation",
    summary="Revoke certificate",
    responses=responses(NotFound, RoleMissing, ScopeMissing, IllegalTransition, NoSuchSuccessor, Invalid),
)
async def revoke_certificate(
    number: str, body: RevocationIn, actor: Leader, certificates: Certificates, db: Db
) -> EndedOut:
    """Revoke a certificate, or let another take its place: it no longer verifies from this moment.

    For the leader of the office that issued it; its holder is told, and sees the act in the access log.
    """
    ended = await certificates.end(
        db,
        actor,
        number,
        reason=body.reason,
        legal_ground=body.legal_ground,
        superseded_by=body.superseded_by,
    )
    return EndedOut.model_validate(
        {
            "number": ended.number,
            "status": ended.state,
            "ended_at": ended.ended_at,
            "superseded_by": ended.superseded_by,
        }
    )


def _out(answer: Verification) -> VerificationOut:
    found, office = answer.found, answer.office
    if found is None or office is None:
        return VerificationOut.model_validate(
            _EMPTY | {"status": answer.status, "checked_at": answer.checked_at}
        )
    signature = SignatureOut(
        signers=list(found["signers"]), signed_at=found["signed_at"], level=found["signature_level"]
    )
    return VerificationOut(
        status=answer.status,
        checked_at=answer.checked_at,
        number=found["number"],
        form=found["form"],
        office=words(office),
        issued_on=_day(found["issued_at"]),
        ended_on=_day(found["ended_at"]),
        superseded_by=found["superseded_by"],
        holder=ShownOut.model_validate(answer.shown) if answer.shown else None,
        signature=signature,
    )


_EMPTY = dict.fromkeys(VerificationOut.model_fields)


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.astimezone(LEGAL_ZONE).date()


def _file(content: bytes, name: str, *, etag: str | None = None) -> Response:
    headers = {
        "cache-control": "private, no-cache" if etag else "no-store",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(content, media_type=PDF, headers=headers | ({"etag": etag} if etag else {}))
