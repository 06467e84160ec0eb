"""HTTP of the catalogue."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from chassis.access import allow, public
from chassis.auth import Actor
from chassis.errors import Invalid, MalformedCursor, NotFound, RoleMissing, ScopeMissing, StaleVersion
from chassis.etag import not_modified, not_modified_response, require_match
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from dossier.deps import Procedures
from dossier.procedures.schemas import ProcedureIn, ProcedureOut, ProcedureOverviewOut

router = APIRouter(prefix="/v1/procedures", tags=["procedures"], route_class=IdempotentRoute)
portal_router = APIRouter(prefix="/v1/portal/procedures", tags=["portal"])

CatalogueOwner = Annotated[
    Actor, allow(kinds={"staff"}, roles={"catalogue_owner"}, scope="catalogue.write", rows="any")
]
PortalSystem = Annotated[Actor, allow(kinds={"system"}, scope="portal.exchange", rows="any")]
CodeIn = Annotated[
    str,
    Path(pattern=r"^[0-9A-Z][0-9A-Z.-]{0,39}$", description="Code of the procedure.", examples=["1.002088"]),
]
_OPEN = "the catalogue of procedures is public by law"
_CACHED = "public, max-age=60"


@router.get(
    "",
    operation_id="list_procedures",
    summary="Search procedures",
    response_model=Page[ProcedureOverviewOut],
    responses=responses(MalformedCursor, Invalid),
    dependencies=[public(_OPEN)],
)
async def list_procedures(
    request: Request,
    response: Response,
    procedures: Procedures,
    q: Annotated[
        str | None, Query(max_length=200, description="Words, with or without accents.", examples=["my pham"])
    ] = None,
    agency: Annotated[
        str | None, Query(max_length=200, description="Code or name.", examples=["cuc-quan-ly-duoc"])
    ] = None,
    field: Annotated[
        str | None, Query(max_length=200, description="Code or name.", examples=["my-pham"])
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[ProcedureOverviewOut]:
    """List procedures in force whose name, code, agency or field has every word. Open to all."""
    response.headers["cache-control"] = _CACHED
    return await procedures.list_page(
        request.app.state.cursors, q=q, agency=agency, field=field, cursor=cursor, limit=limit
    )


@router.get(
    "/{code}",
    operation_id="get_procedure",
    summary="Read procedure",
    response_model=ProcedureOut,
    responses=responses(NotFound, Invalid),
    dependencies=[public(_OPEN)],
)
async def get_procedure(
    code: CodeIn,
    request: Request,
    response: Response,
    procedures: Procedures,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="A version by its number.", examples=[1])
    ] = None,
) -> ProcedureOut | Response:
    """Answer a procedure as it is in force today, or one version of it. Open to all."""
    out, etag = await procedures.get(code, version)
    if not_modified(request, etag):
        return not_modified_response(etag)
    response.headers.update({"etag": etag, "cache-control": "public, no-cache"})
    return out


@router.put(
    "/{code}",
    operation_id="publish_procedure",
    summary="Publish procedure",
    response_model=ProcedureOut,
    responses=responses(StaleVersion, Invalid, RoleMissing, ScopeMissing)
    | {201: {"model": ProcedureOut, "description": "A procedure that was not there before"}},
)
async def publish_procedure(
    code: CodeIn,
    body: ProcedureIn,
    request: Request,
    response: Response,
    actor: CatalogueOwner,
    procedures: Procedures,
) -> ProcedureOut:
    """Publish a new version, in force from a day on. For the catalogue's owner; honours `If-Match`.

    Dossiers keep the version that they were filed under.
    """
    out, etag, is_new = await procedures.publish(
        code, body, actor.subject, lambda current: require_match(request, current)
    )
    response.headers.update({"etag": etag, "cache-control": "no-store"})
    response.status_code = 201 if is_new else 200
    return out


@portal_router.get(
    "",
    operation_id="list_portal_procedures",
    summary="List procedures for portals",
    response_model=Page[ProcedureOverviewOut],
    responses=responses(MalformedCursor, Invalid, RoleMissing, ScopeMissing),
)
async def list_portal_procedures(
    request: Request,
    response: Response,
    actor: PortalSystem,
    procedures: Procedures,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[ProcedureOverviewOut]:
    """List every procedure in force. For portals' systems, which hand dossiers over by its code."""
    response.headers["cache-control"] = "private, max-age=60"
    return await procedures.list_page(
        request.app.state.cursors, q=None, agency=None, field=None, cursor=cursor, limit=limit
    )
