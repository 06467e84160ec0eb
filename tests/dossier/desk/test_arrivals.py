"""Dossiers that come to the counter or by post: they begin at 2, 3 or 5, with a slip."""

from typing import Any

import pytest

from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, FREE, ME, form
from tests.dossier.work import DRUGS, Officers, status_of

AN = {"personal_id": "001085000017", "name": "Nguyễn Văn An"}
PAPERS = [{"slot": "paper-1", "count": 1}, {"slot": "paper-2", "count": 1}]


async def entered(desk: Desk, who: dict[str, str], **changes: Any) -> Any:
    body = {"procedure_code": COSMETICS, "channel": "counter", "owner": AN, "papers": PAPERS, **changes}
    return await desk.send("POST", "/v1/dossiers", who, json=body)


@pytest.mark.parametrize(("channel", "row"), [("counter", "accept_at_counter"), ("post", "accept_by_post")])
async def test_complete_paper_is_accepted_with_a_receipt(desk: Desk, channel: str, row: str) -> None:
    officers = Officers(desk)

    answer = await entered(desk, officers.counter, channel=channel, form=form())

    shown = answer.json()
    assert answer.status_code == 201, answer.text
    assert (shown["status"]["number"], shown["channel"]) == (2, channel)
    assert shown["code"] == "G18-20261123-0000001"
    assert shown["parties"]["owner"]["name"] == "Nguyễn Văn An"
    assert shown["control_sheet"][0]["action"] == row
    assert shown["deadline"]["due_on"] == "2026-11-27"
    receipt = await desk.send("GET", f"{ME}/{shown['id']}/receipt.pdf", desk.citizen())
    assert receipt.content.startswith(b"%PDF")
    assert (await desk.events())[0]["status"] == 2


async def test_company_is_found_by_its_tax_code(desk: Desk) -> None:
    officers = Officers(desk)

    answer = await entered(desk, officers.counter, owner={"tax_code": "0100000010"})

    assert (answer.json()["owner_kind"], answer.json()["parties"]["owner"]["name"]) == (
        "company",
        "Công ty TNHH Dược Mẫu",
    )


async def test_incomplete_paper_waits_with_slip_02_and_is_accepted_when_complete(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    missing = await entered(desk, officers.counter, papers=[])

    waiting = await entered(
        desk, officers.counter, papers=[], decision="request_supplement", items=["Phiếu công bố"]
    )
    dossier_id = waiting.json()["id"]
    accepted = await officers.did(officers.counter, dossier_id, "accept")

    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (422, "/papers")
    assert (waiting.json()["status"]["number"], waiting.json()["deadline"]) == (5, None)
    assert accepted["status"]["number"] == 2
    assert accepted["supplements"][0]["answered_at"] is not None
    slips = (await desk.send("GET", f"{ME}/{dossier_id}/slips", an)).json()["items"]
    assert [slip["kind"] for slip in slips] == ["02"]


async def test_refused_paper_leaves_a_row_and_slip_03(desk: Desk) -> None:
    officers = Officers(desk)
    bare = await entered(desk, officers.counter, decision="refuse")

    answer = await entered(
        desk, officers.counter, decision="refuse", reason="Không thuộc thẩm quyền", legal_basis="Điều 4"
    )

    assert {error["pointer"] for error in bare.json()["errors"]} == {"/reason", "/legal_basis"}
    assert await status_of(desk, answer.json()["id"]) == 3
    assert await desk.count("dossiers") == 1


async def test_counter_is_for_the_receiving_desk_of_the_agency(desk: Desk) -> None:
    officers = Officers(desk)
    elsewhere = desk.staff("mot-cua", "receiving_desk", "so-y-te-ha-noi")

    by_officer = await entered(desk, officers.officer)
    by_other = await entered(desk, elsewhere)

    assert (by_officer.status_code, by_officer.json()["code"]) == (403, "role_missing")
    assert (by_other.status_code, by_other.json()["errors"][0]["pointer"]) == (422, "/procedure_code")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"procedure_code": "9.999999"}, "/procedure_code"),
        ({"owner": {"tax_code": "9999999999"}}, "/owner"),
        ({"owner": {}}, "/owner"),
        ({"form": {"brand": 7}}, "/form/brand"),
        ({"channel": "online"}, "/channel"),
    ],
)
async def test_wrong_entries_are_pointed_at(desk: Desk, changes: dict[str, Any], pointer: str) -> None:
    answer = await entered(desk, Officers(desk).counter, **changes)

    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert await desk.count("dossiers") == 0


async def test_same_entry_twice_is_one_dossier(desk: Desk) -> None:
    officers = Officers(desk)
    body = {"procedure_code": FREE, "channel": "post", "owner": AN}
    key = {"idempotency-key": "entry-1"}

    first = await desk.send("POST", "/v1/dossiers", officers.counter, json=body, headers=key)
    again = await desk.send("POST", "/v1/dossiers", officers.counter, json=body, headers=key)

    assert first.json()["id"] == again.json()["id"]
    assert await desk.count("dossiers") == 1
    assert first.json()["office_code"] != DRUGS
