"""Public tracking: code and PIN open status and dates; anything else is not there."""

import pytest

from tests.dossier.conftest import Desk
from tests.dossier.filing import FREE, draft, filed

TRACKINGS = "/v1/dossier-trackings"


async def test_code_and_pin_open_status_and_dates_only(desk: Desk) -> None:
    out = await filed(desk, desk.citizen())

    answer = await desk.client.post(TRACKINGS, json={"code": out["code"], "pin": out["tracking_pin"]})

    assert answer.status_code == 200
    assert answer.json()["status"]["number"] == out["status"]["number"]
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {
        "code",
        "procedure_code",
        "status",
        "submitted_at",
        "accepted_at",
        "due_on",
        "finished_at",
        "returned_at",
        "updated_at",
    }


async def test_code_and_pin_are_read_as_people_type_them(desk: Desk) -> None:
    out = await filed(desk, desk.citizen())
    pin = out["tracking_pin"]

    answer = await desk.client.post(
        TRACKINGS, json={"code": f" {out['code'].lower()} ", "pin": f"{pin[:4]} {pin[4:]}"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("pin", ["0000000000", "", "1", "' or 1=1 --", "०१२३४५६७८९"])
async def test_wrong_pin_and_unknown_code_are_the_same_answer(desk: Desk, pin: str) -> None:
    out = await filed(desk, desk.citizen())

    wrong = await desk.client.post(TRACKINGS, json={"code": out["code"], "pin": pin or "x"})
    unknown = await desk.client.post(TRACKINGS, json={"code": "G18-20261123-9999999", "pin": pin or "x"})

    told = [
        {name: value for name, value in answer.json().items() if name != "trace_id"}
        for answer in (wrong, unknown)
    ]
    assert wrong.status_code == unknown.status_code == 404
    assert told[0] == told[1]


async def test_pin_of_another_dossier_opens_nothing(desk: Desk) -> None:
    one = await filed(desk, desk.citizen(), FREE)
    other = await filed(desk, desk.citizen("binh"), FREE)

    answer = await desk.client.post(TRACKINGS, json={"code": one["code"], "pin": other["tracking_pin"]})

    assert answer.status_code == 404


async def test_draft_has_nothing_to_track(desk: Desk) -> None:
    made = await draft(desk, desk.citizen())

    assert (made["code"], made["tracking_pin"]) == (None, None)
