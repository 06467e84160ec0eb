"""Supplement rounds by procedure: how many, how long, what the answer does to the clock, how it ends."""

import asyncio
from typing import Any

from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, FREE, ME, put_file
from tests.dossier.work import DRUGS, Officers, of_drugs, pass_time, run_timers, status_of

ITEMS = ["Bản công bố có chữ ký", "Giấy ủy quyền"]


async def asked(officers: Officers, dossier_id: str, who: dict[str, str] | None = None) -> dict[str, Any]:
    return await officers.did(
        who or officers.officer, dossier_id, "request_supplement", items=ITEMS, reason="Thiếu giấy tờ"
    )


async def answer(desk: Desk, who: dict[str, str], dossier_id: str, **body: Any) -> Any:
    return await desk.send("POST", f"{ME}/{dossier_id}/supplements", who, json=body or {"note": "Đã bổ sung"})


async def with_rule(desk: Desk, rule: str, who: dict[str, str]) -> str:
    """Return a filed dossier of a procedure that stands under a supplement rule."""
    await desk.rows.execute(
        "update procedures set document = jsonb_set(document, '{supplement_rule}', to_jsonb($2::text))"
        " where code = $1",
        FREE,
        rule,
    )
    return await of_drugs(desk, who)


async def test_round_stops_the_clock_and_the_answer_resumes_it(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    before = await officers.processing(dossier_id)

    waiting = await asked(officers, dossier_id)
    pass_time(desk, days=7)
    answered = await answer(desk, an, dossier_id)

    assert (waiting["status"]["number"], waiting["status_reason"]) == (
        5,
        "Thiếu giấy tờ: Bản công bố có chữ ký; Giấy ủy quyền",
    )
    assert waiting["deadline"]["suspended_since"] is not None
    assert (waiting["supplements"][0]["items"], waiting["supplements"][0]["round"]) == (ITEMS, 1)
    assert waiting["supplements"][0]["deadline"]["steps"]
    assert answered.status_code == 200, answered.text
    assert answered.json()["status"]["number"] == 4
    assert answered.json()["deadline"]["due_on"] > before["deadline"]["due_on"]
    assert answered.json()["items"][0]["answered_at"] is not None


async def test_answer_opens_a_new_period_for_devices(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await with_rule(desk, "SUP-DEV-CD", an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    pass_time(desk, days=20)

    answered = (await answer(desk, an, dossier_id)).json()

    assert answered["deadline"]["started_at"] == "2026-12-13T02:00:00Z"


async def test_answer_wants_something_new(desk: Desk) -> None:
    officers, company = Officers(desk), desk.company()
    dossier_id = await of_drugs(desk, company, COSMETICS)
    await desk.rows.execute("update procedures set document = jsonb_set(document, '{fees}', '[]')")
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)

    empty = await desk.send("POST", f"{ME}/{dossier_id}/supplements", company, json={})
    wrong = await answer(desk, company, dossier_id, form={"product_kind": "rocket"})
    assert (await put_file(desk, company, dossier_id, "paper-1", b"%PDF-1.4\nmended\n%%EOF\n")).is_success
    filed = await desk.send("POST", f"{ME}/{dossier_id}/supplements", company, json={})

    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (422, "nothing_supplemented")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/form/product_kind")
    assert filed.json()["status"]["number"] == 4
    shown = await officers.read(dossier_id)
    assert {file["round"] for file in shown["attachments"]} == {0, 1}


async def test_second_answer_and_answer_without_request_are_refused(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    early = await answer(desk, an, dossier_id)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)

    both = await asyncio.gather(answer(desk, an, dossier_id), answer(desk, an, dossier_id))

    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    assert sorted(one.status_code for one in both) == [200, 409]


async def test_another_citizen_sees_no_rounds(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)

    answered = await answer(desk, desk.citizen("binh"), dossier_id)
    read = await desk.send("GET", f"{ME}/{dossier_id}/supplements", desk.citizen("binh"))

    assert (answered.status_code, read.status_code) == (404, 404)
    assert await status_of(desk, dossier_id) == 5


async def test_supplement_before_acceptance_starts_intake_again(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    first = (await officers.read(dossier_id))["intake_deadline"]
    await asked(officers, dossier_id, officers.counter)
    pass_time(desk, days=7)

    answered = await answer(desk, an, dossier_id)

    assert answered.json()["status"]["number"] == 1
    shown = await officers.read(dossier_id)
    assert shown["intake_deadline"]["due_at"] > first["due_at"]
    assert shown["intake_deadline"]["started_at"] == "2026-11-30T02:00:00Z"


async def test_rounds_end_where_the_rule_ends_them(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await with_rule(desk, "SUP-COSM", an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    await answer(desk, an, dossier_id)

    second = await officers.act(officers.officer, dossier_id, "request_supplement", items=ITEMS)

    assert (second.status_code, second.json()["condition"]) == (409, "round_allowed")
    assert "SUP-COSM" in second.json()["detail"]


async def test_second_round_is_lawful_elsewhere_and_late_in_the_score(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    await answer(desk, an, dossier_id)
    first = await officers.read(dossier_id)

    second = await asked(officers, dossier_id)

    assert (first["is_on_time"], second["is_on_time"]) == (True, False)
    assert [one["round"] for one in second["supplements"]] == [1, 2]


async def test_notice_has_a_time_limit_of_its_own(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await with_rule(desk, "SUP-DEV-CD", an)
    await officers.processing(dossier_id)
    pass_time(desk, days=40)

    late = await officers.act(officers.officer, dossier_id, "request_supplement", items=ITEMS)

    assert (late.status_code, late.json()["condition"]) == (409, "within_notice")


async def test_not_brought_in_time_stops_the_dossier(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    await run_timers(desk)
    assert await status_of(desk, dossier_id) == 5
    pass_time(desk, days=60)
    late = await answer(desk, an, dossier_id)

    await run_timers(desk)
    await run_timers(desk)

    assert (late.status_code, late.json()["condition"]) == (409, "answer_in_time")
    shown = await officers.read(dossier_id)
    assert shown["status"]["number"] == 8
    assert shown["control_sheet"][-1]["action"] == "stop_not_brought"
    assert shown["control_sheet"][-1]["is_automatic"] is True


async def test_void_by_law_after_the_last_round_of_devices(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await with_rule(desk, "SUP-DEV-CD", an)
    await officers.processing(dossier_id)
    for _ in range(4):
        await asked(officers, dossier_id)
        await answer(desk, an, dossier_id)
    await asked(officers, dossier_id)
    pass_time(desk, days=120)

    await run_timers(desk)

    assert (await officers.read(dossier_id))["control_sheet"][-1]["action"] == "stop_void"


async def test_void_by_time_since_filing(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await with_rule(desk, "SUP-PHARM-RADIO", an)
    await officers.processing(dossier_id)
    pass_time(desk, days=60)
    await asked(officers, dossier_id)
    pass_time(desk, days=35)

    await run_timers(desk)

    assert (await officers.read(dossier_id))["control_sheet"][-1]["action"] == "stop_void"


async def test_last_round_of_cosmetics_ends_in_a_letter_that_a_leader_signs(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await with_rule(desk, "SUP-COSM", an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    early = await officers.act(officers.leader, dossier_id, "deny", reason="x", legal_basis="y")
    pass_time(desk, days=150)
    await run_timers(desk)
    assert await status_of(desk, dossier_id) == 5
    why = {"reason": "Không bổ sung", "legal_basis": "Thông tư 06/2011/TT-BYT"}
    await officers.did(officers.officer, dossier_id, "propose", kind="refused", **why)

    shown = await officers.did(officers.leader, dossier_id, "deny")

    assert early.json()["code"] == "condition_not_met"
    assert (shown["status"]["number"], shown["results"][0]["kind"]) == (10, "refused")


async def test_deadline_is_extended_once_and_list_amended(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    first = (await asked(officers, dossier_id))["supplements"][0]
    far = await officers.act(officers.officer, dossier_id, "extend_supplement", new_due_on="2027-12-01")

    extended = await officers.did(officers.officer, dossier_id, "extend_supplement", reason="Người nộp ốm")
    again = await officers.act(officers.officer, dossier_id, "extend_supplement")
    amended = await officers.did(
        officers.officer, dossier_id, "amend_supplement", items=["Chỉ giấy ủy quyền"]
    )

    assert far.json()["errors"][0]["pointer"] == "/new_due_on"
    assert extended["supplements"][0]["deadline"]["due_on"] > first["deadline"]["due_on"]
    assert again.json()["condition"] == "extension_allowed"
    assert (amended["supplements"][0]["items"], amended["supplements"][0]["revision"]) == (
        ["Chỉ giấy ủy quyền"],
        2,
    )
    slips = (await desk.send("GET", f"{ME}/{dossier_id}/slips", an)).json()["items"]
    assert [(slip["kind"], slip["number"]) for slip in slips if slip["kind"] == "02"] == [
        ("02", 1),
        ("02", 2),
    ]


async def test_paper_brought_to_the_counter_is_an_answer(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    path = f"/v1/dossiers/{dossier_id}/supplements"

    by_officer = await desk.send("POST", path, officers.officer, json={"note": "x"})
    elsewhere = desk.staff("mot-cua", "receiving_desk", "so-y-te-ha-noi")
    by_other = await desk.send("POST", path, elsewhere, json={"note": "x"})
    taken = await desk.send("POST", path, officers.counter, json={"note": "Nộp bản giấy tại quầy"})

    assert (by_officer.status_code, by_other.status_code) == (403, 404)
    assert taken.json()["status"]["number"] == 4
    assert taken.json()["office_code"] == DRUGS


async def test_withdrawal_asked_while_waiting_keeps_the_wait(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    await asked(officers, dossier_id)
    await desk.send("POST", f"{ME}/{dossier_id}/withdrawal", an, json={"reason": "Thôi"})
    back = await officers.did(officers.officer, dossier_id, "decline_withdrawal", reason="Không được rút")

    assert back["status"]["number"] == 5
    assert back["deadline"]["suspended_since"] == "2026-11-23T02:00:00Z"
    assert (await answer(desk, an, dossier_id)).json()["status"]["number"] == 4
