"""HTTP of paying: the applicant opens a payment, the platform says what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from casework.payments.errors import PaymentPlatformRefused
from casework.payments.notices import NOTICE_BODY, SignedNotice
from casework.payments.schemas import NoticeOut, PaymentIn, PaymentOut
from chassis.access import allow, public
from chassis.auth import Actor
from chassis.db import Db
from chassis.errors import (
    IllegalTransition,
    Invalid,
    MalformedBody,
    NotFound,
    SignatureExpired,
    SignatureInvalid,
    SignatureMissing,
    SignatureReplayed,
)
from chassis.idempotency import NONE, IdempotentRoute
from chassis.openapi import responses
from judicial_record.applications.payments import NOTICES_PATH
from judicial_record.applications.routes import REFUSALS
from judicial_record.deps import PaymentsOfApplications

router = APIRouter(tags=["judicial-record"], route_class=IdempotentRoute)

Payer = Annotated[Actor, allow(kinds={"citizen"}, scope="judicial.apply", acr=2, rows="own")]


@router.post(
    "/v1/me/judicial-record-applications/{application_id}/payments",
    status_code=201,
    summary="Open payment of application",
    responses=responses(NotFound, IllegalTransition, PaymentPlatformRefused, *REFUSALS),
)
async def open_judicial_record_payment(
    application_id: UUID, body: PaymentIn, actor: Payer, payments: PaymentsOfApplications, db: Db
) -> PaymentOut:
    """Open the payment of an application at the platform, or answer the open one. For the applicant."""
    return PaymentOut.of(await payments.open(db, actor, application_id, body.return_url))


@router.get(
    "/v1/me/judicial-record-applications/{application_id}/payments",
    summary="Read payment of application",
    responses=responses(NotFound, *REFUSALS),
)
async def get_judicial_record_payment(
    application_id: UUID, response: Response, actor: Payer, payments: PaymentsOfApplications, db: Db
) -> PaymentOut:
    """Answer the latest payment of an application. For the applicant."""
    response.headers["cache-control"] = "private, no-cache"
    payment = await payments.get(db, actor, application_id)
    return PaymentOut.of(payment)


@router.post(
    NOTICES_PATH,
    summary="Take notice of payment platform",
    openapi_extra={**NOTICE_BODY, **NONE},
    dependencies=[public("signed by the payment platform (RFC 9421)")],
    responses=responses(
        MalformedBody,
        Invalid,
        NotFound,
        SignatureMissing,
        SignatureInvalid,
        SignatureExpired,
        SignatureReplayed,
    ),
)
async def take_judicial_record_payment_notice(
    notice: SignedNotice, payments: PaymentsOfApplications, db: Db
) -> NoticeOut:
    """Settle a payment by the platform's word. For the payment platform, by its signature.

    The same notice may come twice; another amount, a payment that has ended and a second payment are booked
    as owed back and settle nothing.
    """
    result = await payments.record_notice(db, notice)
    return NoticeOut(error_code=0, outcome=result.outcome)
