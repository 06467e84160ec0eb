"""Results: four eyes, signatures that verify, refusal on the merits, replaced and revoked papers."""

import asyncio
from pathlib import Path

import pytest

from casework.seals import read_roots
from casework.signatures import verify
from tests.dossier.conftest import Desk
from tests.dossier.filing import ME
from tests.dossier.work import DRUGS, Officers, of_drugs, run_timers, status_of

WHY = {"reason": "Thiếu điều kiện", "legal_basis": "Thông tư 06/2011/TT-BYT, Điều 7"}


async def papers(desk: Desk, who: dict[str, str], dossier_id: str) -> list[dict[str, str]]:
    answer = await desk.send("GET", f"{ME}/{dossier_id}/results", who)
    items: list[dict[str, str]] = answer.json()["items"]
    return items


async def test_signed_result_verifies_and_one_byte_changed_does_not(desk: Desk, key_directory: Path) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.signed(dossier_id)
    url = (await papers(desk, an, dossier_id))[0]["document_url"]
    content = (await desk.send("GET", url, an)).content
    roots = read_roots(key_directory / "pki" / "roots.pem")
    place = content.index(b"/Type")
    altered = content[:place] + b"/Tipe" + content[place + 5 :]

    good, bad = await verify(content, roots), await verify(altered, roots)

    assert (good.state, bad.state != "valid") == ("valid", True)


