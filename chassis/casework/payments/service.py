"""Payments of a case: opened at the platform, settled by its notices or by asking, booked in double entry.

Everything happens in the caller's transaction, so that the case moves with its payment or not at all. A
notice may come twice, late, with another amount, or before the payer is back; whatever it says, money that
arrived is in the ledger.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from casework.payments import ledger
from casework.payments.errors import PaymentPlatformRefused
from casework.payments.models import NoticeResult, Outcome, PaymentState, PaymentView
from casework.payments.platform import (
    Intent,
    OutcomeUnknown,
    PaymentLine,
    PaymentNotice,
    PlatformClient,
    PlatformRefused,
)
from casework.payments.repository import PaymentRepository
from chassis.clock import LEGAL_ZONE, Clocks
from chassis.db import Database
from chassis.ids import new_id
from chassis.logging import get_logger

FIRST_QUESTION = timedelta(seconds=20)
FIRST_QUESTION_WHEN_UNKNOWN = timedelta(seconds=2)
LONGEST_WAIT_SECONDS = 600
DEFAULT_WINDOW = timedelta(days=3)
"""How long a payment page stays open, in legal time; no law fixes it."""

Apply = Callable[[AsyncSession, NoticeResult], Awaitable[None]]
"""Moves the case with its payment, in the same transaction."""

log = get_logger(__name__)


class Payments:
    """The payments of a service, in one unit of work."""

    def __init__(
        self,
        db: AsyncSession,
        platform: PlatformClient,
        clocks: Clocks,
        *,
        window: timedelta = DEFAULT_WINDOW,
    ) -> None:
        self._db = db
        self._rows = PaymentRepository(db)
        self._platform = platform
        self._clocks = clocks
        self._window = window

    async def open_intent(
        self,
        *,
        case_id: UUID,
        case_code: str,
        kind: str,
        lines: Sequence[PaymentLine],
        payer_name: str,
        notice_url: str,
        return_url: str,
    ) -> PaymentView:
        """Return the case's open payment of this kind: the one there is, or a new one.

        `kind` names what is paid for (`judicial_record_fee`). The caller holds the case's row, so that two
        requests at once open one payment. A payment with other lines is ended and a new one opened. When it
        is not known whether the platform took the intent, the payment is `unknown`, has no address yet, and
        `settle` asks. Waits for the platform for at most a few seconds.

        Raises:
            PaymentPlatformRefused: the platform takes no such intent; nothing was changed.
        """
        now = self._clocks.legal_now()
        current = await self._rows.find_open_for_update(case_id, kind)
        if current is not None:
            if current.lines == tuple(lines) and current.expires_at > now:
                return current
            await self._end(current, "expired", now)
        code = await self._new_code(case_code, now)
        intent = Intent(code, case_code, kind, tuple(lines), payer_name, notice_url, return_url)
        payment = PaymentView(
            payment_id=new_id(),
            case_id=case_id,
            kind=kind,
            lookup_code=code,
            amount_vnd=intent.amount_vnd,
            lines=tuple(lines),
            state="unknown",
            pay_url=None,
            opened_at=now,
            expires_at=now + self._window,
            settled_at=None,
        )
        wait = FIRST_QUESTION_WHEN_UNKNOWN
        try:
            payment = replace(payment, state="pending", pay_url=await self._platform.open_intent(intent))
            wait = FIRST_QUESTION
        except OutcomeUnknown as reason:
            log.warning("payments.intent_unknown", lookup_code=code, reason=str(reason))
        except PlatformRefused as refusal:
            raise PaymentPlatformRefused(lookup_code=code, reason=str(refusal)) from refusal
        await self._rows.add(payment, next_question_at=self._clocks.real_now() + wait)
        await ledger.post(self._db, payment.payment_id, "charged", ledger.charged(lines), posted_at=now)
        return payment

    async def find(self, case_id: UUID, kind: str) -> PaymentView | None:
        """Return the case's latest payment of this kind."""
        return await self._rows.find_latest(case_id, kind)

    async def cancel(self, case_id: UUID, kind: str) -> PaymentView | None:
        """End the case's open payment: nothing is owed any more, and money that still comes is owed back."""
        current = await self._rows.find_open_for_update(case_id, kind)
        if current is None:
            return None
        return await self._end(current, "expired", self._clocks.legal_now())

    async def record_notice(self, notice: PaymentNotice) -> NoticeResult:
        """Take what the platform says of a payment; the caller has made sure that the platform says it.

        Idempotent by the platform's transaction. Only `confirmed` lets the case go on.
        """
        payment = await self._rows.find_for_update(notice.lookup_code)
        if payment is None:
            log.error("payments.notice_of_unknown_code", lookup_code=notice.lookup_code)
            return NoticeResult("unknown_code", None)
        now = self._clocks.legal_now()
        result = await self._take(payment, notice, now)
        await self._rows.add_notice(notice, result, received_at=self._clocks.real_now())
        log.info("payments.notice", payment_id=str(payment.payment_id), outcome=result.outcome)
        return result

    async def record_absence(self, lookup_code: str) -> NoticeResult:
        """Take that the platform does not know the payment: it can no longer be paid."""
        payment = await self._rows.find_for_update(lookup_code)
        if payment is None or not payment.is_open:
            return NoticeResult("already", payment)
        return NoticeResult("failed", await self._end(payment, "failed", self._clocks.legal_now()))

    async def _take(self, payment: PaymentView, notice: PaymentNotice, now: datetime) -> NoticeResult:
        if notice.result == "pending":
            return await self._take_pending(payment, notice, now)
        if notice.result == "failed":
            if not payment.is_open:
                return NoticeResult("already", payment)
            return NoticeResult("failed", await self._end(payment, "failed", now, notice))
        if await self._rows.is_transaction_known(payment.payment_id, notice.reference):
            return NoticeResult("already", payment)
        if payment.is_open and notice.amount_vnd == payment.amount_vnd:
            await self._rows.settle(payment.payment_id, "confirmed", settled_at=now, notice=notice)
            await self._post(payment, "paid", ledger.paid(notice.amount_vnd), now)
            return NoticeResult("confirmed", replace(payment, state="confirmed", settled_at=now))
        outcome: Outcome = "paid_twice" if payment.state == "confirmed" else "late"
        if payment.is_open:
            outcome = "mismatch"
            payment = await self._end(payment, "mismatched", now, notice)
        await self._post(payment, outcome, ledger.unapplied(notice.amount_vnd), now)
        return NoticeResult(outcome, payment)

    async def _take_pending(self, payment: PaymentView, notice: PaymentNotice, now: datetime) -> NoticeResult:
        if payment.is_open and payment.expires_at <= now:
            return NoticeResult("expired", await self._end(payment, "expired", now))
        if payment.state == "unknown" and notice.pay_url is not None:
            await self._rows.reach(payment.payment_id, notice.pay_url)
            payment = replace(payment, state="pending", pay_url=notice.pay_url)
        return NoticeResult("pending", payment)

    async def _end(
        self,
        payment: PaymentView,
        state: PaymentState,
        now: datetime,
        notice: PaymentNotice | None = None,
    ) -> PaymentView:
        """End an open payment unpaid and take its charge back."""
        await self._rows.settle(payment.payment_id, state, settled_at=now, notice=notice)
        await self._post(payment, state, ledger.uncharged(payment.lines), now)
        return replace(payment, state=state, settled_at=now)

    async def _post(self, payment: PaymentView, reason: str, posting: ledger.Posting, now: datetime) -> None:
        await ledger.post(self._db, payment.payment_id, reason, posting, posted_at=now)

    async def _new_code(self, case_code: str, now: datetime) -> str:
        """Return a code that no payment has: the case's code and this second in Việt Nam, or a later one."""
        second = now.astimezone(LEGAL_ZONE)
        while await self._rows.is_code_taken(code := f"{case_code}{second:%Y%m%d%H%M%S}"):
            second += timedelta(seconds=1)
        return code


async def settle(
    database: Database, platform: PlatformClient, clocks: Clocks, apply: Apply, *, limit: int = 20
) -> int:
    """Ask the platform about payments whose outcome is open, and return how many were settled.

    For a timer, every few seconds. Each payment is a unit of work of its own; the question is asked outside
    of any transaction, and asked again with growing pauses up to ten minutes. Safe to run twice at once.
    """
    async with database.transaction() as db:
        codes = await PaymentRepository(db).claim_due(
            now=clocks.real_now(), limit=limit, longest_wait_seconds=LONGEST_WAIT_SECONDS
        )
    settled = 0
    for code in codes:
        try:
            notice = await platform.find(code)
        except OutcomeUnknown as reason:
            log.warning("payments.question_unanswered", lookup_code=code, reason=str(reason))
            continue
        try:
            async with database.transaction() as db:
                payments = Payments(db, platform, clocks)
                result = await (
                    payments.record_absence(code) if notice is None else payments.record_notice(notice)
                )
                await apply(db, result)
        except Exception:  # whatever it was: this payment is asked about again, the others go on
            log.exception("payments.settling_failed", lookup_code=code)
            continue
        settled += result.outcome not in ("pending", "already")
    return settled
