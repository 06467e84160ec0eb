"""Withdrawal and rating: asked, taken back, out of order, twice, at once."""

import asyncio
from typing import Any

from tests.dossier.conftest import Desk
from tests.dossier.filing import FREE, ME, draft, filed

REASON = {"reason": "Nộp nhầm thủ tục."}


async def ask(desk: Desk, who: dict[str, str], dossier: dict[str, Any]) -> Any:
    return await desk.send("POST", f"{ME}/{dossier['id']}/withdrawal", who, json=REASON)


async def test_withdrawal_is_asked_and_taken_back(desk: Desk) -> None:
    an = desk.citizen()
    out = await filed(desk, an, FREE)

    asked = await ask(desk, an, out)
    back = await desk.send("DELETE", f"{ME}/{out['id']}/withdrawal", an)

    assert asked.json()["status"]["number"] == 7
    assert back.json()["status"] == out["status"]
    history = (await desk.client.get(f"{ME}/{out['id']}/history", headers=an)).json()["items"]
    assert [item["action"] for item in history][-2:] == ["request_withdrawal", "take_back_withdrawal"]
    assert history[-2]["note"] == REASON["reason"]
    assert [event["action"] for event in await desk.events()][-2:] == [
        "request_withdrawal",
        "take_back_withdrawal",
    ]


async def test_withdrawal_out_of_order_is_refused(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an, FREE)
    out = await filed(desk, an, FREE)

    of_a_draft = await ask(desk, an, made)
    not_asked = await desk.send("DELETE", f"{ME}/{out['id']}/withdrawal", an)
    first = await ask(desk, an, out)
    second = await ask(desk, an, out)

    assert first.status_code == 200
    for answer in (of_a_draft, not_asked, second):
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


async def test_withdrawal_at_once_from_two_sides_counts_once(desk: Desk) -> None:
    an = desk.citizen()
    out = await filed(desk, an, FREE)

    answers = await asyncio.gather(*(ask(desk, an, out) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_rating_waits_for_the_decision(desk: Desk) -> None:
    an = desk.citizen()
    out = await filed(desk, an, FREE)

    early = await desk.send("POST", f"{ME}/{out['id']}/rating", an, json={"score": 5})
    await desk.rows.execute("update dossiers set status = 9 where dossier_id = $1", out["id"])
    rated = await desk.send("POST", f"{ME}/{out['id']}/rating", an, json={"score": 4, "comment": "Tốt"})
    again = await desk.send("POST", f"{ME}/{out['id']}/rating", an, json={"score": 2})
    wrong = await desk.send("POST", f"{ME}/{out['id']}/rating", an, json={"score": 6})

    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    assert (rated.status_code, rated.json()["comment"]) == (200, "Tốt")
    assert again.json()["score"] == 2
    assert wrong.status_code == 422
    assert await desk.count("dossier_ratings") == 1


async def test_refused_dossier_is_filed_again_with_a_link(desk: Desk) -> None:
    an = desk.citizen()
    old = await filed(desk, an, FREE)
    too_early = await desk.send(
        "POST", ME, an, json={"procedure_code": FREE, "previous_dossier_id": old["id"]}
    )
    await desk.rows.execute("update dossiers set status = 3 where dossier_id = $1", old["id"])

    new = await filed(desk, an, FREE, previous_dossier_id=old["id"])
    other = await desk.send(
        "POST",
        ME,
        desk.citizen("binh"),
        json={"procedure_code": FREE, "previous_dossier_id": old["id"]},
    )

    assert new["previous_dossier_id"] == old["id"]
    for answer in (too_early, other):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/previous_dossier_id"
