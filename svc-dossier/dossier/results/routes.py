"""HTTP of results and slips: what the owner and the officers may read and keep."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    InsufficientUserAuthentication,
    Invalid,
    NotFound,
    RoleMissing,
    ScopeMissing,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.schemas import ResponseModel
from dossier.deps import DeskTools, DeskWork
from dossier.desk.table import DESK, LEADER, OFFICER
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.schemas import EXAMPLE_ID, MOMENT
from dossier.results.models import ResultRow
from dossier.results.papers import Papers, StoredSlip

PDF = "application/pdf"
router = APIRouter(tags=["dossiers"], route_class=IdempotentRoute)

Owner = Annotated[Actor, allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own")]
PaperOwner = Annotated[
    Actor,
    allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own", produces=(PDF,)),
]
PaperOfficer = Annotated[
    Actor,
    allow(
        kinds={"staff"},
        roles={DESK, OFFICER, LEADER},
        scope="dossier.work",
        rows="organisation",
        produces=(PDF,),
    ),
]
_REFUSALS = (TokenMissing, TokenInvalid, TokenExpired, RoleMissing, ScopeMissing, Invalid, NotFound)
_OWN = (*_REFUSALS, InsufficientUserAuthentication)


class ResultOut(ResponseModel):
    """One signed paper."""

    id: UUID = Field(description="Id of the paper.", examples=[EXAMPLE_ID])
    code: str = Field(description="National code of the result.", examples=["KQ.G18.000001"])
    kind: Literal["granted", "refused", "published", "revocation"] = Field(
        description="`refused`: a reasoned refusal on the merits, which is a result.", examples=["granted"]
    )
    state: Literal["valid", "replaced", "revoked"] = Field(
        description="Whether it is in force.", examples=["valid"]
    )
    replaces_id: UUID | None = Field(description="Paper that it replaces or revokes.", examples=[None])
    issued_at: AwareDatetime = Field(description="When it was signed; legal time.", examples=[MOMENT])
    organisation: str = Field(description="Who signed it.", examples=["cuc-quan-ly-duoc"])
    signature_level: str = Field(description="PAdES level; `B-T` has a time stamp.", examples=["B-T"])
    sha256: str = Field(description="SHA-256 of the PDF, hexadecimal.", examples=["9f86d081884c7d65"])
    document_url: str = Field(
        description="Where the PDF is.",
        examples=[f"/v1/me/dossiers/{EXAMPLE_ID}/results/{EXAMPLE_ID}/document"],
    )


class ResultsOut(ResponseModel):
    """The signed papers of a dossier."""

    items: list[ResultOut] = Field(description="Oldest first; at most one is `valid`.")


class SlipOut(ResponseModel):
    """One slip of the one-stop mechanism."""

    kind: str = Field(description="Official number of the form, `01` to `05`.", examples=["02"])
    number: int = Field(description="How many of the kind so far; the last is in force.", examples=[1])
    issued_at: AwareDatetime = Field(description="When; legal time.", examples=[MOMENT])
    document_url: str = Field(
        description="Where the PDF is.", examples=[f"/v1/me/dossiers/{EXAMPLE_ID}/slips/02/1"]
    )


class SlipsOut(ResponseModel):
    """The slips of a dossier."""

    items: list[SlipOut] = Field(description="By form and number.")


@router.get(
    "/v1/me/dossiers/{dossier_id}/results",
    operation_id="list_dossier_results",
    summary="List results of dossier",
    responses=responses(*_OWN),
)
async def list_dossier_results(
    dossier_id: UUID, response: Response, actor: Owner, tools: DeskTools, db: Db
) -> ResultsOut:
    """List the signed papers of one's own dossier. For the owner."""
    await OwnDossiers(db, tools.database).require(actor, dossier_id)
    response.headers["cache-control"] = "private, no-cache"
    rows = await Papers(db, tools.vault).results(dossier_id)
    return ResultsOut(items=[_result(row) for row in rows])


@router.get(
    "/v1/me/dossiers/{dossier_id}/results/{result_id}/document",
    operation_id="get_dossier_result_document",
    summary="Get document of result",
    response_class=Response,
    responses={200: {"content": {PDF: {}}, "description": "The signed PDF"}, **responses(*_OWN)},
)
async def get_dossier_result_document(
    dossier_id: UUID, result_id: UUID, actor: PaperOwner, tools: DeskTools, db: Db
) -> Response:
    """Read the signed PDF of one's own result, byte for byte as it was signed. For the owner."""
    await OwnDossiers(db, tools.database).require(actor, dossier_id)
    code, content = await Papers(db, tools.vault).document(dossier_id, result_id)
    return _pdf(content, code)


@router.get(
    "/v1/me/dossiers/{dossier_id}/slips",
    operation_id="list_dossier_slips",
    summary="List slips of dossier",
    responses=responses(*_OWN),
)
async def list_dossier_slips(
    dossier_id: UUID, response: Response, actor: Owner, tools: DeskTools, db: Db
) -> SlipsOut:
    """List the slips that one's own dossier was given. For the owner."""
    await OwnDossiers(db, tools.database).require(actor, dossier_id)
    response.headers["cache-control"] = "private, no-cache"
    slips = await Papers(db, tools.vault).slips(dossier_id)
    return SlipsOut(items=[_slip(dossier_id, slip) for slip in slips])


@router.get(
    "/v1/me/dossiers/{dossier_id}/slips/{kind}/{number}",
    operation_id="get_dossier_slip",
    summary="Get slip of dossier",
    response_class=Response,
    responses={200: {"content": {PDF: {}}, "description": "The slip"}, **responses(*_OWN)},
)
async def get_dossier_slip(
    dossier_id: UUID, kind: str, number: int, actor: PaperOwner, tools: DeskTools, db: Db
) -> Response:
    """Read a slip as it was issued. For the owner."""
    await OwnDossiers(db, tools.database).require(actor, dossier_id)
    return _pdf(await Papers(db, tools.vault).slip(dossier_id, kind, number), f"slip-{kind}-{number}")


@router.get(
    "/v1/dossiers/{dossier_id}/results/{result_id}/document",
    operation_id="get_result_document_for_work",
    summary="Get document of result for work",
    response_class=Response,
    responses={200: {"content": {PDF: {}}, "description": "The signed PDF"}, **responses(*_REFUSALS)},
)
async def get_result_document_for_work(
    dossier_id: UUID, result_id: UUID, actor: PaperOfficer, desk: DeskWork, tools: DeskTools, db: Db
) -> Response:
    """Read the signed PDF of a result of one's organisation; the owner's access log has it. For officers."""
    await desk.get(actor, dossier_id)
    code, content = await Papers(db, tools.vault).document(dossier_id, result_id)
    return _pdf(content, code)


def _pdf(content: bytes, name: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}.pdf"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=PDF, headers=headers)


def _result(row: ResultRow) -> ResultOut:
    return ResultOut.model_validate(
        {
            "id": row.result_id,
            "code": row.code,
            "kind": row.kind,
            "state": row.state,
            "replaces_id": row.replaces_id,
            "issued_at": row.issued_at,
            "organisation": row.signer_organisation,
            "signature_level": row.signature_level,
            "sha256": row.sha256.hex(),
            "document_url": f"/v1/me/dossiers/{row.dossier_id}/results/{row.result_id}/document",
        }
    )


def _slip(dossier_id: UUID, slip: StoredSlip) -> SlipOut:
    return SlipOut(
        kind=slip.kind,
        number=slip.number,
        issued_at=slip.issued_at,
        document_url=f"/v1/me/dossiers/{dossier_id}/slips/{slip.kind}/{slip.number}",
    )
