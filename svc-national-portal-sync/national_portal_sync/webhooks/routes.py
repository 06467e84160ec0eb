"""HTTP of webhook endpoints, for the systems of provinces."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import IllegalTransition, Invalid, MalformedCursor, NotFound
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from national_portal_sync.deliveries.routes import Deliveries, StateIn
from national_portal_sync.deliveries.schemas import DeliveryOut
from national_portal_sync.webhooks.errors import TooManyEndpoints, WebhookUrlRefused
from national_portal_sync.webhooks.schemas import (
    EndpointIn,
    EndpointOut,
    EndpointSecretOut,
    PingOut,
    RotationIn,
)
from national_portal_sync.webhooks.service import WebhookService

router = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhooks"], route_class=IdempotentRoute)

Owner = Annotated[Actor, allow(kinds={"system"}, scope="webhooks.manage", rows="own")]


async def get_webhooks(actor: Owner, request: Request, db: Db) -> WebhookService:
    """Return the use cases of the client that asks."""
    state = request.app.state
    return WebhookService(
        db, state.clocks, state.cipher, state.guard, actor.client_id, actor.organisation or ""
    )


Webhooks = Annotated[WebhookService, Depends(get_webhooks, scope="function")]


@router.get("", summary="List webhook endpoints", responses=responses(MalformedCursor, Invalid))
async def list_webhook_endpoints(
    request: Request, webhooks: Webhooks, limit: Limit = DEFAULT_LIMIT, cursor: CursorIn = None
) -> Page[EndpointOut]:
    """List the client's endpoints, newest first. For provinces' systems, their own."""
    return await webhooks.list_page(request.app.state.cursors, cursor, limit)


@router.post(
    "",
    status_code=201,
    summary="Add webhook endpoint",
    responses=responses(Invalid, WebhookUrlRefused, TooManyEndpoints),
)
async def add_webhook_endpoint(body: EndpointIn, webhooks: Webhooks) -> EndpointSecretOut:
    """Ask to be told of dossiers at an address; answers the secret once. For provinces' systems."""
    return await webhooks.add(body.url, body.description)


@router.get("/{endpoint_id}", summary="Read webhook endpoint", responses=responses(NotFound))
async def get_webhook_endpoint(endpoint_id: UUID, webhooks: Webhooks) -> EndpointOut:
    """Read an endpoint. For provinces' systems, their own."""
    return await webhooks.get(endpoint_id)


@router.delete(
    "/{endpoint_id}", status_code=204, summary="Delete webhook endpoint", responses=responses(NotFound)
)
async def delete_webhook_endpoint(endpoint_id: UUID, webhooks: Webhooks) -> None:
    """Close an endpoint for good. For provinces' systems, their own."""
    await webhooks.delete(endpoint_id)


@router.post("/{endpoint_id}/activation", summary="Activate webhook endpoint", responses=responses(NotFound))
async def activate_webhook_endpoint(endpoint_id: UUID, webhooks: Webhooks) -> EndpointOut:
    """Open an endpoint again that answered 410. For provinces' systems, their own."""
    return await webhooks.activate(endpoint_id)


@router.post(
    "/{endpoint_id}/secret-rotations",
    status_code=201,
    summary="Rotate webhook secret",
    responses=responses(NotFound, Invalid),
)
async def rotate_webhook_secret(endpoint_id: UUID, body: RotationIn, webhooks: Webhooks) -> EndpointSecretOut:
    """Make a new secret; the one in use signs beside it until the overlap ends. For provinces' systems."""
    return await webhooks.rotate(endpoint_id, body.overlap_seconds)


@router.post(
    "/{endpoint_id}/pings",
    status_code=202,
    summary="Ping webhook endpoint",
    responses=responses(NotFound, IllegalTransition),
)
async def ping_webhook_endpoint(endpoint_id: UUID, request: Request, webhooks: Webhooks) -> PingOut:
    """Send a test message. For provinces' systems, their own endpoints."""
    return await webhooks.ping(endpoint_id, request.app.state.settings.public_url)


@router.get(
    "/{endpoint_id}/deliveries",
    summary="List webhook deliveries",
    responses=responses(NotFound, MalformedCursor, Invalid),
)
async def list_webhook_deliveries(
    endpoint_id: UUID,
    request: Request,
    webhooks: Webhooks,
    deliveries: Deliveries,
    state: StateIn = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[DeliveryOut]:
    """List the messages of an endpoint, newest first. For provinces' systems, their own endpoints."""
    peer = await webhooks.require_own(endpoint_id)
    return await deliveries.list_page(request.app.state.cursors, cursor, limit, state=state, peer=peer)


@router.post(
    "/{endpoint_id}/deliveries/{delivery_id}/replay",
    summary="Replay webhook delivery",
    responses=responses(NotFound, IllegalTransition),
)
async def replay_webhook_delivery(
    endpoint_id: UUID, delivery_id: UUID, webhooks: Webhooks, deliveries: Deliveries
) -> DeliveryOut:
    """Send a message again, under the id it had. For provinces' systems, their own endpoints."""
    peer = await webhooks.require_own(endpoint_id)
    return await deliveries.replay(delivery_id, peer=peer)
