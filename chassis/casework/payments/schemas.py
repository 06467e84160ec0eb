"""Wire shapes of paying, the same for every kind of case."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from casework.payments.models import Outcome, PaymentState, PaymentView
from chassis.schemas import RequestModel, ResponseModel

_EXAMPLE_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"
_MOMENT = "2026-11-23T02:15:00Z"


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

    id: UUID = Field(description="Id of the payment.", examples=[_EXAMPLE_ID])
    state: PaymentState = Field(
        description="`unknown`: whether the platform has it is being asked.", examples=["pending"]
    )
    amount_vnd: int = Field(description="What is owed, in VND.", examples=[200_000])
    lookup_code: str = Field(
        description="Code of the payment at the platform.", examples=["G01-20261123-000000120261123103000"]
    )
    pay_url: str | None = Field(
        description="Page of the platform where it is paid, while it is open.",
        examples=["http://127.0.0.1:8080/sandbox/payments/pay"],
    )
    opened_at: AwareDatetime = Field(description="When it was opened; legal time.", examples=[_MOMENT])
    expires_at: AwareDatetime = Field(description="Until when it can be paid.", examples=[_MOMENT])
    settled_at: AwareDatetime | None = Field(description="When it ended.", examples=[None])

    @classmethod
    def of(cls, payment: PaymentView) -> "PaymentOut":
        """Return a payment as its payer sees it: the address only while it can be paid."""
        return cls(
            id=payment.payment_id,
            state=payment.state,
            amount_vnd=payment.amount_vnd,
            lookup_code=payment.lookup_code,
            pay_url=payment.pay_url if payment.is_open else None,
            opened_at=payment.opened_at,
            expires_at=payment.expires_at,
            settled_at=payment.settled_at,
        )


class NoticeOut(ResponseModel):
    """What a notice did."""

    error_code: Literal[0] = Field(description="0: taken; do not send it again.", examples=[0])
    outcome: Outcome = Field(description="What it did.", examples=["confirmed"])
