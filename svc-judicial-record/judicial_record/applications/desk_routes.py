"""HTTP of the office: its inbox, its cases, its actions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    IllegalTransition,
    Invalid,
    MalformedCursor,
    NotFound,
    RoleMissing,
    ScopeMissing,
    StaleVersion,
    UpstreamUnavailable,
)
from chassis.etag import etag_of, not_modified, not_modified_response
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from contracts.events.judicial_record import ApplicationStatus
from judicial_record.applications.access import ROLES
from judicial_record.applications.desk_schemas import ActionIn, OfficeApplicationOut, OfficeOverviewOut
from judicial_record.applications.errors import (
    ClaimedByAnother,
    ContentChanged,
    OwnProposal,
    VerificationMissing,
)
from judicial_record.deps import OfficeDesk

router = APIRouter(
    prefix="/v1/judicial-record-applications", tags=["judicial-record"], route_class=IdempotentRoute
)

Officer = Annotated[Actor, allow(kinds={"staff"}, roles=ROLES, scope="judicial.work", rows="organisation")]
StatusesIn = Annotated[
    list[ApplicationStatus] | None,
    Query(alias="status", description="Only these; may be given again. By default all open ones."),
]
OverdueIn = Annotated[
    bool | None, Query(description="Only those past their day, or only those that are not.", examples=[True])
]


@router.get(
    "",
    summary="List applications of office",
    responses=responses(MalformedCursor, RoleMissing, ScopeMissing, Invalid),
)
async def list_office_applications(
    response: Response,
    actor: Officer,
    desk: OfficeDesk,
    db: Db,
    statuses: StatusesIn = None,
    overdue: OverdueIn = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[OfficeOverviewOut]:
    """Answer a page of the office's applications, oldest first; each person sees it in the access log.

    For officers and leaders of an issuing office, its own cases.
    """
    response.headers["cache-control"] = "no-store"
    return await desk.list_inbox(db, actor, sorted(statuses or ()), overdue, limit, cursor)


@router.get(
    "/{application_id}",
    summary="Read application of office",
    response_model=OfficeApplicationOut,
    responses=responses(NotFound, RoleMissing, ScopeMissing),
)
async def get_office_application(
    application_id: UUID, request: Request, response: Response, actor: Officer, desk: OfficeDesk, db: Db
) -> OfficeApplicationOut | Response:
    """Answer an application in full, with what may be done now; the person sees it in the access log.

    For officers and leaders of the office that works on it; another office's is answered as not there.
    """
    found = await desk.get(db, actor, application_id)
    if not_modified(request, etag_of(found.version)):
        return not_modified_response(etag_of(found.version))
    return _tagged(response, found)


@router.post(
    "/{application_id}/actions",
    summary="Act on application",
    responses=responses(
        NotFound,
        RoleMissing,
        ScopeMissing,
        OwnProposal,
        IllegalTransition,
        ClaimedByAnother,
        VerificationMissing,
        ContentChanged,
        StaleVersion,
        Invalid,
        UpstreamUnavailable,
    ),
)
async def act_on_judicial_record_application(
    application_id: UUID,
    body: ActionIn,
    request: Request,
    response: Response,
    actor: Officer,
    desk: OfficeDesk,
    db: Db,
) -> OfficeApplicationOut:
    """Take one action that the table of transitions allows in this status and role; `If-Match` guards it.

    For officers and leaders of the office that works on it. The one who proposes never decides.
    """
    return _tagged(response, await desk.act(db, actor, request, application_id, body))


def _tagged(response: Response, shown: OfficeApplicationOut) -> OfficeApplicationOut:
    response.headers.update({"etag": etag_of(shown.version), "cache-control": "no-store"})
    return shown
