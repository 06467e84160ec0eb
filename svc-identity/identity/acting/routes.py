"""HTTP of acting: for whom one may act. The token itself comes from the token endpoint."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.errors import RoleMissing, TokenExpired, TokenInvalid, TokenMissing
from chassis.openapi import responses
from identity.acting.schemas import ActingForOut, PrincipalOut
from identity.acting.service import Principal
from identity.deps import Acting, citizen_of

router = APIRouter(tags=["me"])

Citizen = Annotated[Actor, allow(kinds={"citizen"}, rows="own")]


@router.get(
    "/v1/me/acting-for",
    operation_id="list_acting_for",
    summary="List who the citizen acts for",
    responses=responses(TokenMissing, TokenInvalid, TokenExpired, RoleMissing),
)
async def list_acting_for(actor: Citizen, acting: Acting, response: Response) -> ActingForOut:
    """Answer the children and companies for whom the signed-in citizen may act today.

    For citizens. Exchange the token at `/oauth2/token` with an `id` as `requested_subject` (RFC 8693).
    """
    found, is_complete = await acting.list_principals(actor, citizen_of(actor))
    response.headers["cache-control"] = "private, no-store"
    return ActingForOut(items=[_out(one) for one in found], is_complete=is_complete)


def _out(one: Principal) -> PrincipalOut:
    return PrincipalOut(
        id=one.id,
        kind=one.kind,
        name=one.name,
        born_on=one.born_on,
        tax_code=one.organisation,
        basis=one.basis,
        scopes=sorted(one.scopes),
    )
