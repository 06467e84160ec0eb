"""Each action out of order, twice, at once, by the wrong role or office, on a stale version."""

import asyncio
from itertools import product
from typing import Any, get_args

import pytest

from chassis.ids import new_id
from dossier.desk.schemas import ActionName
from dossier.desk.table import key_of, transitions
from tests.dossier.conftest import Desk
from tests.dossier.filing import FREE, filed
from tests.dossier.work import DRUGS, Officers, of_drugs, pass_time, status_of

ACTIONS = sorted(get_args(ActionName))
ROLES = ("receiving_desk", "dossier_officer", "dossier_leader")


def expected(status: int, action: str, role: str) -> set[int]:
    """Return the answers that the table allows; conditions may still refuse what it has a row for."""
    if any(row.action == action for row in transitions().allowed(key_of(status), role)):
        return {200, 403, 409, 422}
    may_ever = any(row.action == action and role in row.roles for row in transitions().rows)
    leads_on = any(row.from_status == key_of(status) and row.action == action for row in transitions().rows)
    return {403} if not may_ever or leads_on else {409}


@pytest.mark.parametrize("role", ROLES)
async def test_every_status_and_action_answers_by_the_table(desk: Desk, role: str) -> None:
    """All 10 statuses × 20 actions over HTTP; the table's rows themselves are tested one by one."""
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    organisation = "bo-y-te" if role == "receiving_desk" else DRUGS
    who = desk.staff("mot-cua" if role == "receiving_desk" else "ld-mai", role, organisation)
    wrong: list[Any] = []
    for status, action in product(range(1, 11), ACTIONS):
        if any(row.action == action for row in transitions().allowed(key_of(status), role)):
            continue
        await desk.rows.execute(
            "update dossiers set status = $1, status_before = $2 where dossier_id = $3",
            status,
            4 if status == 7 else None,
            dossier_id,
        )

        answer = await officers.act(who, dossier_id, action)

        code = answer.json().get("code")
        if answer.status_code not in expected(status, action, role) or code not in (
            "illegal_transition",
            "role_missing",
        ):
            wrong.append((status, action, answer.status_code, code))
    assert wrong == []
    assert await desk.count("dossier_history") == 1


async def test_step_out_of_order_names_the_steps_that_are_open(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)

    answer = await officers.act(officers.leader, dossier_id, "sign")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert answer.json()["status_now"] == "1"


