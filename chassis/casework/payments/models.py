"""What a payment is to those who read it, and what a notice did to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from casework.payments.platform import PaymentLine

PaymentState = Literal["pending", "unknown", "confirmed", "failed", "expired", "mismatched"]
"""`unknown`: whether the platform has the intent is not known yet; the timer asks. The last four end it."""

Outcome = Literal[
    "confirmed", "already", "mismatch", "late", "paid_twice", "failed", "pending", "expired", "unknown_code"
]
"""What a notice or an answer did: `confirmed` settled the payment now, `already` had done so before;
`mismatch`, `late` and `paid_twice` took money that settles nothing and is owed back; `failed` and `expired`
ended the payment unpaid; `pending` and `unknown_code` changed nothing."""

OPEN: frozenset[PaymentState] = frozenset({"pending", "unknown"})


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment. Instants are legal time in UTC; `pay_url` is None until the platform has given it."""

    payment_id: UUID
    case_id: UUID
    kind: str
    lookup_code: str
    amount_vnd: int
    lines: tuple[PaymentLine, ...]
    state: PaymentState
    pay_url: str | None
    opened_at: datetime
    expires_at: datetime
    settled_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def document(self) -> dict[str, Any]:
        """Return the payment as every API shows it, ready for JSON."""
        return {
            "id": str(self.payment_id),
            "state": self.state,
            "amount_vnd": self.amount_vnd,
            "lines": [
                {"code": line.code, "label": line.label, "amount_vnd": line.amount_vnd} for line in self.lines
            ],
            "lookup_code": self.lookup_code,
            "pay_url": self.pay_url if self.is_open else None,
            "opened_at": self.opened_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "settled_at": self.settled_at.isoformat() if self.settled_at else None,
        }


@dataclass(frozen=True, slots=True)
class NoticeResult:
    """What a notice did. `payment` is the payment afterwards, None when nobody knows the code."""

    outcome: Outcome
    payment: PaymentView | None
