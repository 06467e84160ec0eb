"""Results of judicial records at VNeID: issued, then revoked; nothing of what is on record."""

from typing import Any

from chassis.ids import new_id
from contracts.portal import PortalDossier
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import (
    FILED_AT,
    make_application_change,
    make_dossier,
    make_issued,
    make_result,
    make_revoked,
)

CODE = "G01-20261123-0000001"


def application(**overrides: Any) -> PortalDossier:
    values = {"code": CODE, "agency_code": "G01", "results": [make_result()], "finished_at": FILED_AT}
    return make_dossier(1, 2, 4, 9, **(values | overrides))


async def result(sync: Sync) -> dict[str, Any]:
    answer = await sync.peers.http.get(f"/sandbox/api/vneid-push/results/{CODE}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_issued_certificate_and_its_revocation_reach_vneid(sync: Sync) -> None:
    application_id = new_id()
    sync.sources.dossiers[application_id] = application()
    await sync.announce(make_issued(application_id))
    await sync.drain()
    assert (await result(sync))["ketQuaXuLy"]["trangThai"] == "granted"

    sync.sources.dossiers[application_id] = application(results=[make_result(kind="revoked")])
    await sync.announce(make_revoked(application_id))
    await sync.drain()

    found = await result(sync)
    assert (found["maTinh"], found["trangThaiXuLy"]) == ("01", "9")
    assert found["ketQuaXuLy"] == {
        "soPhieuLLTP": "LLTP-2026-0000001",
        "ngayCapPhieu": "23/11/2026",
        "nguoiKy": "Lê Thị Lan",
        "trangThai": "revoked",
        "thayChoPhieu": "",
    }
    assert await sync.states("vneid") == [("delivered", "sent")] * 2
    portal = await sync.peers.dossier(CODE)
    assert portal is not None
    assert portal["HoSo"]["DanhSachGiayToKetQua"][0]["TrangThai"] == "revoked"


async def test_revocation_that_comes_before_the_issue_was_sent_is_told_once(sync: Sync) -> None:
    application_id = new_id()
    sync.sources.dossiers[application_id] = application(results=[make_result(kind="revoked")])
    await sync.announce(make_issued(application_id))
    await sync.announce(make_revoked(application_id))
    await sync.drain()

    assert await sync.states("vneid") == [("delivered", "sent"), ("delivered", "unchanged")]


async def test_lost_answer_of_vneid_is_settled_by_asking(sync: Sync) -> None:
    application_id = new_id()
    sync.sources.dossiers[application_id] = application()
    await sync.peers.fault("vneid-push", lose_next=1)
    await sync.announce(make_issued(application_id))
    await sync.drain()
    assert await sync.states("vneid") == [("unknown", None)]
    await sync.retry()

    assert await sync.states("vneid") == [("delivered", "found")]


async def test_agency_without_a_province_is_parked(sync: Sync) -> None:
    application_id = new_id()
    sync.sources.dossiers[application_id] = application(agency_code="H99")
    await sync.announce(make_issued(application_id))
    await sync.drain()

    row = await sync.rows.fetchrow("select state, problem, problem_detail from deliveries")
    assert row is not None
    assert tuple(row) == ("parked", "not_mapped", "maTinh")


async def test_application_without_code_concerns_no_peer(sync: Sync) -> None:
    await sync.announce(make_application_change(new_id(), code=None, national_status=None, status="draft"))

    assert await sync.rows.fetchval("select count(*) from deliveries") == 0


async def test_application_is_told_to_the_portal(sync: Sync) -> None:
    application_id = new_id()
    sync.sources.dossiers[application_id] = application()
    await sync.announce(make_application_change(application_id, national_status=9, version=4))
    await sync.drain()

    assert await sync.peers.statuses(CODE) == ["1", "2", "4", "9"]
