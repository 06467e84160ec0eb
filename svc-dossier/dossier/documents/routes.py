"""HTTP of the own document store."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import IllegalTransition, Invalid, MalformedCursor, NotFound, RoleMissing, ScopeMissing
from chassis.etag import etag_of
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from dossier.attachments.errors import FileTypeRefused
from dossier.deps import Documents, Filing
from dossier.documents.schemas import DocumentOut, DocumentUseIn
from dossier.dossiers.schemas import AttachmentOut

router = APIRouter(tags=["documents"], route_class=IdempotentRoute)

Filer = Annotated[Actor, allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own")]
SlotIn = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Slot of the paper.", examples=["paper-1"]),
]
_REFUSALS = (RoleMissing, ScopeMissing, Invalid)


@router.get(
    "/v1/me/documents",
    operation_id="list_documents",
    summary="List own documents",
    response_model=Page[DocumentOut],
    responses=responses(*_REFUSALS, MalformedCursor),
)
async def list_documents(
    request: Request,
    response: Response,
    actor: Filer,
    documents: Documents,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[DocumentOut]:
    """List papers that the state holds for the caller, newest first. For citizens and companies."""
    response.headers["cache-control"] = "private, no-cache"
    return await documents.list_page(actor, request.app.state.cursors, cursor=cursor, limit=limit)


@router.post(
    "/v1/me/dossiers/{dossier_id}/attachments/{slot}/document",
    operation_id="use_document",
    summary="Use own document as attachment",
    response_model=AttachmentOut,
    responses=responses(*_REFUSALS, NotFound, IllegalTransition, FileTypeRefused)
    | {201: {"model": AttachmentOut, "description": "The slot was empty"}},
)
async def use_document(
    dossier_id: UUID,
    slot: SlotIn,
    body: DocumentUseIn,
    response: Response,
    actor: Filer,
    filing: Filing,
    documents: Documents,
) -> AttachmentOut:
    """Put a document of the own store into a slot instead of sending it again. For the dossier's owner."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    upload = await documents.as_upload(actor, body.document_id)
    out, is_new = await filing.drafts.put_file(row, slot, upload)
    response.status_code = 201 if is_new else 200
    response.headers.update({"etag": etag_of(out.sha256), "cache-control": "no-store"})
    return out
