"""Paying for a dossier: asked for, opened, told of twice, late, with another amount, forged, not at all."""

import asyncio
from typing import Any

import pytest

from chassis.keys import SigningKey
from dossier.payments.service import DossierPayments
from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, ME, draft, filed, put_file, submit
from tests.dossier.work import Officers, notify, of_drugs, pass_time, pay, run_timers, status_of

LINES = [{"code": "tham-dinh", "label": "Phí thẩm định", "amount_vnd": 300_000}]


async def asked_in_processing(desk: Desk, officers: Officers, who: dict[str, str]) -> str:
    dossier_id = await of_drugs(desk, who)
    await officers.processing(dossier_id)
    await officers.did(officers.officer, dossier_id, "request_payment", lines=LINES, reason="Phí thẩm định")
    return dossier_id


async def opened(desk: Desk, who: dict[str, str], dossier_id: str) -> dict[str, Any]:
    answer = await desk.send("POST", f"{ME}/{dossier_id}/payments", who, json={})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_payment_before_acceptance_accepts_the_dossier(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)

    asked = await officers.did(officers.counter, dossier_id, "request_payment", lines=LINES)
    notice = await pay(desk, an, dossier_id)

    assert (asked["status"]["number"], asked["payment_requests"][0]["amount_vnd"]) == (6, 300_000)
    assert asked["payment_requests"][0]["deadline"]["steps"]
    assert notice.json() == {"error_code": 0, "outcome": "confirmed"}
    shown = await officers.read(dossier_id)
    assert (shown["status"]["number"], shown["control_sheet"][-1]["action"]) == (
        2,
        "confirm_payment_before_acceptance",
    )
    assert shown["deadline"] is not None


async def test_payment_in_processing_moves_the_day_by_the_wait(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    before = await officers.processing(dossier_id)
    await officers.did(officers.officer, dossier_id, "request_payment", lines=LINES)
    pass_time(desk, days=7)

    await pay(desk, an, dossier_id)

    shown = await officers.read(dossier_id)
    assert shown["status"]["number"] == 4
    assert shown["deadline"]["due_on"] > before["deadline"]["due_on"]
    assert shown["payment_requests"][0]["paid_at"] is not None


async def test_notice_that_comes_twice_and_at_once_counts_once(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)
    body = desk.platform.notice((await opened(desk, an, dossier_id))["lookup_code"])

    answers = await asyncio.gather(*(notify(desk, body) for _ in range(3)))

    assert sorted(answer.json()["outcome"] for answer in answers) == ["already", "already", "confirmed"]
    assert await status_of(desk, dossier_id) == 4
    balance = await desk.rows.fetchval("select sum(amount_vnd) from ledger_entries")
    assert balance == 0


async def test_another_amount_settles_nothing(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)

    answer = await pay(desk, an, dossier_id, amount_vnd=1_000)

    assert answer.json()["outcome"] == "mismatch"
    assert await status_of(desk, dossier_id) == 6


async def test_forged_and_unsigned_notices_are_refused(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)
    body = desk.platform.notice((await opened(desk, an, dossier_id))["lookup_code"])
    path = "/v1/dossier-payments/notices"

    unsigned = await desk.client.post(path, content=body, headers={"content-type": "application/json"})
    forged = await desk.client.post(
        path, content=body, headers=desk.platform.signed(body, SigningKey.generate())
    )
    other = body.replace(b"300000", b"300001")
    altered = await desk.client.post(path, content=other, headers=desk.platform.signed(body))

    assert [answer.status_code for answer in (unsigned, forged, altered)] == [401, 401, 401]
    assert await status_of(desk, dossier_id) == 6


@pytest.mark.parametrize("body", [b"{}", b"no JSON"])
async def test_signature_is_judged_before_what_a_notice_says(desk: Desk, body: bytes) -> None:
    path = "/v1/dossier-payments/notices"

    unsigned = await desk.client.post(path, content=body, headers={"content-type": "application/json"})
    honest = await desk.client.post(path, content=body, headers=desk.platform.signed(body))

    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "signature_missing")
    assert honest.json()["code"] == ("invalid" if body == b"{}" else "malformed_body")


