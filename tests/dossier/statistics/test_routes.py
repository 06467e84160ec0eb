"""Public statistics are equal to a recount of the dossiers, and tell of no single one."""

from typing import Any

from dossier.clocks.rules import is_on_time
from tests.dossier.conftest import Desk
from tests.dossier.work import DRUGS, Officers, of_drugs, pass_time


async def asked(desk: Desk, **query: str) -> dict[str, Any]:
    answer = await desk.client.get("/v1/public/statistics", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def some_work(desk: Desk) -> None:
    """Seven dossiers: two signed, one of them late; one asked twice; one with an apology; the rest open."""
    officers, an = Officers(desk), desk.citizen()
    made = [await of_drugs(desk, an) for _ in range(7)]
    await officers.signed(made[0])
    for dossier_id in made[1:4]:
        await officers.proposed(dossier_id)
    for _ in range(2):
        await officers.did(officers.officer, made[2], "request_supplement", items=["Bản công bố"])
        path = f"/v1/me/dossiers/{made[2]}/supplements"
        assert (await desk.send("POST", path, an, json={"note": "Đã bổ sung"})).is_success
    await officers.did(officers.officer, made[3], "apologise", reason="Chậm", new_due_on="2026-12-25")
    await officers.did(officers.leader, made[3], "sign")
    pass_time(desk, days=14)
    await officers.did(officers.leader, made[1], "sign")


async def test_counts_equal_a_recount_by_the_rule(desk: Desk) -> None:
    await some_work(desk)
    rows = await desk.rows.fetch(
        "select d.*, (select count(*) from dossier_history h where h.dossier_id = d.dossier_id"
        " and h.action = 'apologise') as apologies from dossiers d"
    )
    now = desk.clocks.legal_now()
    on_time = [
        row["finished_at"] is not None
        and is_on_time(
            finished_at=row["finished_at"],
            due_at=row["due_at"],
            rounds=row["supplement_round"],
            apologies=row["apologies"],
            now=now,
        )
        for row in rows
    ]

    by_agency = await asked(desk)

    counts = by_agency["items"][0]["counts"]
    assert by_agency["items"][0]["key"] == DRUGS
    assert (counts["received"], counts["processed"], counts["on_time"]) == (7, 3, sum(on_time)) == (7, 3, 1)
    assert counts["overdue"] == 3
    assert counts["on_time_share"] == round(1 / 3, 4)
    assert "766" in by_agency["formula"]


async def test_every_grouping_sums_to_the_same(desk: Desk) -> None:
    await some_work(desk)

    for group in ("agency", "field", "procedure", "month", "channel"):
        found = await asked(desk, group_by=group)
        assert [item["counts"]["received"] for item in found["items"]] == [7]
        assert found["total"]["received"] == 7
    steps = {step["action"]: step["count"] for step in found["steps"]}
    assert steps["submit"] == 7
    assert "apologise" not in steps


async def test_small_groups_and_other_windows_are_not_shown(desk: Desk) -> None:
    for _ in range(2):
        await of_drugs(desk)

    small = await asked(desk)
    other = await asked(desk, since="2020-01-01", until="2020-12-31")
    narrowed = await asked(desk, agency="cuc-an-toan-thuc-pham")
    wrong = await desk.client.get(
        "/v1/public/statistics", params={"since": "2026-02-01", "until": "2026-01-01"}
    )

    assert (small["items"][0]["counts"], small["total"]) == (None, None)
    assert other["items"] == narrowed["items"] == []
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "?until")
