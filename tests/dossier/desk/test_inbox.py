"""The inbox: whose work it shows, in which order, page by page."""

from datetime import date, timedelta
from typing import Any

from tests.dossier.conftest import Desk
from tests.dossier.work import Officers, of_drugs, pass_time, run_timers


async def inbox(desk: Desk, who: dict[str, str], **query: Any) -> dict[str, Any]:
    answer = await desk.send("GET", "/v1/inbox", who, params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_inbox_is_ordered_by_day_and_paged_without_gap_or_repeat(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    made = []
    for _ in range(5):
        made.append(await of_drugs(desk, an))
        pass_time(desk, hours=1)

    whole = await inbox(desk, officers.counter)
    seen, cursor = [], None
    while True:
        page = await inbox(desk, officers.counter, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == made == [item["id"] for item in whole["items"]]
    assert [item["due_at"] for item in whole["items"]] == sorted(item["due_at"] for item in whole["items"])


async def test_queues_hold_what_their_readers_do_next(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    new, working, proposed = [await of_drugs(desk, an) for _ in range(3)]
    await officers.processing(working)
    await officers.proposed(proposed)

    async def ids(who: dict[str, str], queue: str) -> list[str]:
        return sorted(item["id"] for item in (await inbox(desk, who, queue=queue))["items"])

    assert await ids(officers.counter, "intake") == [new]
    assert await ids(officers.officer, "processing") == sorted([working, proposed])
    assert await ids(officers.leader, "to_sign") == [proposed]
    assert await ids(officers.officer, "mine") == sorted([working, proposed])
    assert await ids(officers.officer, "overdue") == []
    assert await ids(officers.officer, "withdrawals") == []


async def test_overdue_dossiers_are_told_of_once(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.processing(dossier_id)
    assert (await inbox(desk, officers.officer, queue="overdue"))["items"] == []
    pass_time(desk, days=30)

    late = (await inbox(desk, officers.officer, queue="overdue"))["items"]
    await run_timers(desk)
    await run_timers(desk)

    assert [(item["id"], item["is_overdue"]) for item in late] == [(dossier_id, True)]
    assert await desk.count("deadline_marks where kind = 'overdue'") == 1
    shown = await officers.read(dossier_id)
    assert (shown["is_overdue"], shown["is_on_time"]) == (True, False)


async def test_day_that_is_near_is_told_of_before(desk: Desk) -> None:
    officers = Officers(desk)
    await of_drugs(desk)
    pass_time(desk, hours=30)  # the 24th is a holiday: intake ends on the 25th

    await run_timers(desk)

    assert await desk.count("deadline_marks where kind = 'due_soon'") == 1
    assert (await inbox(desk, officers.counter))["items"][0]["is_due_soon"] is True


async def test_due_before_is_a_legal_day_and_exclusive(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    due = (await officers.processing(dossier_id))["deadline"]["due_on"]
    day_after = (date.fromisoformat(due) + timedelta(days=1)).isoformat()

    assert (await inbox(desk, officers.officer, due_before="2026-11-24"))["items"] == []
    assert (await inbox(desk, officers.officer, due_before=due))["items"] == []
    assert len((await inbox(desk, officers.officer, due_before=day_after))["items"]) == 1


async def test_inbox_of_another_office_is_empty_and_cursors_are_ones_own(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    for _ in range(2):
        await of_drugs(desk, an)
    others = desk.staff("cb-son", "dossier_officer", "cuc-an-toan-thuc-pham")
    cursor = (await inbox(desk, officers.counter, limit=1))["next_cursor"]

    assert (await inbox(desk, others))["items"] == []
    for who, given in ((others, cursor), (officers.counter, cursor[:-2] + "AA")):
        answer = await desk.send("GET", "/v1/inbox", who, params={"cursor": given, "limit": 1})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_cursor")
    wrong = await desk.send("GET", "/v1/inbox", officers.counter, params={"queue": "lunch"})
    assert wrong.status_code == 422


async def test_one_failing_dossier_stops_no_other(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    made = [await of_drugs(desk, an) for _ in range(3)]
    for dossier_id in made:
        await officers.processing(dossier_id)
        await officers.did(officers.officer, dossier_id, "request_supplement", items=["Bản công bố"])
    await desk.rows.execute("delete from supplement_rounds where dossier_id = $1", made[0])
    await desk.rows.execute("update dossiers set parties = '\\x00' where dossier_id = $1", made[0])
    await desk.rows.execute(
        "insert into result_proposals select $1, 1, 'granted', 'x', now(), '\\x00', null", made[0]
    )
    pass_time(desk, days=60)

    await run_timers(desk)

    rows = await desk.rows.fetch("select dossier_id::text as id, status from dossiers")
    assert {row["id"]: row["status"] for row in rows} == {made[0]: 5, made[1]: 8, made[2]: 8}
