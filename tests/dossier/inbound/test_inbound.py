"""Dossiers handed over by another portal: made once, whatever is wrong with what the desk can judge."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.errors import NotFound, UpstreamUnavailable
from chassis.ids import new_id
from contracts.envelope import Envelope
from contracts.events.national_portal_sync import InboundDossierReceivedV1
from dossier.inbound.service import OwnerUnknown
from dossier.inbound.subscribers import on_inbound_received
from tests.dossier.conftest import Desk
from tests.dossier.files import pdf
from tests.dossier.filing import COSMETICS, ME, form


def handed_over(**changes: Any) -> dict[str, Any]:
    """Return what the synchronisation answers for a dossier that the portal handed over."""
    return {
        "code": "G01-20261122-0000009",
        "version": 1,
        "procedure_code": COSMETICS,
        "owner": {"kind": "citizen", "name": "Nguyễn Văn An", "personal_id": "001085000017"},
        "channel": "online",
        "submitted_at": "2026-11-22T03:00:00Z",
        "form": form(),
        "papers": [
            {
                "slot": "paper-1",
                "file_name": "../phieu.pdf",
                "media_type": "application/pdf",
                "content": base64.b64encode(pdf()).decode(),
            }
        ],
        **changes,
    }


def event_of(
    inbound_id: UUID, code: str = "G01-20261122-0000009", version: int = 1
) -> InboundDossierReceivedV1:
    return InboundDossierReceivedV1(
        inbound_id=inbound_id,
        peer="dvcqg",
        external_code=code,
        version=version,
        received_at=datetime(2026, 11, 23, 2, tzinfo=UTC),
        detail_url=f"/internal/v1/inbound-dossiers/{inbound_id}",
    )


async def receive(desk: Desk, event: InboundDossierReceivedV1) -> None:
    envelope = Envelope(
        id=new_id(),
        source=event.source,
        type=event.event_type,
        subject=event.aggregate_id,
        time=event.received_at,
        sequence="1".zfill(20),
        data=event.model_dump(mode="json"),
    )
    async with desk.app.state.database.transaction() as db:
        await on_inbound_received(db, event, envelope, desk.app.state)


async def hand_over(desk: Desk, **changes: Any) -> InboundDossierReceivedV1:
    inbound_id = new_id()
    desk.identity.inbound[str(inbound_id)] = handed_over(**changes)
    return event_of(inbound_id)


async def test_handed_over_dossier_is_filed_for_its_owner(desk: Desk) -> None:
    await receive(desk, await hand_over(desk))

    (item,) = (await desk.client.get(ME, headers=desk.citizen())).json()["items"]
    out = (await desk.client.get(f"{ME}/{item['id']}", headers=desk.citizen())).json()
    assert out["code"] == "G18-20261123-0000001"
    assert (out["form"], out["owner"]["name"]) == (form(), "Nguyễn Văn An")
    assert [(file["name"], file["origin"]) for file in out["attachments"]] == [("phieu.pdf", "portal")]
    assert (await desk.events())[0]["owner_id"] == str(desk.person("an"))


async def test_event_again_and_later_versions_make_no_second_dossier(desk: Desk) -> None:
    event = await hand_over(desk)
    for version in (1, 1, 2):
        await receive(desk, event.model_copy(update={"version": version}))

    assert await desk.count("dossiers") == 1


async def test_at_once_from_two_workers_makes_one_dossier(desk: Desk) -> None:
    event = await hand_over(desk)

    outcomes = await asyncio.gather(*(receive(desk, event) for _ in range(3)), return_exceptions=True)

    assert outcomes.count(None) >= 1
    assert await desk.count("dossiers") == 1


async def test_company_is_found_by_its_tax_code(desk: Desk) -> None:
    owner = {
        "kind": "company",
        "name": "Công ty TNHH Dược Mẫu",
        "tax_code": "0100000010",
        "acting_name": "Phan Thị Ngân",
    }
    await receive(desk, await hand_over(desk, owner=owner))

    (item,) = (await desk.client.get(ME, headers=desk.company())).json()["items"]
    out = (await desk.client.get(f"{ME}/{item['id']}", headers=desk.company())).json()
    assert out["owner"]["shown_as"] == "Phan Thị Ngân thay mặt Công ty TNHH Dược Mẫu"


@pytest.mark.parametrize(
    "papers",
    [
        [{"slot": "paper-1", "file_name": "x", "media_type": "application/pdf", "content": "not base64!"}],
        [{"slot": "paper-1", "file_name": "x.exe", "media_type": "application/pdf", "content": "TVqQAAM="}],
        [],
    ],
    ids=["not base64", "a program", "none"],
)
async def test_unusable_papers_do_not_lose_the_dossier(desk: Desk, papers: list[dict[str, Any]]) -> None:
    await receive(desk, await hand_over(desk, papers=papers, form={}))

    assert await desk.count("dossiers where status >= 1") == 1
    assert await desk.count("attachments") == 0


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"owner": {"kind": "citizen", "name": "Ai Đó", "personal_id": "001099999999"}}, OwnerUnknown),
        ({"owner": {"kind": "company", "name": "Không rõ"}}, OwnerUnknown),
        ({"procedure_code": "9.999999"}, NotFound),
        ({"version": 0}, UpstreamUnavailable),
    ],
    ids=["nobody", "no company", "no procedure", "not as agreed"],
)
async def test_what_cannot_be_worked_fails_the_event_and_leaves_nothing(
    desk: Desk, changes: dict[str, Any], failure: type[Exception]
) -> None:
    event = await hand_over(desk, **changes)

    with pytest.raises(failure):
        await receive(desk, event)

    assert await desk.count("dossiers") == await desk.count("number_counters") == 0
