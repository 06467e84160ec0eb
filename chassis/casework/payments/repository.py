"""Every query over payments and their notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from casework.payments.models import NoticeResult, PaymentState, PaymentView
from casework.payments.platform import PaymentLine, PaymentNotice
from chassis.ids import new_id

_COLUMNS = (
    "payment_id, case_id, kind, lookup_code, amount_vnd, lines, state, pay_url,"
    " opened_at, expires_at, settled_at"
)


class PaymentRepository:
    """In the caller's session; nothing here commits."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find_open_for_update(self, case_id: UUID, kind: str) -> PaymentView | None:
        return await self._one(
            "case_id = :case_id and kind = :kind and state in ('pending', 'unknown') for update",
            case_id=case_id,
            kind=kind,
        )

    async def find_latest(self, case_id: UUID, kind: str) -> PaymentView | None:
        return await self._one(
            "case_id = :case_id and kind = :kind order by opened_at desc, payment_id desc limit 1",
            case_id=case_id,
            kind=kind,
        )

    async def find_for_update(self, lookup_code: str) -> PaymentView | None:
        return await self._one("lookup_code = :code for update", code=lookup_code)

    async def is_code_taken(self, lookup_code: str) -> bool:
        found = await self._db.execute(
            text("select 1 from payments where lookup_code = :code"), {"code": lookup_code}
        )
        return found.first() is not None

    async def add(self, payment: PaymentView, *, next_question_at: datetime) -> None:
        await self._db.execute(
            text(
                "insert into payments (payment_id, case_id, kind, lookup_code, amount_vnd, lines, state,"
                " pay_url, opened_at, expires_at, next_question_at)"
                " values (:payment_id, :case_id, :kind, :lookup_code, :amount_vnd, cast(:lines as json),"
                " :state, :pay_url, :opened_at, :expires_at, :next_question_at)"
            ),
            {
                "payment_id": payment.payment_id,
                "case_id": payment.case_id,
                "kind": payment.kind,
                "lookup_code": payment.lookup_code,
                "amount_vnd": payment.amount_vnd,
                "lines": orjson.dumps([_line_out(line) for line in payment.lines]).decode(),
                "state": payment.state,
                "pay_url": payment.pay_url,
                "opened_at": payment.opened_at,
                "expires_at": payment.expires_at,
                "next_question_at": next_question_at,
            },
        )

    async def reach(self, payment_id: UUID, pay_url: str) -> None:
        """Write down that the platform has the intent."""
        await self._db.execute(
            text("update payments set state = 'pending', pay_url = :pay_url where payment_id = :payment_id"),
            {"payment_id": payment_id, "pay_url": pay_url},
        )

    async def settle(
        self,
        payment_id: UUID,
        state: PaymentState,
        *,
        settled_at: datetime,
        notice: PaymentNotice | None = None,
    ) -> None:
        """End an open payment; the platform is asked no more."""
        await self._db.execute(
            text(
                "update payments set state = :state, settled_at = :settled_at, next_question_at = null,"
                " paid_vnd = :paid_vnd, platform_reference = :reference where payment_id = :payment_id"
            ),
            {
                "payment_id": payment_id,
                "state": state,
                "settled_at": settled_at,
                "paid_vnd": notice.amount_vnd if notice and notice.result == "paid" else None,
                "reference": notice.reference if notice else None,
            },
        )

    async def add_notice(self, notice: PaymentNotice, result: NoticeResult, *, received_at: datetime) -> None:
        await self._db.execute(
            text(
                "insert into payment_notices (notice_id, payment_id, lookup_code, platform_reference,"
                " amount_vnd, result, outcome, received_at) values (:notice_id, :payment_id, :lookup_code,"
                " :reference, :amount_vnd, :result, :outcome, :received_at)"
            ),
            {
                "notice_id": new_id(),
                "payment_id": result.payment.payment_id if result.payment else None,
                "lookup_code": notice.lookup_code,
                "reference": notice.reference,
                "amount_vnd": notice.amount_vnd,
                "result": notice.result,
                "outcome": result.outcome,
                "received_at": received_at,
            },
        )

    async def is_transaction_known(self, payment_id: UUID, reference: str) -> bool:
        """Return whether this transaction's money has been taken into account."""
        found = await self._db.execute(
            text(
                "select 1 from payment_notices where payment_id = :payment_id"
                " and platform_reference = :reference and result = 'paid' limit 1"
            ),
            {"payment_id": payment_id, "reference": reference},
        )
        return found.first() is not None

    async def claim_due(self, *, now: datetime, limit: int, longest_wait_seconds: int) -> Sequence[str]:
        """Return the codes of payments to ask about now (real time), and put off their next question."""
        rows = await self._db.execute(
            text(
                "update payments set questions = questions + 1,"
                " next_question_at = cast(:now as timestamptz)"
                " + make_interval(secs => least(:longest, 5 * power(2, least(questions, 12))))"
                " where payment_id in (select payment_id from payments where next_question_at <= :now"
                " order by next_question_at limit :limit for update skip locked) returning lookup_code"
            ),
            {"now": now, "limit": limit, "longest": longest_wait_seconds},
        )
        return [row.lookup_code for row in rows]

    async def _one(self, condition: str, **values: Any) -> PaymentView | None:  # Any: bound parameters
        found = await self._db.execute(text(f"select {_COLUMNS} from payments where {condition}"), values)  # noqa: S608
        row = found.first()
        return None if row is None else _view(row)


def _line_out(line: PaymentLine) -> dict[str, str | int]:
    return {"code": line.code, "label": line.label, "amount_vnd": line.amount_vnd}


def _view(row: Row[Any]) -> PaymentView:  # Any: a row of unknown columns
    lines = orjson.loads(row.lines) if isinstance(row.lines, str) else row.lines
    return PaymentView(
        payment_id=row.payment_id,
        case_id=row.case_id,
        kind=row.kind,
        lookup_code=row.lookup_code,
        amount_vnd=row.amount_vnd,
        lines=tuple(PaymentLine(**line) for line in lines),
        state=row.state,
        pay_url=row.pay_url,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
    )