async def test_notice_that_is_lost_is_found_by_asking(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)
    desk.platform.paid.add((await opened(desk, an, dossier_id))["lookup_code"])
    await desk.rows.execute("update payments set next_question_at = now() - interval '1 minute'")

    settled = await DossierPayments(desk.app.state.desk_tools).settle_open()

    assert settled == 1
    assert await status_of(desk, dossier_id) == 4


async def test_unpaid_in_time_stops_the_dossier_and_ends_its_payment(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)
    await opened(desk, an, dossier_id)
    early = await officers.act(officers.officer, dossier_id, "stop", reason="x")
    pass_time(desk, days=30)

    await run_timers(desk)
    await DossierPayments(desk.app.state.desk_tools).settle_open()

    assert early.json()["condition"] == "payment_overdue"
    assert await status_of(desk, dossier_id) == 8
    assert await desk.rows.fetchval("select state from payments") == "expired"


async def test_money_that_comes_late_is_booked_and_moves_nothing(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)
    body = desk.platform.notice((await opened(desk, an, dossier_id))["lookup_code"])
    pass_time(desk, days=30)
    await run_timers(desk)
    await DossierPayments(desk.app.state.desk_tools).settle_open()

    answer = await notify(desk, body)

    assert answer.json()["outcome"] == "late"
    assert await status_of(desk, dossier_id) == 8


async def test_nothing_is_opened_when_nothing_is_asked_or_by_another(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    early = await desk.send("POST", f"{ME}/{dossier_id}/payments", an, json={})
    await officers.did(officers.counter, dossier_id, "request_payment", lines=LINES)
    other = await desk.send("POST", f"{ME}/{dossier_id}/payments", desk.citizen("binh"), json={})

    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    assert other.status_code == 404
    assert await desk.count("payments") == 0


async def test_payment_asked_once_more_is_the_same_payment(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)

    first, second = await opened(desk, an, dossier_id), await opened(desk, an, dossier_id)
    read = await desk.send("GET", f"{ME}/{dossier_id}/payments", an)

    assert first["id"] == second["id"] == read.json()["id"]


async def test_paid_while_a_withdrawal_was_asked_goes_on_when_it_is_declined(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await asked_in_processing(desk, officers, an)
    body = desk.platform.notice((await opened(desk, an, dossier_id))["lookup_code"])
    await desk.send("POST", f"{ME}/{dossier_id}/withdrawal", an, json={"reason": "Thôi"})
    await notify(desk, body)
    await officers.did(officers.officer, dossier_id, "decline_withdrawal", reason="Không được rút")

    await run_timers(desk)

    assert await status_of(desk, dossier_id) == 4


async def test_publication_asks_its_fee_at_once_and_is_public_when_paid(desk: Desk) -> None:
    company = desk.company()
    code = await desk.rows.fetchval(
        "select code from procedures where document ->> 'kind' = 'publication'"
        " and document -> 'fees' <> '[]' order by code limit 1"
    )
    made = await draft(desk, company, code, form={"subject": "Công bố"})
    await put_file(desk, company, made["id"])
    assert (await submit(desk, company, made["id"])).status_code == 201
    assert await status_of(desk, made["id"]) == 6

    await pay(desk, company, made["id"])

    assert await status_of(desk, made["id"]) == 10
    results = (await desk.send("GET", f"{ME}/{made['id']}/results", company)).json()["items"]
    assert (results[0]["kind"], results[0]["code"]) == ("published", "KQ.G18.000001")


async def test_fee_due_first_keeps_the_desk_from_accepting(desk: Desk) -> None:
    officers, company = Officers(desk), desk.company()
    made = await filed(desk, company, COSMETICS)
    due = await desk.rows.fetchval(
        "select document -> 'fees' -> 0 ->> 'due' from procedures where code = $1", COSMETICS
    )

    answer = await officers.act(officers.counter, made["id"], "accept")

    if due == "before_acceptance":
        assert (answer.status_code, answer.json()["condition"]) == (409, "nothing_to_pay_first")
    else:
        assert answer.status_code == 200
