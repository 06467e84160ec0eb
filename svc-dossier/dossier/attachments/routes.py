"""HTTP of attachments: the body is the file itself."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import (
    BodyTooLarge,
    IllegalTransition,
    Invalid,
    NotFound,
    RoleMissing,
    ScopeMissing,
)
from chassis.etag import etag_of, not_modified, not_modified_response
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from dossier.attachments.errors import DigestMismatch, FileTypeRefused
from dossier.attachments.names import given_name
from dossier.attachments.service import Upload
from dossier.deps import Filing
from dossier.dossiers.schemas import AttachmentOut
from dossier.procedures.schemas import ALL_TYPES

MAX_ATTACHMENT_BYTES = 50 << 20

router = APIRouter(
    prefix="/v1/me/dossiers/{dossier_id}/attachments", tags=["attachments"], route_class=IdempotentRoute
)

Filer = Annotated[Actor, allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own")]
FileReader = Annotated[
    Actor,
    allow(
        kinds={"citizen", "company"},
        scope="dossier.file",
        rows="own",
        produces=("application/json", *ALL_TYPES),
    ),
]
SlotIn = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Slot of the paper.", examples=["paper-1"]),
]
_REFUSALS = (RoleMissing, ScopeMissing, NotFound, Invalid)
_FILE = {"schema": {"type": "string", "format": "binary", "description": "The file as it is."}}
_BODY = {
    "requestBody": {"required": True, "content": dict.fromkeys(ALL_TYPES, _FILE)},
    "parameters": [
        {
            "name": "Content-Disposition",
            "in": "header",
            "required": False,
            "description": "File name (RFC 6266); it is kept without anything that could do harm.",
            "schema": {"type": "string", "maxLength": 4096},
            "example": "attachment; filename*=UTF-8''phieu-cong-bo.pdf",
        },
        {
            "name": "Content-Digest",
            "in": "header",
            "required": False,
            "description": "SHA-256 of the file (RFC 9530); another content is refused.",
            "schema": {"type": "string", "maxLength": 500},
            "example": "sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:",
        },
    ],
}


@router.put(
    "/{slot}",
    operation_id="put_attachment",
    summary="Put attachment",
    response_model=AttachmentOut,
    responses=responses(*_REFUSALS, IllegalTransition, BodyTooLarge, FileTypeRefused, DigestMismatch)
    | {201: {"model": AttachmentOut, "description": "The slot was empty"}},
    openapi_extra=_BODY,
    max_body_size=MAX_ATTACHMENT_BYTES,
)
async def put_attachment(
    dossier_id: UUID, slot: SlotIn, request: Request, response: Response, actor: Filer, filing: Filing
) -> AttachmentOut:
    """Put a file into a slot of a draft, or of a dossier that waits for a supplement. For its owner.

    The type is found in the content; the name is made harmless; the same file again changes nothing.
    """
    row = await filing.own.require(actor, dossier_id, for_update=True)
    upload = Upload(
        content=await request.body(),
        name=given_name(request.headers.get("content-disposition")),
        media_type=request.headers.get("content-type", ""),
        digest=request.headers.get("content-digest"),
    )
    out, is_new = await filing.drafts.put_file(row, slot, upload)
    response.status_code = 201 if is_new else 200
    response.headers.update({"etag": etag_of(out.sha256), "cache-control": "no-store"})
    return out


@router.get(
    "/{slot}",
    operation_id="get_attachment",
    summary="Download attachment",
    response_class=Response,
    responses=responses(RoleMissing, ScopeMissing, NotFound)
    | {200: {"content": dict.fromkeys(ALL_TYPES, _FILE)}},
)
async def get_attachment(
    dossier_id: UUID, slot: SlotIn, request: Request, actor: FileReader, filing: Filing
) -> Response:
    """Answer the file of a slot byte for byte. For the dossier's owner."""
    await filing.own.require(actor, dossier_id)
    out, content = await filing.attachments.get(dossier_id, slot)
    etag = etag_of(out.sha256)
    if not_modified(request, etag):
        return not_modified_response(etag)
    headers = {"etag": etag, "cache-control": "private, no-cache", **download_headers(slot, out.name)}
    return Response(content, media_type=out.media_type, headers=headers)


@router.delete(
    "/{slot}",
    status_code=204,
    operation_id="remove_attachment",
    summary="Remove attachment",
    responses=responses(*_REFUSALS, IllegalTransition),
)
async def remove_attachment(dossier_id: UUID, slot: SlotIn, actor: Filer, filing: Filing) -> Response:
    """Take a file out of a draft. For its owner; what is filed stays."""
    row = await filing.own.require(actor, dossier_id, for_update=True)
    await filing.drafts.remove_file(row, slot)
    return Response(status_code=204)


def download_headers(fallback: str, name: str) -> dict[str, str]:
    """Return headers with which a browser saves a file and never opens it on our own address."""
    named = f"filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {
        "content-disposition": f"attachment; {named}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
    }
