"""A dossier from filing to its signed result."""

import io

from pypdf import PdfReader

from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, ME, filed
from tests.dossier.work import Officers, of_drugs, pay


async def test_dossier_is_worked_to_a_signed_result(desk: Desk) -> None:
    company, officers = desk.company(), Officers(desk)
    made = await filed(desk, company, COSMETICS)
    dossier_id = made["id"]
    assert made["intake_due_at"] is not None
    if (await officers.act(officers.counter, dossier_id, "accept")).status_code == 409:
        await officers.did(officers.counter, dossier_id, "request_payment")
        assert (await pay(desk, company, dossier_id)).json()["outcome"] == "confirmed"
    shown = await officers.read(dossier_id)
    assert shown["status"]["number"] == 2
    assert shown["deadline"]["due_on"] == "2026-11-27"
    assert shown["deadline"]["steps"]
    await officers.did(officers.leader, dossier_id, "assign", officer_id=str(desk.person("cb-son")))
    await officers.did(officers.officer, dossier_id, "start")
    await officers.did(officers.officer, dossier_id, "propose", content="Số tiếp nhận 1/26")
    shown = await officers.did(officers.leader, dossier_id, "sign")
    assert (shown["status"]["number"], shown["results"][0]["code"]) == (10, "KQ.G18.000001")
    results = await desk.send("GET", f"{ME}/{dossier_id}/results", company)
    document = await desk.send("GET", results.json()["items"][0]["document_url"], company)
    assert document.status_code == 200
    text = PdfReader(io.BytesIO(document.content)).pages[0].extract_text()
    assert "KQ.G18.000001" in text
    assert "Công ty TNHH Dược Mẫu" in text
    twice = await officers.act(officers.counter, dossier_id, "return_result")
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_transition")
    assert [row["action"] for row in shown["control_sheet"]][-3:] == ["propose", "sign", "return_result"]


async def test_officers_steps_are_events_in_order(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)

    await officers.signed(dossier_id)

    events = [(event["action"], event["status"], event["version"]) for event in await desk.events()]
    assert [(action, status) for action, status, _ in events] == [
        ("submit", 1),
        ("accept", 2),
        ("assign", 2),
        ("start", 4),
        ("propose", 4),
        ("sign", 9),
        ("return_result", 10),
    ]
    assert [version for _, _, version in events] == sorted(version for _, _, version in events)
