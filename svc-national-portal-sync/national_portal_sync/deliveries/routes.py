"""HTTP of deliveries, for operators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import IllegalTransition, Invalid, MalformedCursor, NotFound
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from national_portal_sync.deliveries.rules import State
from national_portal_sync.deliveries.schemas import DeliveryOut, PeersOut
from national_portal_sync.deliveries.service import DeliveryService

router = APIRouter(prefix="/v1/sync", tags=["sync"], route_class=IdempotentRoute)

Operator = Annotated[Actor, allow(kinds={"staff"}, roles={"operator"}, scope="ops", rows="any")]
StateIn = Annotated[State | None, Query(description="Only those in this state.", examples=["parked"])]
PeerIn = Annotated[
    str | None, Query(max_length=64, description="Only those to this peer.", examples=["dvcqg"])
]


async def get_deliveries(request: Request, db: Db) -> DeliveryService:
    state = request.app.state
    return DeliveryService(db, state.clocks, state.settings.breaker_threshold)


Deliveries = Annotated[DeliveryService, Depends(get_deliveries, scope="function")]


@router.get("/deliveries", summary="List deliveries", responses=responses(MalformedCursor, Invalid))
async def list_deliveries(
    request: Request,
    actor: Operator,
    deliveries: Deliveries,
    state: StateIn = None,
    peer: PeerIn = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[DeliveryOut]:
    """List what peers are told, newest first. For operators."""
    cursors = request.app.state.cursors
    return await deliveries.list_page(cursors, cursor, limit, state=state, peer=peer)


@router.post(
    "/deliveries/{delivery_id}/replay",
    summary="Replay delivery",
    responses=responses(NotFound, IllegalTransition),
)
async def replay_delivery(delivery_id: UUID, actor: Operator, deliveries: Deliveries) -> DeliveryOut:
    """Send a delivery again now, whatever became of it. For operators.

    The dossier is told as it stands when it is sent, so an old delivery never brings back an old status.
    """
    return await deliveries.replay(delivery_id)


@router.get("/peers", summary="List peers")
async def list_sync_peers(actor: Operator, deliveries: Deliveries) -> PeersOut:
    """List the peers with lag, counts and breaker. For operators."""
    return await deliveries.list_peers()
