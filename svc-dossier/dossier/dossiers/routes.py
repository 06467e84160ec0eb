"""HTTP of dossiers for those who file them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import (
    IllegalTransition,
    InsufficientUserAuthentication,
    Invalid,
    MalformedCursor,
    NotFound,
    RoleMissing,
    ScopeMissing,
    StaleVersion,
    UpstreamUnavailable,
)
from chassis.etag import etag_of, not_modified, not_modified_response, require_match
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from dossier.attachments.routes import download_headers
from dossier.deps import Filing, Receipts
from dossier.dossiers.errors import NotAcceptedYet, TooManyDrafts
from dossier.dossiers.models import DossierRow
from dossier.dossiers.schemas import (
    ChangeOut,
    DossierIn,
    DossierOut,
    DossierOverviewOut,
    DossierPatchIn,
    RatingIn,
    RatingOut,
    WithdrawalIn,
)

router = APIRouter(prefix="/v1/me/dossiers", tags=["dossiers"], route_class=IdempotentRoute)

Filer = Annotated[Actor, allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own")]
ReceiptReader = Annotated[
    Actor,
    allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own", produces=("application/pdf",)),
]
_REFUSALS = (RoleMissing, ScopeMissing, NotFound, Invalid)


@router.post(
    "",
    status_code=201,
    operation_id="create_dossier",
    summary="Create draft dossier",
    response_model=DossierOut,
    responses=responses(*_REFUSALS, TooManyDrafts),
)
async def create_dossier(body: DossierIn, response: Response, actor: Filer, filing: Filing) -> DossierOut:
    """Begin a draft under a procedure in force. For citizens and companies; nothing is filed yet."""
    row = await filing.drafts.create(actor, body)
    response.headers["location"] = f"/v1/me/dossiers/{row.dossier_id}"
    return await _answer(row, response, filing)


@router.get(
    "",
    operation_id="list_dossiers",
    summary="List dossiers",
    response_model=Page[DossierOverviewOut],
    responses=responses(RoleMissing, ScopeMissing, MalformedCursor, Invalid),
)
async def list_dossiers(
    request: Request,
    response: Response,
    actor: Filer,
    filing: Filing,
    status: Annotated[
        int | None, Query(ge=0, le=10, description="Only of this national status; 0 for drafts.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[DossierOverviewOut]:
    """List own dossiers, newest first. For citizens and companies, their own."""
    response.headers["cache-control"] = "private, no-cache"
    return await filing.list_page(actor, request.app.state.cursors, status=status, cursor=cursor, limit=limit)


@router.get(
    "/{dossier_id}",
    operation_id="get_dossier",
    summary="Read dossier",
    response_model=DossierOut,
    responses=responses(*_REFUSALS),
)
async def get_dossier(
    dossier_id: UUID, request: Request, response: Response, actor: Filer, filing: Filing
) -> DossierOut | Response:
    """Answer a dossier with its form, files and promised day. For its owner; another's is not there."""
    row = await filing.own.require(actor, dossier_id)
    etag = etag_of(row.version)
    if not_modified(request, etag):
        return not_modified_response(etag)
    return await _answer(row, response, filing)


