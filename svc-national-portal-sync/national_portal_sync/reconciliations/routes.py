"""HTTP of reconciliations, for operators."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import Invalid, MalformedCursor, UpstreamUnavailable
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from national_portal_sync.deliveries.routes import PeerIn
from national_portal_sync.reconciliations.schemas import ReconciliationIn, ReconciliationOut
from national_portal_sync.reconciliations.service import ReconciliationService

router = APIRouter(prefix="/v1/sync/reconciliations", tags=["sync"], route_class=IdempotentRoute)

Operator = Annotated[Actor, allow(kinds={"staff"}, roles={"operator"}, scope="ops", rows="any")]
DayIn = Annotated[date | None, Query(description="Only those of this day.", examples=["2026-11-23"])]


async def get_reconciliations(request: Request, db: Db) -> ReconciliationService:
    state = request.app.state
    return ReconciliationService(db, state.clocks, state.daily_lists)


Reconciliations = Annotated[ReconciliationService, Depends(get_reconciliations, scope="function")]


@router.get("", summary="List reconciliations", responses=responses(MalformedCursor, Invalid))
async def list_reconciliations(
    request: Request,
    actor: Operator,
    reconciliations: Reconciliations,
    peer: PeerIn = None,
    day: DayIn = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[ReconciliationOut]:
    """List the comparisons made, newest first. For operators."""
    cursors = request.app.state.cursors
    return await reconciliations.list_page(cursors, cursor, limit, peer=peer, day=day)


@router.post("", status_code=201, summary="Reconcile day", responses=responses(Invalid, UpstreamUnavailable))
async def reconcile_day(
    body: ReconciliationIn, actor: Operator, reconciliations: Reconciliations
) -> ReconciliationOut:
    """Compare a day with a peer and name each difference; with `repair` replay what is ours to mend.

    For operators. Without `repair` nothing is changed.
    """
    return await reconciliations.reconcile(body.peer, body.day, repair=body.repair, made_by=actor.subject)
