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
from dossier.deps import PaymentsOfDossiers
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


@router.post(
    "/v1/me/dossiers/{dossier_id}/payments",
    operation_id="open_dossier_payment",
    summary="Open payment of dossier",
    status_code=201,
    responses=responses(NotFound, IllegalTransition, PaymentPlatformRefused, *_REFUSALS),
)
async def open_dossier_payment(
    dossier_id: UUID, actor: Payer, payments: PaymentsOfDossiers, db: Db, body: PaymentIn | None = None
) -> PaymentOut:
    """Open the payment that a dossier waits for, or answer the open one. For its owner."""
    return PaymentOut.of(await payments.open(db, actor, dossier_id, body.return_url if body else None))


@router.get(
    "/v1/me/dossiers/{dossier_id}/payments",
    operation_id="get_dossier_payment",
    summary="Read payment of dossier",
    responses=responses(NotFound, *_REFUSALS),
)
async def get_dossier_payment(
    dossier_id: UUID, response: Response, actor: Payer, payments: PaymentsOfDossiers, db: Db
) -> PaymentOut:
    """Answer the latest payment of a dossier. For its owner."""
    response.headers["cache-control"] = "private, no-cache"
    return PaymentOut.of(await payments.get(db, actor, dossier_id))


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
) -> NoticeOut:
    """Settle a payment by the platform's word. For the payment platform, by its signature.

    The same notice may come twice; another amount, a payment that has ended and a second payment are booked
    as owed back and settle nothing.
    """
    result = await payments.record_notice(db, notice)
    return NoticeOut(error_code=0, outcome=result.outcome)
