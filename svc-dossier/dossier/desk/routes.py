"""HTTP of the officers' side."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import (
    IllegalTransition,
    Invalid,
    MalformedBody,
    MalformedCursor,
    NotFound,
    RoleMissing,
    ScopeMissing,
    StaleVersion,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    UpstreamUnavailable,
)
from chassis.etag import not_modified, not_modified_response
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from dossier.deps import ArrivalsOfDesk, DeskWork
from dossier.desk.arrivals import ArrivalIn
from dossier.desk.errors import ConditionNotMet, SamePerson
from dossier.desk.schemas import ActionIn, DossierWorkOut, InboxItemOut, Queue
from dossier.desk.table import DESK, LEADER, OFFICER

router = APIRouter(tags=["officers"], route_class=IdempotentRoute)

Officer = Annotated[
    Actor, allow(kinds={"staff"}, roles={DESK, OFFICER, LEADER}, scope="dossier.work", rows="organisation")
]
Receiver = Annotated[Actor, allow(kinds={"staff"}, roles={DESK}, scope="dossier.work", rows="organisation")]
_REFUSALS = (TokenMissing, TokenInvalid, TokenExpired, RoleMissing, ScopeMissing, Invalid)


@router.get(
    "/v1/inbox",
    operation_id="list_inbox",
    summary="List inbox",
    response_model=Page[InboxItemOut],
    responses=responses(*_REFUSALS, MalformedCursor),
)
async def list_inbox(
    request: Request,
    response: Response,
    actor: Officer,
    desk: DeskWork,
    queue: Annotated[
        Queue | None, Query(description="Which part of the work; all of it without.", examples=["intake"])
    ] = None,
    due_before: Annotated[
        date | None,
        Query(description="Only what is due before this legal day.", examples=["2026-11-27"]),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[InboxItemOut]:
    """List one's organisation's dossiers that somebody waits for, the earliest day first. For officers."""
    response.headers["cache-control"] = "no-store"
    return await desk.inbox(
        actor, request.app.state.cursors, queue=queue, due_before=due_before, cursor=cursor, limit=limit
    )


@router.get(
    "/v1/dossiers/{dossier_id}",
    operation_id="get_dossier_for_work",
    summary="Get dossier for work",
    response_model=DossierWorkOut,
    responses=responses(*_REFUSALS, NotFound),
)
async def get_dossier_for_work(
    request: Request, response: Response, dossier_id: UUID, actor: Officer, desk: DeskWork
) -> Response | DossierWorkOut:
    """Read a dossier of one's organisation; the owner's access log has it. For officers."""
    shown, etag = await desk.get(actor, dossier_id)
    if not_modified(request, etag):
        return not_modified_response(etag)
    response.headers.update({"etag": etag, "cache-control": "private, no-cache"})
    return shown


@router.post(
    "/v1/dossiers",
    operation_id="enter_dossier",
    summary="Enter dossier filed on paper",
    status_code=201,
    response_model=DossierWorkOut,
    responses=responses(*_REFUSALS, MalformedBody, ConditionNotMet, UpstreamUnavailable),
)
async def enter_dossier(
    response: Response, body: ArrivalIn, actor: Receiver, desk: DeskWork, arrivals: ArrivalsOfDesk
) -> DossierWorkOut:
    """Enter a dossier that came to the counter or by post, and decide about it. For the receiving desk."""
    shown, etag = await desk.enter(actor, arrivals, body)
    response.headers.update({"etag": etag, "location": f"/v1/dossiers/{shown.id}"})
    return shown


@router.post(
    "/v1/dossiers/{dossier_id}/actions",
    operation_id="act_on_dossier",
    summary="Act on dossier",
    response_model=DossierWorkOut,
    responses=responses(
        *_REFUSALS,
        MalformedBody,
        NotFound,
        StaleVersion,
        IllegalTransition,
        ConditionNotMet,
        SamePerson,
        UpstreamUnavailable,
    ),
)
async def act_on_dossier(
    request: Request, response: Response, dossier_id: UUID, body: ActionIn, actor: Officer, desk: DeskWork
) -> DossierWorkOut:
    """Take one step of the table of transitions. For officers of the organisation, by role."""
    shown, etag = await desk.act(actor, dossier_id, body, request)
    response.headers["etag"] = etag
    return shown
