"""HTTP of a person's own applications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import allow
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    AlreadyOpen,
    IllegalTransition,
    InsufficientUserAuthentication,
    Invalid,
    MalformedCursor,
    NotFound,
    RoleMissing,
    ScopeMissing,
    StaleVersion,
    UpstreamUnavailable,
)
from chassis.etag import etag_of, not_modified, not_modified_response, require_match
from chassis.idempotency import IdempotentRoute
from chassis.openapi import responses
from chassis.paging import DEFAULT_LIMIT, CursorIn, Limit, Page
from judicial_record.applications.errors import ActingForAnother, PersonNotConfirmed, UnderAge
from judicial_record.applications.schemas import (
    ApplicationIn,
    ApplicationOut,
    ApplicationOverviewOut,
    SupplementIn,
    WithdrawalIn,
)
from judicial_record.deps import Applications, PaymentsOfApplications

router = APIRouter(
    prefix="/v1/me/judicial-record-applications", tags=["judicial-record"], route_class=IdempotentRoute
)

Applicant = Annotated[Actor, allow(kinds={"citizen"}, scope="judicial.apply", acr=2, rows="own")]
REFUSALS = (InsufficientUserAuthentication, ScopeMissing, RoleMissing, ActingForAnother)


@router.post(
    "",
    status_code=201,
    summary="Apply for certificate",
    responses=responses(
        AlreadyOpen,
        PersonNotConfirmed,
        UnderAge,
        Invalid,
        UpstreamUnavailable,
        *REFUSALS,
    ),
)
async def apply_for_certificate(
    body: ApplicationIn, response: Response, actor: Applicant, applications: Applications, db: Db
) -> ApplicationOut:
    """Make an application for oneself and say what it costs and why.

    For citizens of 16 and older at level 2, one open application per form. With nothing to pay it is
    submitted at once.
    """
    made = await applications.apply(db, actor, body)
    response.headers["location"] = f"{router.prefix}/{made.id}"
    return _tagged(response, made)


@router.get(
    "",
    summary="List own applications",
    responses=responses(MalformedCursor, *REFUSALS),
)
async def list_judicial_record_applications(
    response: Response,
    actor: Applicant,
    applications: Applications,
    db: Db,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorIn = None,
) -> Page[ApplicationOverviewOut]:
    """Answer a page of the person's applications, newest first. For the applicant."""
    response.headers["cache-control"] = "private, no-cache"
    return await applications.list_own(db, actor, limit, cursor)


@router.get(
    "/{application_id}",
    summary="Read own application",
    response_model=ApplicationOut,
    responses=responses(NotFound, *REFUSALS),
)
async def get_judicial_record_application(
    application_id: UUID,
    request: Request,
    response: Response,
    actor: Applicant,
    applications: Applications,
    db: Db,
) -> ApplicationOut | Response:
    """Answer an application with its fee, its deadline as it was counted, its history and what comes next.

    For the applicant; anybody else's is answered as if it were not there.
    """
    found = await applications.get_own(db, actor, application_id)
    if not_modified(request, _etag(found)):
        return not_modified_response(_etag(found))
    return _tagged(response, found)


@router.post(
    "/{application_id}/withdrawal",
    summary="Withdraw application",
    responses=responses(NotFound, IllegalTransition, StaleVersion, *REFUSALS),
)
async def withdraw_judicial_record_application(
    application_id: UUID,
    body: WithdrawalIn,
    request: Request,
    response: Response,
    actor: Applicant,
    applications: Applications,
    payments: PaymentsOfApplications,
    db: Db,
) -> ApplicationOut:
    """End an application before its certificate is issued, paid or not. For the applicant.

    A payment that still comes in is booked as owed back.
    """
    await applications.require_own(db, actor, application_id)
    await payments.cancel(db, application_id)
    row = await applications.require_own(db, actor, application_id, for_update=True)
    require_match(request, etag_of(row.version))
    return _tagged(response, await applications.withdraw(db, row, body))


@router.post(
    "/{application_id}/supplements",
    status_code=201,
    summary="Add to application",
    responses=responses(NotFound, IllegalTransition, StaleVersion, *REFUSALS),
)
async def supplement_judicial_record_application(
    application_id: UUID,
    body: SupplementIn,
    request: Request,
    response: Response,
    actor: Applicant,
    applications: Applications,
    db: Db,
) -> ApplicationOut:
    """Add what the office asked for; its clock goes on from now. For the applicant, where asked."""
    row = await applications.require_own(db, actor, application_id, for_update=True)
    require_match(request, etag_of(row.version))
    return _tagged(response, await applications.supplement(db, row, body))


def _etag(shown: ApplicationOut) -> str:
    """Return the tag of what is shown: the version, which the end of a certificate does not count up."""
    certificate = shown.certificate
    has_ended = certificate is not None and certificate.status != "valid"
    return etag_of(f"{shown.version}.ended" if has_ended else shown.version)


def _tagged(response: Response, shown: ApplicationOut) -> ApplicationOut:
    response.headers.update({"etag": _etag(shown), "cache-control": "private, no-cache"})
    return shown
