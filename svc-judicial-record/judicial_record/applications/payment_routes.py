"""HTTP of paying: the applicant opens a payment, the platform says what became of it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field, StringConstraints

from casework.payments.errors import PaymentPlatformRefused
from casework.payments.models import Outcome, PaymentState, PaymentView
from casework.payments.notices import NOTICE_BODY, SignedNotice
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
from chassis.schemas import RequestModel, ResponseModel
from judicial_record.applications.payments import NOTICES_PATH
from judicial_record.applications.routes import REFUSALS
from judicial_record.applications.schemas import EXAMPLE_ID, MOMENT
from judicial_record.deps import PaymentsOfApplications

router = APIRouter(tags=["judicial-record"], route_class=IdempotentRoute)

Payer = Annotated[Actor, allow(kinds={"citizen"}, scope="judicial.apply", acr=2, rows="own")]


class PaymentIn(RequestModel):
    """Where the payer comes back to."""

    return_url: (
        Annotated[str, StringConstraints(pattern=r"^(https?|lienthong)://", max_length=500)] | None
    ) = Field(
        None,
        description="Where the platform sends the payer afterwards; by default this site.",
        examples=["lienthong://callback"],
    )


class PaymentOut(ResponseModel):
    """A payment at the platform."""

    id: UUID = Field(description="Id of the payment.", examples=[EXAMPLE_ID])
    state: PaymentState = Field(
        description="`unknown`: whether the platform has it is being asked.", examples=["pending"]
    )
    amount_vnd: int = Field(description="What is owed, in VND.", examples=[200000])
    lookup_code: str = Field(
        description="Code of the payment at the platform.", examples=["G01-20261123-000000120261123103000"]
    )
    pay_url: str | None = Field(
        description="Page of the platform where it is paid, while it is open.",
        examples=["http://127.0.0.1:8080/sandbox/payments/pay"],
    )
    opened_at: AwareDatetime = Field(description="When it was opened; legal time.", examples=[MOMENT])
    expires_at: AwareDatetime = Field(description="Until when it can be paid.", examples=[MOMENT])
    settled_at: AwareDatetime | None = Field(description="When it ended.", examples=[None])


class NoticeOut(ResponseModel):
    """What a notice did."""

    error_code: Literal[0] = Field(description="0: taken; do not send it again.", examples=[0])
    outcome: Outcome = Field(description="What it did.", examples=["confirmed"])


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
    return _out(await payments.open(db, actor, application_id, body.return_url))


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
    return _out(payment)


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


def _out(payment: PaymentView) -> PaymentOut:
    return PaymentOut(
        id=payment.payment_id,
        state=payment.state,
        amount_vnd=payment.amount_vnd,
        lookup_code=payment.lookup_code,
        pay_url=payment.pay_url if payment.is_open else None,
        opened_at=payment.opened_at,
        expires_at=payment.expires_at,
        settled_at=payment.settled_at,
    )