async def test_the_one_who_proposed_never_signs(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.processing(dossier_id)
    bare = await officers.act(officers.leader, dossier_id, "sign")
    await officers.did(officers.leader, dossier_id, "propose", content="Đồng ý")

    same = await officers.act(officers.leader, dossier_id, "sign")
    other = desk.staff("giam-doc", "dossier_leader", DRUGS)
    signed = await officers.did(other, dossier_id, "sign")

    assert (bare.status_code, bare.json()["condition"]) == (409, "proposed")
    assert (same.status_code, same.json()["code"]) == (403, "same_person")
    assert signed["status"]["number"] == 10


async def test_officer_cannot_sign(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.proposed(dossier_id)

    for action in ("sign", "deny", "replace_result", "revoke_result"):
        answer = await officers.act(officers.officer, dossier_id, action, **WHY)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert await desk.count("results") == 0


async def test_two_leaders_at_once_sign_one_result(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.proposed(dossier_id)
    other = desk.staff("giam-doc", "dossier_leader", DRUGS)

    answers = await asyncio.gather(
        officers.act(officers.leader, dossier_id, "sign"), officers.act(other, dossier_id, "sign")
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await desk.count("results") == 1


async def test_refusal_on_the_merits_is_a_signed_result(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.processing(dossier_id)
    bare = await officers.act(officers.officer, dossier_id, "propose", kind="refused")
    await officers.did(officers.officer, dossier_id, "propose", kind="refused", **WHY)
    granted = await officers.act(officers.leader, dossier_id, "sign")

    shown = await officers.did(officers.leader, dossier_id, "deny")

    assert {error["pointer"] for error in bare.json()["errors"]} <= {"/reason", "/legal_basis"}
    assert granted.json()["condition"] == "proposed"
    assert (shown["status"]["number"], shown["results"][0]["kind"]) == (10, "refused")
    assert [step["action"] for step in shown["control_sheet"]][-2:] == ["deny", "return_result"]
    assert (await papers(desk, an, dossier_id))[0]["kind"] == "refused"


async def test_later_proposal_takes_the_place_of_the_earlier(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.proposed(dossier_id)
    await officers.did(officers.officer, dossier_id, "propose", kind="refused", **WHY)

    shown = await officers.read(dossier_id, officers.officer)

    assert shown["proposal"]["kind"] == "refused"
    assert await desk.count("result_proposals where closed_at is null") == 1


async def test_replaced_result_names_the_old_one_which_is_no_longer_in_force(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.signed(dossier_id)

    shown = await officers.did(
        officers.leader, dossier_id, "replace_result", reason="Sai tên", content="Đã sửa tên"
    )

    assert shown["status"]["number"] == 10
    old, new = await papers(desk, an, dossier_id)
    assert (old["state"], new["state"], new["replaces_id"]) == ("replaced", "valid", old["id"])
    assert (old["code"], new["code"]) == ("KQ.G18.000001", "KQ.G18.000002")


async def test_revocation_is_a_paper_of_its_own_and_happens_once(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    await officers.signed(dossier_id)
    bare = await officers.act(officers.leader, dossier_id, "revoke_result")

    await officers.did(officers.leader, dossier_id, "revoke_result", **WHY)
    again = await officers.act(officers.leader, dossier_id, "revoke_result", **WHY)

    assert {error["pointer"] for error in bare.json()["errors"]} == {"/reason", "/legal_basis"}
    result, decision = await papers(desk, an, dossier_id)
    assert (result["state"], decision["kind"], decision["replaces_id"]) == (
        "revoked",
        "revocation",
        result["id"],
    )
    assert (again.status_code, again.json()["condition"]) == (409, "result_in_force")


async def test_failed_signature_leaves_everything_as_it_was(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.proposed(dossier_id)
    await desk.rows.execute("update dossiers set agency_code = 'cuc-an-toan-thuc-pham'")
    elsewhere = desk.staff("ld-mai", "dossier_leader", "cuc-an-toan-thuc-pham")

    answer = await officers.act(elsewhere, dossier_id, "sign")

    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert await status_of(desk, dossier_id) == 4
    assert await desk.count("results") == 0
    assert await desk.count("number_counters where series = 'KQ.G18'") == 0


async def test_results_are_the_owners_and_the_offices_alone(desk: Desk) -> None:
    officers, an = Officers(desk), desk.citizen()
    dossier_id = await of_drugs(desk, an)
    shown = await officers.signed(dossier_id)
    result_id = shown["results"][0]["id"]
    others = desk.staff("cb-son", "dossier_officer", "cuc-an-toan-thuc-pham")
    own, work = f"{ME}/{dossier_id}", f"/v1/dossiers/{dossier_id}/results/{result_id}/document"

    assert (await desk.send("GET", f"{own}/results", desk.citizen("binh"))).status_code == 404
    theirs = await desk.send("GET", f"{own}/results/{result_id}/document", desk.citizen("binh"))
    assert theirs.status_code == 404
    assert (await desk.send("GET", f"{own}/slips/09/1", an)).status_code == 404
    assert (await desk.send("GET", f"{own}/slips/02/99999999999", an)).status_code in (404, 422)
    assert (await desk.send("GET", work, others)).status_code == 404
    read = await desk.send("GET", work, officers.officer)
    assert (read.status_code, read.headers["content-type"]) == (200, "application/pdf")
    assert read.headers["content-disposition"].startswith("attachment")


async def test_result_of_an_online_dossier_is_returned_with_the_signature(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)

    shown = await officers.signed(dossier_id)

    assert shown["status"]["number"] == 10
    returned = await desk.rows.fetchrow(
        "select * from dossier_history where dossier_id = $1 order by version desc limit 1", dossier_id
    )
    assert (returned["transition_id"], returned["is_automatic"]) == ("T70", True)
    twice = await officers.act(officers.counter, dossier_id, "return_result")
    assert twice.status_code == 409


@pytest.mark.parametrize("channel", ["counter", "post"])
async def test_result_of_a_paper_dossier_waits_for_the_desk(desk: Desk, channel: str) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await desk.rows.execute("update dossiers set channel = $1 where dossier_id = $2", channel, dossier_id)

    signed = await officers.signed(dossier_id)
    await run_timers(desk)

    assert (signed["status"]["number"], await status_of(desk, dossier_id)) == (9, 9)
    shown = await officers.did(officers.counter, dossier_id, "return_result")
    assert shown["status"]["number"] == 10
