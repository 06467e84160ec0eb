"""HTTP of the book."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import InsufficientUserAuthentication, MalformedCursor, NotFound, ScopeMissing
from chassis.etag import etag_of, not_modified, not_modified_response
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from health_book.deps import Visits, own_citizen_id
from health_book.visits.schemas import BookOut, VisitOut, VisitOverviewOut

router = APIRouter(prefix="/v1/me/health-book", tags=["health-book"])

Owner = Annotated[Actor, allow(kinds={"citizen"}, scope="health.read", acr=2, rows="own")]
VersionIn = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="An earlier version by its number.", examples=[1])
]
_REFUSALS = (InsufficientUserAuthentication, ScopeMissing)


@router.get("", summary="Open health book", response_model=BookOut, responses=responses(*_REFUSALS))
async def get_health_book(request: Request, actor: Owner, visits: Visits) -> Response:
    """Answer the administrative part, counts, latest visits and conditions. For the book's owner."""
    body = await visits.get_book(actor, own_citizen_id(actor))
    return _answer(request, body, etag_of(body))


@router.get(
    "/visits",
    summary="List visits",
    response_model=Page[VisitOverviewOut],
    responses=responses(MalformedCursor, *_REFUSALS),
)
async def list_health_book_visits(
    actor: Owner, visits: Visits, limit: Limit = DEFAULT_LIMIT, cursor: CursorIn = None
) -> Response:
    """Answer a page of the visits, newest first. For the book's owner."""
    body = await visits.list_visits(actor, own_citizen_id(actor), limit, cursor)
    return Response(body, media_type="application/json", headers={"cache-control": "private, no-cache"})


@router.get(
    "/visits/{visit_id}",
    summary="Read visit",
    response_model=VisitOut,
    responses=responses(NotFound, *_REFUSALS),
)
async def get_health_book_visit(
    visit_id: UUID, request: Request, actor: Owner, visits: Visits, version: VersionIn = None
) -> Response:
    """Answer a visit with its lines, by default its current version. For the book's owner.

    Another person's visit is answered as if it were not there, and that person's access log shows the
    attempt.
    """
    citizen_id = own_citizen_id(actor)
    if version is None:
        body, etag = await visits.get_visit(actor, citizen_id, visit_id)
    else:
        body, etag = await visits.get_version(actor, citizen_id, visit_id, version)
    return _answer(request, body, etag)


def _answer(request: Request, body: bytes, etag: str) -> Response:
    if not_modified(request, etag):
        return not_modified_response(etag)
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    return Response(body, media_type="application/json", headers=headers)
