"""HTTP of the access log."""

from typing import Annotated

from fastapi import APIRouter

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import InsufficientUserAuthentication, MalformedCursor, ScopeMissing
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from health_book.access_log.schemas import AccessEntryOut
from health_book.deps import AccessLog, own_citizen_id

router = APIRouter(prefix="/v1/me/access-log", tags=["health-book"])

Owner = Annotated[Actor, allow(kinds={"citizen"}, scope="health.read", acr=2, rows="own")]


@router.get(
    "",
    summary="List access log",
    responses=responses(MalformedCursor, InsufficientUserAuthentication, ScopeMissing),
)
async def list_access_log(
    actor: Owner, access_log: AccessLog, limit: Limit = DEFAULT_LIMIT, cursor: CursorIn = None
) -> Page[AccessEntryOut]:
    """Answer who read or tried to read the citizen's data, newest first. For the citizen."""
    return await access_log.list_entries(own_citizen_id(actor), limit, cursor)
