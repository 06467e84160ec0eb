"""The payment platform: intents, the payer's page, and notices that come as the switches say."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from casework.payments import PaymentLine, PaymentNotice, PlatformClient
from casework.payments.platform import Intent, PlatformRefused
from deploy.local.credentials import client_key
from deploy.sandbox.faults import Fault, Faults
from deploy.sandbox.payments import pages, routes
from deploy.sandbox.payments.notices import CLIENT_ID, PEER, Notifier
from deploy.sandbox.payments.store import IntentStore
from deploy.sandbox.state import State
from tests.support.waiting import until

US = "http://127.0.0.1:8080"
CODE = "G18-20261123-000000120261123103000"
INTENT = Intent(
    CODE,
    "G18-20261123-0000001",
    "fee",
    (PaymentLine("fee", "Lệ phí <b>thử</b>", 200_000),),
    "Nguyễn Văn An",
    f"{US}/v1/judicial-record-payments/notices",
    f"{US}/app",
)


class Platform:
    """The platform in this process, and the receiver of its notices."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_800_000_000.0
        self.received: list[httpx2.Request] = []
        self.answers: list[int] = []
        client_key(folder, CLIENT_ID)
        self.state = State(folder / "sandbox.sqlite3")
        self.faults = Faults(self.state)
        self.store = IntentStore(folder / "payments.sqlite3")
        self.notifier = Notifier(
            self.store,
            self.state,
            self.faults,
            key_file=folder / f"{CLIENT_ID}.jwk",
            client=httpx2.AsyncClient(transport=httpx2.MockTransport(self._receive)),
            now=lambda: self.now,
        )
        app = FastAPI()
        app.include_router(routes.routes(self.store, self.notifier, self.state, public_url=US))
        app.include_router(pages.pages(self.store, self.notifier, self.state))
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=US)
        self.client = PlatformClient(self.http, f"{US}/sandbox/payments")

    def _receive(self, request: httpx2.Request) -> httpx2.Response:
        self.received.append(request)
        return httpx2.Response(self.answers.pop(0) if self.answers else 200)

    async def pay(self, **how: object) -> dict[str, object]:
        answer = await self.http.post(f"/sandbox/payments/intents/{CODE}/pay", json=how)
        found: dict[str, object] = answer.json()
        return found


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    made = Platform(tmp_path)
    yield made
    await made.http.aclose()
    made.store.close()
    made.state.close()


async def test_intent_is_opened_once(platform: Platform) -> None:
    assert await platform.client.open_intent(INTENT) == f"{US}/sandbox/payments/pay/{CODE}"
    assert await platform.client.open_intent(INTENT) == f"{US}/sandbox/payments/pay/{CODE}"
    waiting = await platform.client.find(CODE)
    assert waiting is not None
    assert (waiting.result, waiting.amount_vnd) == ("pending", 0)
    assert await platform.client.find("G18-20261123-000000920261123103000") is None
    items = (await platform.http.get("/sandbox/payments/intents")).json()["items"]
    assert [item["MaTraCuuTT"] for item in items] == [CODE]


async def test_other_content_under_a_code_is_refused(platform: Platform) -> None:
    await platform.client.open_intent(INTENT)
    other = Intent(CODE, "G18-20261123-0000001", "fee", (PaymentLine("fee", "x", 1),), "", US, US)
    with pytest.raises(PlatformRefused):
        await platform.client.open_intent(other)


@pytest.mark.parametrize(
    ("field", "value"),
    [("SoTien", 1), ("UrlThongBao", "http://192.0.2.1/notices"), ("UrlQuayLai", "javascript:alert(1)")],
)
async def test_intent_that_does_not_add_up_is_refused(platform: Platform, field: str, value: object) -> None:
    body = {
        "MaTraCuuTT": CODE,
        "MaHoSo": "G18-20261123-0000001",
        "SoTien": 5,
        "DSKhoanNop": [{"NoiDung": "x", "SoTien": 5}],
        "UrlThongBao": US,
        "UrlQuayLai": US,
    }
    answer = await platform.http.post("/sandbox/payments/intents", json=body | {field: value})
    assert answer.json()["error_code"] == -1
    assert await platform.client.find(CODE) is None


