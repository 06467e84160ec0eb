"""HTTP of the intake."""

import re
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import (
    BodyTooLarge,
    MalformedBody,
    NotFound,
    OtherFacility,
    RoleMissing,
    UnsupportedMediaType,
    choose_language,
)
from chassis.etag import etag_of, not_modified, not_modified_response
from chassis.idempotency import DETACHED, IdempotentRoute
from chassis.openapi import responses
from chassis.operation_outcome import FHIR_MEDIA_TYPE
from health_book.deps import Fhir, Submissions
from health_book.fhir.issues import PatientChanged
from health_book.fhir.service import TAKEN_AS_FILE
from health_book.submissions.errors import NoDossierAccepted
from health_book.submissions.schemas import SubmissionReceipt
from health_book.submissions.service import Sender

MAX_SUBMISSION_BYTES = 20 << 20
XML_TYPES = ("application/xml", "text/xml")
SUBMITTED_TYPES = (*XML_TYPES, FHIR_MEDIA_TYPE)
_media_type = re.compile(r"\s*([a-z0-9.+-]+/[a-z0-9.+-]+)", re.IGNORECASE).match

router = APIRouter(
    prefix="/v1/facility-submissions", tags=["facility-submissions"], route_class=IdempotentRoute
)

FacilitySystem = Annotated[Actor, allow(kinds={"system"}, scope="health.submit", rows="facility")]
FacilityReader = Annotated[
    Actor,
    allow(
        kinds={"system"},
        scope="health.submit",
        rows="facility",
        produces=("application/json", *SUBMITTED_TYPES),
    ),
]


def _sender(actor: Actor, request: Request) -> Sender:
    if not actor.organisation:
        raise RoleMissing(reason="no_organisation")
    return Sender(
        actor.organisation, actor.client_id, choose_language(request.headers.get("accept-language"))
    )


async def get_sender(actor: FacilitySystem, request: Request) -> Sender:
    """Return the facility whose system is calling."""
    return _sender(actor, request)


async def get_reading_sender(actor: FacilityReader, request: Request) -> Sender:
    """Return the facility whose system is reading what it sent."""
    return _sender(actor, request)


SubmittingFacility = Annotated[Sender, Depends(get_sender)]
ReadingFacility = Annotated[Sender, Depends(get_reading_sender)]
DryRun = Annotated[
    bool,
    Query(description="Answer the receipt that the file would get, and store nothing.", examples=[False]),
]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "description": "GIAMDINHHS of QĐ 130/4750/3176."}}
            for media_type in XML_TYPES
        }
        | {FHIR_MEDIA_TYPE: {"schema": {"type": "object", "description": "A FHIR R4 Bundle."}}},
    }
}
_COMMAND = _BODY | DETACHED  # a unit of work per batch of dossiers; the answer is kept after them


@router.post(
    "",
    status_code=201,
    summary="Submit facility file",
    response_model=SubmissionReceipt,
    responses=responses(
        MalformedBody,
        RoleMissing,
        OtherFacility,
        BodyTooLarge,
        UnsupportedMediaType,
        NoDossierAccepted,
        PatientChanged,
    ),
    openapi_extra=_COMMAND,
    max_body_size=MAX_SUBMISSION_BYTES,
)
async def submit_facility_file(
    request: Request,
    sender: SubmittingFacility,
    submissions: Submissions,
    fhir: Fhir,
    dry_run: DryRun = False,
) -> Response:
    """Take a file of visits. For a facility's system, bound to that facility.

    A FHIR Bundle (transaction, collection or document) is taken whole; its visits are its Encounters. Of the
    national format each dossier is taken or refused by itself; a corrected dossier supersedes; the same file
    again answers the same id with all visits unchanged.
    """
    media_type = _media_type_of(request)
    body = await request.body()
    if media_type == FHIR_MEDIA_TYPE:
        if dry_run:
            return _json(await fhir.try_out(sender, body), status=200)
        receipt, _ = await fhir.submit(sender, body, media_type, TAKEN_AS_FILE)
        return _json(receipt, status=201, location=f"/v1/facility-submissions/{receipt['id']}")
    if dry_run:
        return _json(await submissions.try_out(sender, body), status=200)
    receipt = await submissions.submit(sender, body, media_type)
    return _json(receipt, status=201, location=f"/v1/facility-submissions/{receipt['id']}")


@router.get(
    "/{submission_id}",
    summary="Read submission receipt",
    response_model=SubmissionReceipt,
    responses=responses(NotFound),
)
async def get_facility_submission(
    submission_id: UUID, request: Request, sender: SubmittingFacility, submissions: Submissions
) -> Response:
    """Answer the receipt of the file's first sending. For the system of the facility that sent it."""
    body = orjson.dumps(await submissions.get_receipt(sender, submission_id))
    etag = etag_of(body)
    if not_modified(request, etag):
        return not_modified_response(etag)
    return Response(body, media_type="application/json", headers=_private(etag))


@router.get(
    "/{submission_id}/original",
    summary="Read submitted file",
    response_class=Response,
    responses=responses(NotFound)
    | {200: {"content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_facility_submission_original(
    submission_id: UUID, request: Request, sender: ReadingFacility, submissions: Submissions
) -> Response:
    """Answer the file byte for byte as it was sent. For the system of the facility that sent it."""
    body, media_type = await submissions.get_original(sender, submission_id)
    etag = etag_of(body)
    if not_modified(request, etag):
        return not_modified_response(etag)
    headers = _private(etag) | {
        "content-disposition": f'attachment; filename="{submission_id}.{_extension(media_type)}"',
        "x-content-type-options": "nosniff",
        "content-type": media_type,  # set here: Starlette would add a charset to what was sent without one
    }
    return Response(body, headers=headers)


def _media_type_of(request: Request) -> str:
    """Return the media type of the body. Raises: UnsupportedMediaType."""
    given = _media_type(request.headers.get("content-type", ""))
    media_type = given.group(1).lower() if given else ""
    if media_type not in SUBMITTED_TYPES:
        raise UnsupportedMediaType(headers={"accept": ", ".join(SUBMITTED_TYPES)})
    return media_type


def _extension(media_type: str) -> str:
    return "json" if media_type == FHIR_MEDIA_TYPE else "xml"


def _json(content: object, *, status: int, location: str | None = None) -> Response:
    headers = {"cache-control": "no-store"} | ({"location": location} if location else {})
    return Response(orjson.dumps(content), status, media_type="application/json", headers=headers)


def _private(etag: str) -> dict[str, str]:
    return {"etag": etag, "cache-control": "private, no-cache"}
