"""HTTP of `me`."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import (
    Invalid,
    NotFound,
    RoleMissing,
    StaleVersion,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from chassis.etag import not_modified, not_modified_response, require_match
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from identity.deps import Me
from identity.me.schemas import MeIn, MeOut

router = APIRouter(tags=["me"], route_class=IdempotentRoute)

Citizen = Annotated[Actor, allow(kinds={"citizen"}, rows="own")]
_REFUSALS = (TokenMissing, TokenInvalid, TokenExpired, RoleMissing, NotFound)


@router.get(
    "/v1/me",
    operation_id="get_me",
    summary="Get own identity",
    response_model=MeOut,
    responses=responses(*_REFUSALS),
)
async def get_me(request: Request, response: Response, actor: Citizen, me: Me) -> MeOut | Response:
    """Answer who the signed-in citizen is. For citizens, about themselves."""
    out, etag = await me.get(actor)
    if not_modified(request, etag):
        return not_modified_response(etag)
    response.headers.update({"etag": etag, "cache-control": "private, no-cache"})
    return out


@router.patch(
    "/v1/me",
    operation_id="change_me",
    summary="Change own settings",
    response_model=MeOut,
    responses=responses(*_REFUSALS, StaleVersion, Invalid),
)
async def change_me(request: Request, response: Response, body: MeIn, actor: Citizen, me: Me) -> MeOut:
    """Set the language of messages to the citizen. For citizens, about themselves; honours `If-Match`."""
    out, etag = await me.change(actor, body, lambda current: require_match(request, current))
    response.headers.update({"etag": etag, "cache-control": "private, no-cache"})
    return out
