"""Payments: opened, told of, asked about, and booked so that the ledger balances."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from casework.payments import (
    NoticeResult,
    PaymentLine,
    PaymentNotice,
    PaymentPlatformRefused,
    Payments,
    PaymentView,
    PlatformClient,
    ledger,
    settle,
)
from chassis.clock import Clocks
from chassis.db import Database
from chassis.ids import new_id

AT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)  # 10:30 in Việt Nam
LINES = (PaymentLine("fee", "Phí cung cấp thông tin", 200_000), PaymentLine("copies", "Bản thêm", 10_000))
OWED = 210_000


@dataclass
class Platform:
    """The platform's side of the wire: answers as told and remembers what it was asked."""

    intents: dict[str, dict[str, object]] = field(default_factory=dict)
    failing: int = 0
    cutting: int = 0
    refusing: bool = False
    status: int = 1
    paid_vnd: int = 0
    answers_for: dict[str, str] = field(default_factory=dict)

    def client(self) -> PlatformClient:
        return PlatformClient(
            httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer)),
            "http://platform/sandbox/payments",
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.failing:
            self.failing -= 1
            return httpx2.Response(503, json={"error": "down"})
        if request.method == "POST":
            asked = __import__("json").loads(request.content)
            if self.refusing:
                return httpx2.Response(200, json={"error_code": -1, "message": "no such service"})
            self.intents[asked["MaTraCuuTT"]] = asked
            answer: dict[str, object] = {"error_code": 0, "UrlThanhToan": f"/pay/{asked['MaTraCuuTT']}"}
        else:
            answer = self._state(request.url.path.rsplit("/", 1)[1])
        if self.cutting:
            self.cutting -= 1
            return httpx2.Response(200, content=httpx2.Response(200, json=answer).content[:20])
        return httpx2.Response(200, json=answer)

    def _state(self, code: str) -> dict[str, object]:
        code = self.answers_for.get(code, code)
        if code not in self.intents:
            return {"error_code": -2, "MaTraCuuTT": code}
        return {
            "error_code": self.status,
            "MaTraCuuTT": code,
            "MaGiaoDich": "SBX-1",
            "SoTien": self.paid_vnd,
            "UrlThanhToan": f"/pay/{code}",
        }