async def test_same_step_twice_happens_once(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    key = {"idempotency-key": str(new_id())}

    first = await officers.act(officers.counter, dossier_id, "accept", headers=key)
    again = await officers.act(officers.counter, dossier_id, "accept", headers=key)
    anew = await officers.act(officers.counter, dossier_id, "accept")

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert (anew.status_code, anew.json()["code"]) == (409, "illegal_transition")
    assert await desk.count("dossier_history") == 2


async def test_of_two_officers_at_once_exactly_one_wins(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)

    answers = await asyncio.gather(
        officers.act(officers.counter, dossier_id, "accept"),
        officers.act(
            officers.counter, dossier_id, "refuse", reason="Không thuộc thẩm quyền", legal_basis="Điều 4"
        ),
        officers.act(officers.counter, dossier_id, "accept"),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert await desk.count("dossier_history") == 2
    assert len(await desk.events()) == 2


async def test_stale_version_is_refused_and_the_current_one_is_taken(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    read = await desk.send("GET", f"/v1/dossiers/{dossier_id}", officers.counter)
    await officers.did(officers.counter, dossier_id, "assign")

    stale = await officers.act(
        officers.counter, dossier_id, "accept", headers={"if-match": read.headers["etag"]}
    )
    current = stale.headers["etag"]
    fresh = await officers.act(officers.counter, dossier_id, "accept", headers={"if-match": current})

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert fresh.status_code == 200


async def test_read_again_is_not_sent_again(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    first = await desk.send("GET", f"/v1/dossiers/{dossier_id}", officers.counter)

    again = await desk.send(
        "GET",
        f"/v1/dossiers/{dossier_id}",
        officers.counter,
        headers={"if-none-match": first.headers["etag"]},
    )

    assert again.status_code == 304


async def test_other_office_does_not_see_the_dossier_and_leaves_a_trace(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    others = desk.staff("cb-son", "dossier_officer", "cuc-an-toan-thuc-pham")
    other_desk = desk.staff("mot-cua", "receiving_desk", "so-y-te-ha-noi")

    for who in (others, other_desk):
        assert (await desk.send("GET", f"/v1/dossiers/{dossier_id}", who)).status_code == 404
        assert (await officers.act(who, dossier_id, "accept")).status_code == 404

    rows = await desk.rows.fetch("select outcome, resource, citizen_id from access_entries")
    assert {(row["outcome"], row["resource"]) for row in rows} == {("refused", f"dossiers/{dossier_id}")}
    assert {row["citizen_id"] for row in rows} == {desk.person("an")}
    assert len(rows) == 4


async def test_reading_and_acting_stand_in_the_owners_access_log(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk, desk.company())

    await officers.read(dossier_id)
    await officers.accepted(dossier_id)

    rows = await desk.rows.fetch("select outcome, actor_role, sections, citizen_id from access_entries")
    assert [(row["outcome"], row["actor_role"]) for row in rows] == [("allowed", "receiving_desk")] * 2
    assert {row["citizen_id"] for row in rows} == {desk.person("nhan-vien")}


async def test_draft_and_unknown_dossier_are_not_there(desk: Desk) -> None:
    officers = Officers(desk)
    made = await filed(desk, desk.citizen(), FREE)
    await desk.rows.execute("update dossiers set status = 0 where dossier_id = $1", made["id"])

    for dossier_id in (made["id"], str(new_id())):
        assert (await officers.act(officers.counter, dossier_id, "accept")).status_code == 404


async def test_officer_takes_a_dossier_and_only_a_leader_gives_it(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.accepted(dossier_id)
    other = str(desk.person("ld-mai"))

    refused = await officers.act(officers.officer, dossier_id, "assign", officer_id=other)
    taken = await officers.did(officers.officer, dossier_id, "assign")
    given = await officers.did(officers.leader, dossier_id, "assign", officer_id=other)

    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
    assert taken["assigned_to"] == str(desk.person("cb-son"))
    assert given["assigned_to"] == other


async def test_start_needs_an_officer_in_charge(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.accepted(dossier_id)

    answer = await officers.act(officers.officer, dossier_id, "start")

    assert (answer.status_code, answer.json()["code"]) == (409, "condition_not_met")
    assert (answer.json()["condition"], answer.json()["transition"]) == ("assigned", "T40")


async def test_forwarded_dossier_leaves_the_office(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.accepted(dossier_id)
    nowhere = await officers.act(officers.officer, dossier_id, "forward", office="no-such-office")

    await officers.did(officers.officer, dossier_id, "forward", office="cuc-an-toan-thuc-pham")

    assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (422, "/office")
    assert (await desk.send("GET", f"/v1/dossiers/{dossier_id}", officers.officer)).status_code == 404
    assert (await officers.read(dossier_id))["office_code"] == "cuc-an-toan-thuc-pham"


async def test_refusal_at_intake_needs_reason_and_legal_basis_and_gives_slip_03(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    bare = await officers.act(officers.counter, dossier_id, "refuse")

    shown = await officers.did(
        officers.counter, dossier_id, "refuse", reason="Không thuộc thẩm quyền", legal_basis="Điều 4"
    )

    assert {error["pointer"] for error in bare.json()["errors"]} == {"/reason", "/legal_basis"}
    assert shown["status"]["number"] == 3
    slips = await desk.send("GET", f"/v1/me/dossiers/{dossier_id}/slips", an)
    assert [slip["kind"] for slip in slips.json()["items"]] == ["03"]
    document = await desk.send("GET", slips.json()["items"][0]["document_url"], an)
    assert document.content.startswith(b"%PDF")


async def test_apology_promises_a_new_day_once_before_the_old_one(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    day = {"reason": "Cần thêm ý kiến chuyên gia", "new_due_on": "2026-12-18"}
    early = await officers.act(
        officers.officer, dossier_id, "apologise", reason="Chậm", new_due_on="2026-11-24"
    )

    shown = await officers.did(officers.officer, dossier_id, "apologise", **day)
    again = await officers.act(
        officers.officer, dossier_id, "apologise", reason="Chậm nữa", new_due_on="2026-12-25"
    )

    assert early.json()["errors"][0]["pointer"] == "/new_due_on"
    assert (shown["status"]["number"], shown["deadline"]["due_on"]) == (4, "2026-12-18")
    assert shown["deadline"]["replaced_due_on"] < "2026-12-18"
    assert shown["is_on_time"] is False
    assert (again.status_code, again.json()["condition"]) == (409, "first_apology")
    slips = await desk.send("GET", f"/v1/me/dossiers/{dossier_id}/slips", an)
    assert "04" in [slip["kind"] for slip in slips.json()["items"]]


async def test_consulting_keeps_the_clock_running(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    before = await officers.processing(dossier_id)

    shown = await officers.did(
        officers.officer, dossier_id, "consult", body="Sở Y tế Hà Nội", question="Ý kiến?", limit_days=3
    )
    council = await officers.act(officers.officer, dossier_id, "consult", kind="council", body="Hội đồng")

    assert shown["deadline"]["due_on"] == before["deadline"]["due_on"]
    assert shown["inner_requests"][0]["deadline"]["limit"]["value"] == 3
    assert council.json()["condition"] == "has_inspection_step"


async def test_withdrawal_is_agreed_or_declined_and_the_status_before_comes_back(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    before = await officers.processing(dossier_id)
    path = f"/v1/me/dossiers/{dossier_id}/withdrawal"
    await desk.send("POST", path, an, json={"reason": "Nộp nhầm"})

    bare = await officers.act(officers.officer, dossier_id, "decline_withdrawal")
    declined = await officers.did(
        officers.officer, dossier_id, "decline_withdrawal", reason="Pháp luật không cho rút"
    )
    await desk.send("POST", path, an, json={"reason": "Vẫn muốn rút"})
    agreed = await officers.did(officers.counter, dossier_id, "confirm_withdrawal")

    assert bare.json()["errors"][0]["pointer"] == "/reason"
    assert declined["status"]["number"] == 4
    assert declined["deadline"]["due_on"] == before["deadline"]["due_on"]
    assert agreed["status"]["number"] == 8
    assert await status_of(desk, dossier_id) == 8


async def test_processing_is_stopped_with_a_reason(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.processing(dossier_id)

    shown = await officers.did(officers.officer, dossier_id, "stop", reason="Quyết định của tòa án")

    assert (shown["status"]["number"], shown["status_reason"]) == (8, "Quyết định của tòa án")


async def test_control_sheet_tells_waiting_from_work(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    pass_time(desk, hours=1)
    await officers.accepted(dossier_id)
    pass_time(desk, hours=2)
    await officers.did(officers.officer, dossier_id, "assign")
    pass_time(desk, hours=3)
    shown = await officers.did(officers.officer, dossier_id, "start")

    sheet = [
        (row["action"], row["queue_seconds"] // 3600, row["work_seconds"] // 3600, row["is_automatic"])
        for row in shown["control_sheet"]
    ]
    assert sheet == [
        ("submit", 0, 0, False),
        ("accept", 1, 0, False),
        ("assign", 2, 0, False),
        ("start", 0, 3, False),
    ]
    assert {row["standing"] for row in shown["control_sheet"][1:]} <= {"early", "on_time"}


@pytest.mark.parametrize("body", [{}, {"action": "explode"}, {"action": "accept", "extra": 1}])
async def test_unreadable_actions_change_nothing(desk: Desk, body: dict[str, Any]) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)

    answer = await desk.send("POST", f"/v1/dossiers/{dossier_id}/actions", officers.counter, json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert await desk.count("dossier_history") == 1