@router.patch(
    "/{dossier_id}",
    operation_id="patch_dossier",
    summary="Fill in draft dossier",
    response_model=DossierOut,
    responses=responses(*_REFUSALS, IllegalTransition, StaleVersion),
)
async def patch_dossier(
    dossier_id: UUID,
    body: DossierPatchIn,
    request: Request,
    response: Response,
    actor: Filer,
    filing: Filing,
) -> DossierOut:
    """Merge into the form of a draft (RFC 7396). For its owner; honours `If-Match`."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    await filing.drafts.patch(row, body.form, lambda current: require_match(request, current))
    return await _answer(row, response, filing)


@router.delete(
    "/{dossier_id}",
    status_code=204,
    operation_id="discard_dossier",
    summary="Discard draft dossier",
    responses=responses(*_REFUSALS, IllegalTransition),
)
async def discard_dossier(dossier_id: UUID, actor: Filer, filing: Filing) -> Response:
    """Delete a draft with its files. For its owner; a filed dossier stays."""
    await filing.drafts.discard(await filing.own.require(actor, dossier_id, for_update=True))
    return Response(status_code=204)


@router.post(
    "/{dossier_id}/submission",
    operation_id="submit_dossier",
    summary="Submit dossier",
    response_model=DossierOut,
    responses=responses(*_REFUSALS, InsufficientUserAuthentication, UpstreamUnavailable)
    | {201: {"model": DossierOut, "description": "Filed by this call"}},
)
async def submit_dossier(dossier_id: UUID, response: Response, actor: Filer, filing: Filing) -> DossierOut:
    """File a draft: check form and papers, give it its national code. For its owner.

    Twice answers the same dossier. Where a fee is due first, the dossier waits for its payment.
    """
    row, is_new = await filing.submissions.submit(actor, dossier_id)
    response.status_code = 201 if is_new else 200
    return await _answer(row, response, filing)


@router.get(
    "/{dossier_id}/history",
    operation_id="list_dossier_history",
    summary="List changes of dossier",
    response_model=Page[ChangeOut],
    responses=responses(*_REFUSALS, MalformedCursor),
)
async def list_dossier_history(
    dossier_id: UUID,
    request: Request,
    response: Response,
    actor: Filer,
    filing: Filing,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[ChangeOut]:
    """List what was done with a filed dossier, oldest first. For its owner."""
    row = await filing.own.require(actor, dossier_id)
    response.headers["cache-control"] = "private, no-cache"
    return await filing.list_history(row, request.app.state.cursors, cursor=cursor, limit=limit)


@router.post(
    "/{dossier_id}/withdrawal",
    operation_id="ask_dossier_withdrawal",
    summary="Ask dossier back",
    response_model=DossierOut,
    responses=responses(*_REFUSALS, IllegalTransition),
)
async def ask_dossier_withdrawal(
    dossier_id: UUID, body: WithdrawalIn, response: Response, actor: Filer, filing: Filing
) -> DossierOut:
    """Ask for a filed dossier back; the officer in charge agrees or declines. For its owner."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    await filing.withdrawals.ask(row, actor, body.reason)
    return await _answer(row, response, filing)


@router.delete(
    "/{dossier_id}/withdrawal",
    operation_id="take_back_dossier_withdrawal",
    summary="Take withdrawal back",
    response_model=DossierOut,
    responses=responses(*_REFUSALS, IllegalTransition),
)
async def take_back_dossier_withdrawal(
    dossier_id: UUID, response: Response, actor: Filer, filing: Filing
) -> DossierOut:
    """Undo the asking while nobody has decided; the dossier goes on where it was. For its owner."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    await filing.withdrawals.take_back(row, actor)
    return await _answer(row, response, filing)


@router.post(
    "/{dossier_id}/rating",
    operation_id="rate_dossier",
    summary="Rate dossier",
    response_model=RatingOut,
    responses=responses(*_REFUSALS, IllegalTransition),
)
async def rate_dossier(
    dossier_id: UUID, body: RatingIn, response: Response, actor: Filer, filing: Filing
) -> RatingOut:
    """Say how a decided dossier was handled; a later rating replaces the earlier. For its owner."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    response.headers["cache-control"] = "no-store"
    return await filing.ratings.rate(row, body)


@router.get(
    "/{dossier_id}/receipt.pdf",
    operation_id="get_dossier_receipt",
    summary="Download receipt",
    response_class=Response,
    responses=responses(*_REFUSALS, NotAcceptedYet, UpstreamUnavailable)
    | {200: {"content": {"application/pdf": {}}, "description": "The sealed slip 01"}},
)
async def get_dossier_receipt(
    dossier_id: UUID, actor: ReceiptReader, filing: Filing, receipts: Receipts
) -> Response:
    """Answer the receipt with the promised day of an accepted dossier. For its owner."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    content = await receipts.get(row)
    headers = {"cache-control": "private, no-cache", **download_headers("receipt.pdf", f"{row.code}.pdf")}
    return Response(content, media_type="application/pdf", headers=headers)


async def _answer(row: DossierRow, response: Response, filing: Filing) -> DossierOut:
    response.headers.update({"etag": etag_of(row.version), "cache-control": "private, no-cache"})
    return await filing.views.whole(row)