async def test_notice_is_signed_and_says_what_was_paid(platform: Platform) -> None:
    await platform.client.open_intent(INTENT)
    answer = await platform.pay(is_notice_first=True)
    assert answer["error_code"] == 0
    (request,) = platform.received
    notice = PaymentNotice.model_validate(json.loads(request.content))
    assert (notice.lookup_code, notice.amount_vnd, notice.result) == (CODE, 200_000, "paid")
    assert 'keyid="thanh-toan"' in request.headers["signature-input"]
    assert {"signature", "content-digest"} <= set(request.headers)


async def test_paying_twice_changes_and_tells_nothing(platform: Platform) -> None:
    await platform.client.open_intent(INTENT)
    first = await platform.pay(is_notice_first=True)
    assert await platform.pay(result="failed", is_notice_first=True) == first
    assert len(platform.received) == 1


async def test_another_amount_and_failure_are_told(platform: Platform) -> None:
    await platform.client.open_intent(INTENT)
    await platform.pay(amount_vnd=1000, is_notice_first=True)
    assert json.loads(platform.received[0].content)["SoTien"] == 1000


async def test_duplicate_and_late_notices_come_as_switched(platform: Platform) -> None:
    platform.faults.set(PEER, Fault(duplicate_next=1, late_next=5000))
    await platform.client.open_intent(INTENT)
    await platform.pay(is_notice_first=True)
    assert platform.received == []
    platform.now += 5
    assert await platform.notifier.send_due() == 2
    assert len(platform.received) == 2
    assert platform.faults.all()[PEER] == Fault()


@pytest.mark.parametrize("refusal", [500, 404, 409, 429])
async def test_notice_comes_again_until_it_is_taken(platform: Platform, refusal: int) -> None:
    platform.answers = [refusal, refusal]
    await platform.client.open_intent(INTENT)
    await platform.pay(is_notice_first=True)
    platform.now += 1
    await platform.notifier.send_due()
    platform.now += 60
    assert await platform.notifier.send_due() == 1
    assert len(platform.received) == 3
    assert len({request.headers["signature-input"] for request in platform.received}) == 3


async def test_notifier_sends_by_itself(platform: Platform) -> None:
    running = asyncio.create_task(platform.notifier.run())
    await platform.client.open_intent(INTENT)
    await platform.pay()
    await until(lambda: bool(platform.received))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_person_pays_on_the_page(platform: Platform) -> None:
    await platform.client.open_intent(INTENT)
    shown = await platform.http.get(f"/sandbox/payments/pay/{CODE}")
    assert "200.000" in shown.text
    assert "Lệ phí &lt;b&gt;thử&lt;/b&gt;" in shown.text
    wrong = await platform.http.post(f"/sandbox/payments/pay/{CODE}", data={"amount_vnd": "-1"})
    assert wrong.status_code == 422
    paid = await platform.http.post(
        f"/sandbox/payments/pay/{CODE}", data={"source": "good", "notice_first": "yes"}
    )
    assert (paid.status_code, paid.headers["location"]) == (303, f"{US}/app")
    assert len(platform.received) == 1
    again = await platform.http.get(f"/sandbox/payments/pay/{CODE}?lang=en")
    assert "This has been paid." in again.text


async def test_page_of_no_payment_is_not_found(platform: Platform) -> None:
    for method in ("GET", "POST"):
        answer = await platform.http.request(method, "/sandbox/payments/pay/none")
        assert answer.status_code == 404
    assert (await platform.http.post("/sandbox/payments/intents/none/pay", json={})).status_code == 404
