"""What an applicant gets back: the receipt, the document store, and what the portal is told."""

import asyncio
import io

from pypdf import PdfReader

from contracts.portal import PortalDossier
from dossier.desk.offices import Offices
from tests.dossier.conftest import Desk
from tests.dossier.filing import COSMETICS, FREE, ME, draft, filed
from tests.dossier.work import Officers, of_drugs, pay

PORTAL = "/internal/v1/portal-dossiers"


async def test_receipt_waits_for_acceptance_and_stays_the_same(desk: Desk) -> None:
    an, officers = desk.citizen(), Officers(desk)
    dossier_id = await of_drugs(desk, an)
    path = f"{ME}/{dossier_id}/receipt.pdf"
    early = await desk.client.get(path, headers=an)
    await officers.accepted(dossier_id)

    answers = await asyncio.gather(*(desk.client.get(path, headers=an) for _ in range(3)))

    assert (early.status_code, early.json()["code"]) == (409, "not_accepted_yet")
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    reader = PdfReader(io.BytesIO(answers[0].content))
    text = " ".join(page.extract_text() for page in reader.pages)
    code = (await desk.client.get(f"{ME}/{dossier_id}", headers=an)).json()["code"]
    assert code in text
    assert "Nguyễn Văn An" in text
    assert "seal" in (reader.get_fields() or {})
    another = await desk.client.get(path, headers=desk.citizen("binh"))
    assert another.status_code == 404


async def test_result_is_used_again_instead_of_being_sent_again(desk: Desk) -> None:
    an, officers = desk.citizen(), Officers(desk)
    dossier_id = await of_drugs(desk, an)
    await officers.signed(dossier_id)

    (document,) = (await desk.client.get("/v1/me/documents", headers=an)).json()["items"]
    made = await draft(desk, an, COSMETICS)
    path = f"{ME}/{made['id']}/attachments/paper-3"
    used = await desk.send("POST", f"{path}/document", an, json={"document_id": document["id"]})
    theirs = await desk.send(
        "POST",
        f"{ME}/{(await draft(desk, desk.citizen('binh')))['id']}/attachments/paper-3/document",
        desk.citizen("binh"),
        json={"document_id": document["id"]},
    )

    assert used.status_code == 201, used.text
    assert (used.json()["origin"], used.json()["document_id"]) == ("document_store", document["id"])
    original = await desk.client.get(document["document_url"], headers=an)
    again = await desk.client.get(path, headers=an)
    assert again.content == original.content
    assert theirs.status_code == 404
    assert (await desk.client.get("/v1/me/documents", headers=desk.citizen("binh"))).json()["items"] == []


async def test_portal_is_told_the_whole_dossier(desk: Desk) -> None:
    company, officers = desk.company(), Officers(desk)
    dossier_id = (await filed(desk, company, COSMETICS))["id"]
    await officers.did(officers.counter, dossier_id, "request_payment")
    await pay(desk, company, dossier_id)

    answer = await desk.client.get(
        f"{PORTAL}/{dossier_id}", headers=desk.service("national-portal-sync", "portal.read")
    )

    told = PortalDossier.model_validate(answer.json())
    assert told.code == (await desk.client.get(f"{ME}/{dossier_id}", headers=company)).json()["code"]
    assert (told.procedure_code, told.agency_code) == (COSMETICS, "G18")
    assert told.unit == Offices.from_csv().name_of("cuc-quan-ly-duoc")["vi"]
    assert (told.owner.tax_code, told.owner.acting_name) == ("0100000010", "Phan Thị Ngân")
    assert [step.sequence for step in told.steps] == list(range(1, len(told.steps) + 1))
    assert told.steps[-1].status == told.status == 2
    assert [fee.amount_vnd for fee in told.fees] == [500_000]
    assert told.fees[0].paid_at is not None
    assert await desk.count(
        f"access_entries where citizen_id = '{desk.person('nhan-vien')}' and outcome = 'allowed'"
        " and purpose = 'national_portal_synchronisation'"
    )


async def test_portal_is_told_of_results(desk: Desk) -> None:
    officers = Officers(desk)
    dossier_id = await of_drugs(desk)
    await officers.signed(dossier_id)

    answer = await desk.client.get(
        f"{PORTAL}/{dossier_id}", headers=desk.service("national-portal-sync", "portal.read")
    )

    (result,) = PortalDossier.model_validate(answer.json()).results
    assert (result.kind, result.signed_by) == ("granted", "Cục Quản lý Dược")
    assert result.code.startswith("KQ.G18.")


async def test_portal_is_told_nothing_of_drafts(desk: Desk) -> None:
    made = await draft(desk, desk.citizen(), FREE)

    answer = await desk.client.get(
        f"{PORTAL}/{made['id']}", headers=desk.service("national-portal-sync", "portal.read")
    )

    assert answer.status_code == 404
