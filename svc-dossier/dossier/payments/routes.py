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
    InsufficientUserAuthentication,
    Invalid,
    MalformedBody,
    NotFound,
    RoleMissing,
    ScopeMissing,
    SignatureExpired,
    SignatureInvalid,
    SignatureMissing,
    SignatureReplayed,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from chassis.idempotency import NONE, IdempotentRoute
from chassis.openapi import responses
from chassis.schemas import RequestModel, ResponseModel
from dossier.deps import PaymentsOfDossiers
from dossier.dossiers.schemas import EXAMPLE_ID, MOMENT
from dossier.payments.service import NOTICES_PATH

router = APIRouter(tags=["dossiers"], route_class=IdempotentRoute)

Payer = Annotated[Actor, allow(kinds={"citizen", "company"}, scope="dossier.file", rows="own")]
_REFUSALS = (
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    RoleMissing,
    ScopeMissing,
    InsufficientUserAuthentication,
    Invalid,
)


class PaymentIn(RequestModel):
    """Where the payer comes back to."""

    return_url: (
        Annotated[str, StringConstraints(pattern=r"^(https?|lienthong)://", max_length=500)] | None
    ) = Field(
        None,
        description="Where the platform sends the payer afterwards; by default this site.",
        examples=["lienthong://callback"],
    )


class DossierPaymentOut(ResponseModel):
    """A payment at the platform."""

    id: UUID = Field(description="Id of the payment.", examples=[EXAMPLE_ID])
    state: PaymentState = Field(
        description="`unknown`: whether the platform has it is being asked.", examples=["pending"]
    )
    amount_vnd: int = Field(description="What is owed, in VND.", examples=[500_000])
    lookup_code: str = Field(
        description="Code of the payment at the platform.", examples=["G18-20261123-000000120261123103000"]
    )
    pay_url: str | None = Field(
        description="Page of the platform where it is paid, while it is open.",
        examples=["http://127.0.0.1:8080/sandbox/payments/pay"],
    )
    opened_at: AwareDatetime = Field(description="When it was opened; legal time.", examples=[MOMENT])
    expires_at: AwareDatetime = Field(description="Until when it can be paid.", examples=[MOMENT])
    settled_at: AwareDatetime | None = Field(description="When it ended.", examples=[None])


class DossierPaymentNoticeOut(ResponseModel):
    """What a notice did."""

    error_code: Literal[0] = Field(description="0: taken; do not send it again.", examples=[0])
    outcome: Outcome = Field(description="What it did.", examples=["confirmed"])


@router.post(
    "/v1/me/dossiers/{dossier_id}/payments",
    operation_id="open_dossier_payment",
    summary="Open payment of dossier",
    status_code=201,
    responses=responses(NotFound, IllegalTransition, PaymentPlatformRefused, *_REFUSALS),
)
async def open_dossier_payment(
    dossier_id: UUID, actor: Payer, payments: PaymentsOfDossiers, db: Db, body: PaymentIn | None = None
) -> DossierPaymentOut:
    """Open the payment that a dossier waits for, or answer the open one. For its owner."""
    return _out(await payments.open(db, actor, dossier_id, body.return_url if body else None))


@router.get(
    "/v1/me/dossiers/{dossier_id}/payments",
    operation_id="get_dossier_payment",
    summary="Read payment of dossier",
    responses=responses(NotFound, *_REFUSALS),
)
async def get_dossier_payment(
    dossier_id: UUID, response: Response, actor: Payer, payments: PaymentsOfDossiers, db: Db
) -> DossierPaymentOut:
    """Answer the latest payment of a dossier. For its owner."""
    response.headers["cache-control"] = "private, no-cache"
    return _out(await payments.get(db, actor, dossier_id))


@router.post(
    NOTICES_PATH,
    operation_id="take_dossier_payment_notice",
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
async def take_dossier_payment_notice(
    notice: SignedNotice, payments: PaymentsOfDossiers, db: Db
) -> DossierPaymentNoticeOut:
    """Settle a payment by the platform's word. For the payment platform, by its signature.

    The same notice may come twice; another amount, a payment that has ended and a second payment are booked
    as owed back and settle nothing.
    """
    result = await payments.record_notice(db, notice)
    return DossierPaymentNoticeOut(error_code=0, outcome=result.outcome)


def _out(payment: PaymentView) -> DossierPaymentOut:
    return DossierPaymentOut(
        id=payment.payment_id,
        state=payment.state,
        amount_vnd=payment.amount_vnd,
        lookup_code=payment.lookup_code,
        pay_url=payment.pay_url if payment.is_open else None,
        opened_at=payment.opened_at,
        expires_at=payment.expires_at,
        settled_at=payment.settled_at,
    )