class Desk:
    """A service's view of payments, one unit of work at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.platform = Platform()
        self.now = AT
        self.case_id = new_id()
        self.seen: list[NoticeResult] = []
        self.cannot_apply = 0

    @asynccontextmanager
    async def payments(self) -> AsyncIterator[Payments]:
        async with self.database.transaction() as db:
            yield Payments(db, self.platform.client(), Clocks.fixed(self.now))

    async def open(self, lines: tuple[PaymentLine, ...] = LINES, case_id: UUID | None = None) -> PaymentView:
        async with self.payments() as payments:
            return await payments.open_intent(
                case_id=case_id or self.case_id,
                case_code="G18-20261123-0000001",
                kind="fee",
                lines=lines,
                payer_name="Nguyễn Văn An",
                notice_url="http://us/notices",
                return_url="http://us/back",
            )

    async def tell(self, code: str, amount: int = OWED, result: int = 0, reference: str = "SBX-1") -> str:
        notice = PaymentNotice(
            lookup_code=code, reference=reference, amount_vnd=amount, error_code=result, pay_url=None
        )
        async with self.payments() as payments:
            return (await payments.record_notice(notice)).outcome

    async def settle(self) -> int:
        async def apply(_: object, result: NoticeResult) -> None:
            if self.cannot_apply:
                self.cannot_apply -= 1
                raise RuntimeError
            self.seen.append(result)

        return await settle(self.database, self.platform.client(), Clocks.fixed(self.now), apply)

    async def state(self) -> str:
        async with self.payments() as payments:
            found = await payments.find(self.case_id, "fee")
            assert found is not None
            return found.state

    async def balances(self) -> dict[str, int]:
        async with self.database.transaction() as db:
            found = await ledger.balances(db)
            uneven = await db.execute(
                text("select posting_id from ledger_entries group by 1 having sum(amount_vnd) <> 0")
            )
            assert uneven.all() == []
        assert sum(found.values()) == 0
        return {account: amount for account, amount in found.items() if amount}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_intent_carries_code_of_case_and_second(desk: Desk) -> None:
    payment = await desk.open()
    assert payment.lookup_code == "G18-20261123-000000120261123103000"
    assert payment.state == "pending"
    assert payment.amount_vnd == OWED
    assert payment.pay_url == f"/pay/{payment.lookup_code}"
    asked = desk.platform.intents[payment.lookup_code]
    assert asked["SoTien"] == sum(row["SoTien"] for row in asked["DSKhoanNop"])  # type: ignore[index, attr-defined]
    assert await desk.balances() == {"receivable": OWED, "fee:fee": -200_000, "fee:copies": -10_000}


async def test_open_intent_is_given_again(desk: Desk) -> None:
    assert await desk.open() == await desk.open()
    assert len(desk.platform.intents) == 1


async def test_changed_fee_ends_the_old_intent_and_two_in_one_second_differ(desk: Desk) -> None:
    first = await desk.open()
    second = await desk.open(LINES[:1])
    assert second.lookup_code == "G18-20261123-000000120261123103001"
    assert await desk.balances() == {"receivable": 200_000, "fee:fee": -200_000}
    assert await desk.tell(first.lookup_code) == "late"
    assert (await desk.balances())["unapplied"] == -OWED


async def test_notice_confirms_once(desk: Desk) -> None:
    payment = await desk.open()
    assert await desk.tell(payment.lookup_code) == "confirmed"
    assert await desk.tell(payment.lookup_code) == "already"
    assert await desk.state() == "confirmed"
    assert await desk.balances() == {"platform": OWED, "fee:fee": -200_000, "fee:copies": -10_000}


async def test_second_transaction_is_money_owed_back(desk: Desk) -> None:
    payment = await desk.open()
    await desk.tell(payment.lookup_code)
    assert await desk.tell(payment.lookup_code, reference="SBX-2") == "paid_twice"
    assert await desk.tell(payment.lookup_code, reference="SBX-2") == "already"
    assert (await desk.balances())["unapplied"] == -OWED


@pytest.mark.parametrize("amount", [0, 1, OWED - 1, OWED + 1])
async def test_other_amount_settles_nothing(desk: Desk, amount: int) -> None:
    payment = await desk.open()
    assert await desk.tell(payment.lookup_code, amount) == "mismatch"
    assert await desk.tell(payment.lookup_code, amount) == "already"
    assert await desk.state() == "mismatched"
    assert await desk.balances() == ({"platform": amount, "unapplied": -amount} if amount else {})


async def test_failed_payment_can_be_tried_again(desk: Desk) -> None:
    payment = await desk.open()
    assert await desk.tell(payment.lookup_code, 0, -1) == "failed"
    assert await desk.balances() == {}
    again = await desk.open()
    assert again.lookup_code != payment.lookup_code
    assert await desk.tell(again.lookup_code) == "confirmed"


async def test_failure_told_after_payment_changes_nothing(desk: Desk) -> None:
    payment = await desk.open()
    await desk.tell(payment.lookup_code)
    assert await desk.tell(payment.lookup_code, 0, -1) == "already"
    assert await desk.state() == "confirmed"


async def test_unknown_code_is_said(desk: Desk) -> None:
    assert await desk.tell("G18-20261123-000000920261123103000") == "unknown_code"


async def test_money_after_expiry_is_late(desk: Desk) -> None:
    payment = await desk.open()
    desk.now = payment.expires_at + timedelta(minutes=1)
    assert await desk.settle() == 1
    assert await desk.state() == "expired"
    assert desk.seen[-1].outcome == "expired"
    assert await desk.tell(payment.lookup_code) == "late"
    assert await desk.balances() == {"platform": OWED, "unapplied": -OWED}


async def test_lost_notice_is_found_by_asking(desk: Desk) -> None:
    await desk.open()
    desk.platform.status, desk.platform.paid_vnd = 0, OWED
    assert await desk.settle() == 0  # not yet due
    desk.now += timedelta(seconds=30)
    assert await desk.settle() == 1
    assert desk.seen[-1].outcome == "confirmed"
    assert await desk.settle() == 0
    assert await desk.state() == "confirmed"


async def test_payment_in_time_is_confirmed_though_the_notice_is_late(desk: Desk) -> None:
    payment = await desk.open()
    desk.platform.status, desk.platform.paid_vnd = 0, OWED
    desk.now = payment.expires_at + timedelta(days=1)
    await desk.settle()
    assert desk.seen[-1].outcome == "confirmed"
    assert await desk.tell(payment.lookup_code) == "already"


@pytest.mark.parametrize("how", ["failing", "cutting"])
async def test_unknown_intent_is_settled_by_asking(desk: Desk, how: str) -> None:
    setattr(desk.platform, how, 1)
    payment = await desk.open()
    assert payment.state == "unknown"
    assert payment.pay_url is None
    desk.now += timedelta(seconds=3)
    await desk.settle()
    if how == "cutting":  # the platform had taken it
        assert await desk.state() == "pending"
        assert (await desk.open()).pay_url == f"/pay/{payment.lookup_code}"
    else:
        assert await desk.state() == "failed"
        assert await desk.balances() == {}


async def test_answer_about_another_payment_settles_nothing(desk: Desk) -> None:
    mine, other = await desk.open(), await desk.open(case_id=new_id())
    desk.platform.status, desk.platform.paid_vnd = 0, OWED
    desk.platform.answers_for = {mine.lookup_code: other.lookup_code}
    desk.now += timedelta(seconds=30)
    assert await desk.settle() == 1
    assert [one.payment.case_id for one in desk.seen if one.payment] == [other.case_id]
    assert await desk.state() == "pending"


async def test_case_that_cannot_go_on_holds_up_no_other(desk: Desk) -> None:
    await desk.open()
    await desk.open(case_id=new_id())
    desk.platform.status, desk.platform.paid_vnd = 0, OWED
    desk.now += timedelta(seconds=30)
    desk.cannot_apply = 1
    assert await desk.settle() == 1
    desk.now += timedelta(seconds=30)
    assert await desk.settle() == 1


async def test_unanswered_question_is_asked_again_later(desk: Desk) -> None:
    await desk.open()
    desk.now += timedelta(seconds=30)
    desk.platform.failing = 1
    assert await desk.settle() == 0
    assert await desk.settle() == 0
    assert await desk.state() == "pending"
    desk.platform.status, desk.platform.paid_vnd = 0, OWED
    desk.now += timedelta(seconds=30)
    assert await desk.settle() == 1


async def test_refusing_platform_leaves_nothing(desk: Desk) -> None:
    desk.platform.refusing = True
    with pytest.raises(PaymentPlatformRefused):
        await desk.open()
    assert await desk.balances() == {}


async def test_cancelled_payment_takes_no_money(desk: Desk) -> None:
    payment = await desk.open()
    async with desk.payments() as payments:
        await payments.cancel(desk.case_id, "fee")
        assert await payments.cancel(desk.case_id, "fee") is None
    assert await desk.tell(payment.lookup_code) == "late"


async def test_database_refuses_unbalanced_posting_and_changes(desk: Desk) -> None:
    payment = await desk.open()
    with pytest.raises(IntegrityError, match="does not balance"):
        async with desk.database.transaction() as db:
            await ledger.post(
                db, payment.payment_id, "wrong", {"platform": 2, "receivable": -1}, posted_at=AT
            )
    with pytest.raises(IntegrityError, match="never changed"):
        async with desk.database.transaction() as db:
            await db.execute(text("update ledger_entries set amount_vnd = 1"))
    assert replace(payment, state="failed").document()["pay_url"] is None
