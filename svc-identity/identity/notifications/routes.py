"""HTTP of the inbox."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import (
    Invalid,
    MalformedCursor,
    NotFound,
    RoleMissing,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    choose_language,
)
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from identity.deps import Notifications, citizen_of
from identity.notifications.schemas import NotificationOut

router = APIRouter(tags=["notifications"], route_class=IdempotentRoute)

Citizen = Annotated[Actor, allow(kinds={"citizen"}, rows="own")]
_REFUSALS = (TokenMissing, TokenInvalid, TokenExpired, RoleMissing, Invalid)


@router.get(
    "/v1/me/notifications",
    operation_id="list_notifications",
    summary="List notifications",
    response_model=Page[NotificationOut],
    responses=responses(*_REFUSALS, MalformedCursor),
)
async def list_notifications(
    request: Request,
    response: Response,
    actor: Citizen,
    notifications: Notifications,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
    unread: Annotated[bool, Query(description="Only those not read yet.", examples=[True])] = False,
) -> Page[NotificationOut]:
    """List the signed-in citizen's inbox, newest first. For citizens, their own."""
    language = choose_language(request.headers.get("accept-language"))
    response.headers.update(
        {"content-language": language, "vary": "Accept-Language", "cache-control": "no-store"}
    )
    return await notifications.list_page(
        citizen_of(actor),
        request.app.state.cursors,
        cursor=cursor,
        limit=limit,
        only_unread=unread,
        language=language,
    )


@router.post(
    "/v1/me/notifications/{notification_id}/read",
    operation_id="mark_notification_read",
    summary="Mark notification read",
    response_model=NotificationOut,
    responses=responses(*_REFUSALS, NotFound),
)
async def mark_notification_read(
    request: Request, response: Response, notification_id: UUID, actor: Citizen, notifications: Notifications
) -> NotificationOut:
    """Note that a notification is read; the first time of reading stays. For citizens, their own."""
    language = choose_language(request.headers.get("accept-language"))
    response.headers.update(
        {"content-language": language, "vary": "Accept-Language", "cache-control": "no-store"}
    )
    return await notifications.mark_read(citizen_of(actor), notification_id, language)
