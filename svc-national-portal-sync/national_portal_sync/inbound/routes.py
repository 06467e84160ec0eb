"""HTTP of what peers hand over, and of the dossier service that fetches it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    BodyTooLarge,
    Invalid,
    MalformedBody,
    NotFound,
    SignatureExpired,
    SignatureInvalid,
    SignatureMissing,
    SignatureReplayed,
    UpstreamUnavailable,
    choose_language,
)
from chassis.http_signatures import verify
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from contracts.portal import InboundDossier
from national_portal_sync.inbound import service
from national_portal_sync.inbound.errors import NothingAccepted
from national_portal_sync.inbound.schemas import (
    InboundDossiersIn,
    InboundStateOut,
    InboundStatusesIn,
    VerdictsOut,
)
from national_portal_sync.inbound.service import InboundService

MAX_BYTES = 20 << 20

router = APIRouter(tags=["portal"], route_class=IdempotentRoute)

Portal = Annotated[Actor, allow(kinds={"system"}, scope="portal.exchange", rows="own")]
Reader = Annotated[Actor, allow(kinds={"service"}, scope="inbound.read", audience="internal", rows="any")]
_SIGNED = (
    SignatureMissing,
    SignatureInvalid,
    SignatureExpired,
    SignatureReplayed,
    UpstreamUnavailable,
    MalformedBody,
    BodyTooLarge,
    Invalid,
    NothingAccepted,
)


async def get_inbound(actor: Portal, request: Request, db: Db) -> InboundService:
    """Return the use cases of the peer that asks."""
    language = choose_language(request.headers.get("accept-language"))
    state = request.app.state
    return InboundService(db, state.clocks, state.cipher, actor.client_id, language)


async def get_signed_inbound(
    inbound: Annotated[InboundService, Depends(get_inbound, scope="function")], request: Request
) -> InboundService:
    """Return the use cases of the peer that signed the request."""
    await verify(
        request,
        await request.body(),
        request.app.state.client_keys,
        client_id=inbound.peer,
        db=inbound.db,
        clocks=inbound.clocks,
    )
    return inbound


Inbound = Annotated[InboundService, Depends(get_inbound, scope="function")]
SignedInbound = Annotated[InboundService, Depends(get_signed_inbound, scope="function")]


@router.post(
    "/v1/portal/dossiers",
    summary="Hand over dossiers",
    responses=responses(*_SIGNED),
    max_body_size=MAX_BYTES,
)
async def hand_over_dossiers(body: InboundDossiersIn, inbound: SignedInbound) -> VerdictsOut:
    """Take dossiers filed at another portal. For portals, signed by RFC 9421.

    Each is taken once per code and version; the same again is `unchanged`, an older one `stale`.
    """
    return await inbound.receive_dossiers(body.items)


@router.post(
    "/v1/portal/dossier-statuses",
    summary="Hand over statuses",
    responses=responses(*_SIGNED),
)
async def hand_over_statuses(body: InboundStatusesIn, inbound: SignedInbound) -> VerdictsOut:
    """Take statuses of dossiers at another portal. For portals, signed by RFC 9421.

    A version that is not newer than what is known overwrites nothing.
    """
    return await inbound.receive_statuses(body.items)


@router.get(
    "/v1/portal/dossiers/{code}", summary="Read handed-over dossier", responses=responses(NotFound, Invalid)
)
async def get_handed_over_dossier(
    code: Annotated[
        str, Path(max_length=64, description="The dossier's code at the peer.", examples=["G01-1"])
    ],
    inbound: Inbound,
) -> InboundStateOut:
    """Answer what is held of a dossier that the asking portal handed over. For portals, their own."""
    return await inbound.get_state(code)


@router.get(
    "/internal/v1/inbound-dossiers/{inbound_id}",
    summary="Get inbound dossier",
    responses=responses(NotFound),
)
async def get_inbound_dossier(inbound_id: UUID, actor: Reader, request: Request, db: Db) -> InboundDossier:
    """Answer a dossier as its peer handed it over. For services with scope `inbound.read`."""
    return await service.get_content(db, request.app.state.cipher, inbound_id)
