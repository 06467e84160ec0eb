"""HTTP of supplement: what is asked, and the answer of the applicant or of the counter."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    IllegalTransition,
    InsufficientUserAuthentication,
    Invalid,
    MalformedBody,
    NotFound,
    RoleMissing,
    ScopeMissing,
    StaleVersion,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from chassis.etag import etag_of, require_match
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.schemas import RequestModel, ResponseModel
from dossier.deps import DeskTools, DeskWork
from dossier.desk.case import Case, load_case
from dossier.desk.errors import ConditionNotMet
from dossier.desk.schemas import DossierWorkOut, RoundOut
from dossier.desk.table import DESK
from dossier.desk.view import round_out
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.schemas import EXAMPLE_ID, StatusOut
from dossier.dossiers.status import status_out
from dossier.supplements.answers import Answers

router = APIRouter(tags=["dossiers"], route_class=IdempotentRoute)

Applicant = Annotated[Actor, allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own")]
Counter = Annotated[Actor, allow(kinds={"staff"}, roles={DESK}, scope="dossier.work", rows="organisation")]
_REFUSALS = (TokenMissing, TokenInvalid, TokenExpired, RoleMissing, ScopeMissing, Invalid)


class SupplementIn(RequestModel):
    """An answer. Files are put into their slots before it."""

    form: dict[str, Any] | None = Field(  # Any: checked by the procedure's schema
        None,
        description="Merge patch (RFC 7396) of the electronic form.",
        examples=[{"product_name": "Kem dưỡng da"}],
    )
    note: Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"\S")] | None = Field(
        None, description="Explanation.", examples=["Đã bổ sung bản công bố có chữ ký."]
    )


class SupplementsOut(ResponseModel):
    """What a dossier was asked to bring."""

    id: UUID = Field(description="The dossier.", examples=[EXAMPLE_ID])
    version: int = Field(description="Its version.", examples=[4])
    status: StatusOut = Field(description="Where it stands.")
    deadline: dict[str, Any] | None = Field(  # Any: casework's document of a deadline
        description="When the result is due now, and how that was counted.", examples=[None]
    )
    items: list[RoundOut] = Field(description="Rounds, oldest first.")


@router.get(
    "/v1/me/dossiers/{dossier_id}/supplements",
    operation_id="list_dossier_supplements",
    summary="List supplements of dossier",
    responses=responses(*_REFUSALS, InsufficientUserAuthentication, NotFound),
)
async def list_dossier_supplements(
    dossier_id: UUID, response: Response, actor: Applicant, tools: DeskTools, db: Db
) -> SupplementsOut:
    """List what one was asked to bring, until when, and by which rule. For the owner."""
    dossier = await OwnDossiers(db, tools.database).require(actor, dossier_id)
    response.headers["cache-control"] = "private, no-cache"
    return _out(await load_case(db, dossier, tools.rules, tools.vault))


@router.post(
    "/v1/me/dossiers/{dossier_id}/supplements",
    operation_id="answer_supplement",
    summary="Answer supplement request",
    responses=responses(
        *_REFUSALS,
        InsufficientUserAuthentication,
        MalformedBody,
        NotFound,
        StaleVersion,
        IllegalTransition,
        ConditionNotMet,
    ),
)
async def answer_supplement(
    request: Request,
    response: Response,
    dossier_id: UUID,
    body: SupplementIn,
    actor: Applicant,
    tools: DeskTools,
    db: Db,
) -> SupplementsOut:
    """Answer the open request for supplement; processing goes on. For the owner."""
    dossier = await OwnDossiers(db, tools.database).require(actor, dossier_id, for_update=True)
    require_match(request, etag_of(dossier.version))
    case = await Answers(db, tools).answer(actor, dossier, body.form, body.note)
    response.headers["etag"] = etag_of(case.dossier.version)
    return _out(case)


@router.post(
    "/v1/dossiers/{dossier_id}/supplements",
    operation_id="take_supplement_at_counter",
    summary="Take supplement at counter",
    responses=responses(
        *_REFUSALS, MalformedBody, NotFound, StaleVersion, IllegalTransition, ConditionNotMet
    ),
)
async def take_supplement_at_counter(
    request: Request, response: Response, dossier_id: UUID, body: SupplementIn, actor: Counter, desk: DeskWork
) -> DossierWorkOut:
    """Take the answer of who brings it to the counter or sends it by post. For the receiving desk."""
    shown, etag = await desk.take_answer(actor, dossier_id, body.form, body.note, request)
    response.headers["etag"] = etag
    return shown


def _out(case: Case) -> SupplementsOut:
    return SupplementsOut(
        id=case.dossier.dossier_id,
        version=case.dossier.version,
        status=status_out(case.dossier.status),
        deadline=case.dossier.deadline,
        items=[round_out(row, case.rule) for row in case.rounds],
    )
