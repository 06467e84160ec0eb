"""Issuing: number, file, event and decision together or not at all."""

import asyncio
import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader

from casework.seals import read_roots
from casework.signatures import verify
from chassis.testing import PUBLIC_URL
from tests.judicial_record.certificates.conftest import Registry
from tests.judicial_record.conftest import OFFICE, OWN
from tests.support.papers import pdfsig, read_qr

CONVICTION = {
    "judgment_number": "12/2024/HS-ST",
    "court": "Tòa án nhân dân quận Mẫu",
    "judged_on": "2024-05-06",
    "crimes": [{"name": "Trộm cắp tài sản", "article": "173"}],
    "principal": {"kind": "prison", "months": 18, "done_on": None},
    "additional": [{"kind": "post_ban", "months": 12, "done_on": None}],
    "status": "not_expunged",
    "expunged_on": None,
}


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_certificate_says_who_what_and_where_to_check(registry: Registry) -> None:
    person = registry.person("Nguyễn Văn *An* #panic()")
    _, pdf = await registry.issued(person)
    text = text_of(pdf)
    for part in (
        "PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1",
        "Nguyễn Văn *An* #panic()",
        "12/03/1985",
        "001085000017",
        "Không có án tích",
        "LLTP-G01-2026-0000001",
        "Lê Thị Lan",
        f"{PUBLIC_URL}/verify",
    ):
        assert part in text


async def test_convictions_and_bans_are_listed(registry: Registry) -> None:
    person = registry.person()
    registry.base.contents[person.citizen_id] = [CONVICTION]
    _, pdf = await registry.issued(person, include_bans=True)
    text = text_of(pdf)
    for part in ("Có án tích", "12/2024/HS-ST", "Trộm cắp tài sản (Điều 173)", "Tù có thời hạn 18 tháng"):
        assert part in text
    assert "Không có án tích" not in text
    assert "9. Cấm đảm nhiệm chức vụ" in text


async def test_signatures_hold(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person())
    verdict = await verify(pdf, read_roots(registry.keys / "pki" / "roots.pem"))
    assert (verdict.state, verdict.covers_whole_file) == ("valid", True)
    assert [one.signer for one in verdict.signatures] == ["Lê Thị Lan", "Công an thành phố Hà Nội"]


@pytest.mark.judge
async def test_pdfsig_holds_the_certificate_valid(registry: Registry, tmp_path: Path) -> None:
    _, pdf = await registry.issued(registry.person())
    roots = registry.keys / "pki" / "roots.pem"
    assert pdfsig(pdf, roots, tmp_path).count("Signature is Valid.") == 2
    changed = bytearray(pdf)
    changed[1500] ^= 1
    assert "Signature is Valid." not in pdfsig(bytes(changed), roots, tmp_path)


@pytest.mark.judge
async def test_scanner_finds_the_way_to_the_answer(registry: Registry, tmp_path: Path) -> None:
    _, pdf = await registry.issued(registry.person())
    (address,) = read_qr(pdf, tmp_path)
    assert address.startswith(f"{PUBLIC_URL}/verify?")
    asked = parse_qs(urlsplit(address).query)
    found = await registry.check_code(asked["number"][0], asked["code"][0])
    assert found["status"] == "valid"


async def test_number_event_and_decision_are_one(registry: Registry) -> None:
    person = registry.person()
    application_id, _ = await registry.issued(person)
    events = [one for one in await registry.events() if one["type"].endswith("certificate.issued.v1")]
    assert [one["application_id"] for one in events] == [str(application_id)]
    assert events[0]["detail_url"] == f"{OWN}/{application_id}/certificate.pdf"
    stored = await registry.rows.fetchrow("select * from certificates")
    assert stored is not None
    assert b"%PDF" not in stored["pdf"]
    assert (await registry.own(person, application_id))["status"] == "issued"


async def test_holder_is_told_number_and_way_to_the_answer(registry: Registry) -> None:
    person = registry.person()
    application_id, _ = await registry.issued(person)

    told = (await registry.own(person, application_id))["certificate"]
    asked = parse_qs(urlsplit(told["verification_address"]).query)

    assert (told["number"], told["status"], told["issued_on"]) == (
        "LLTP-G01-2026-0000001",
        "valid",
        "2026-11-23",
    )
    assert asked == {"number": [told["number"]], "code": [told["verification_code"]]}
    assert (await registry.check_code(told["number"], told["verification_code"]))["status"] == "valid"
    office = await registry.client.get(f"{OFFICE}/{application_id}", headers=registry.leader())
    assert told["verification_code"] not in office.text
    stored = await registry.rows.fetchrow("select * from certificates")
    assert stored is not None
    assert told["verification_code"].encode() not in stored["code"]


async def test_end_of_a_certificate_shows_in_spite_of_the_tag(registry: Registry) -> None:
    person = registry.person()
    application_id, _ = await registry.issued(person)
    url, who = f"{OWN}/{application_id}", registry.citizen(person)
    tag = (await registry.client.get(url, headers=who)).headers["etag"]
    await registry.end("LLTP-G01-2026-0000001", registry.leader())

    seen = await registry.client.get(url, headers=who | {"if-none-match": tag})

    assert seen.status_code == 200
    assert (seen.json()["certificate"]["status"], seen.json()["certificate"]["ended_on"]) == (
        "revoked",
        "2026-11-23",
    )


async def test_failed_approval_leaves_no_gap(registry: Registry) -> None:
    first = await registry.proposed(registry.person())
    seal = registry.keys / "judicial-record" / "seals" / "lltp-ha-noi.seal.pem"
    hidden = seal.rename(seal.with_suffix(".hidden"))
    try:
        refused = await registry.act(first, "approve", registry.leader())
    finally:
        hidden.rename(seal)
    assert refused.status_code == 503, refused.text
    assert refused.json()["code"] == "upstream_unavailable"
    assert await registry.rows.fetchval("select count(*) from certificate_register") == 0
    await registry.did(first, "approve", registry.leader())
    assert await registry.rows.fetchval("select number from certificate_register") == "LLTP-G01-2026-0000001"


async def test_numbers_have_no_gap_when_issued_at_once(registry: Registry) -> None:
    waiting = [await registry.proposed(registry.person()) for _ in range(4)]
    done = await asyncio.gather(*(registry.act(one, "approve", registry.leader()) for one in waiting))
    assert [answer.status_code for answer in done] == [200] * 4
    found = await registry.rows.fetch("select number from certificate_register order by number")
    assert [row["number"] for row in found] == [f"LLTP-G01-2026-000000{n}" for n in range(1, 5)]


async def test_only_its_holder_fetches_the_certificate(registry: Registry) -> None:
    person, other = registry.person(), registry.person("Lê Hoàng Dũng")
    application_id, pdf = await registry.issued(person)
    answer = await registry.fetch(person, application_id)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="LLTP-G01-2026-0000001.pdf"'
    again = await registry.fetch(person, application_id, **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await registry.fetch(other, application_id)).status_code == 404
    assert [row["outcome"] for row in await registry.traces(person)][-1] == "refused"
    assert pdf == answer.content


async def test_no_certificate_before_it_is_issued(registry: Registry) -> None:
    person = registry.person()
    application_id = await registry.proposed(person)
    assert (await registry.fetch(person, application_id)).status_code == 404


async def test_interim_status_is_sealed_and_says_nothing_of_convictions(registry: Registry) -> None:
    person = registry.person()
    registry.base.contents[person.citizen_id] = [CONVICTION]
    application_id = await registry.proposed(person)
    url = f"{OWN}/{application_id}/interim-status"
    answer = await registry.client.get(url, headers=registry.citizen(person))
    assert answer.status_code == 200, answer.text
    text = text_of(answer.content)
    assert "XÁC NHẬN TÌNH TRẠNG GIẢI QUYẾT HỒ SƠ" in text
    assert person.name in text
    assert "Trộm cắp" not in text
    verdict = await verify(answer.content, read_roots(registry.keys / "pki" / "roots.pem"))
    assert (verdict.state, verdict.signer) == ("valid", "Công an thành phố Hà Nội")
    assert (await registry.check(answer.content))["status"] == "unknown"
    other = registry.person("Lê Hoàng Dũng")
    assert (await registry.client.get(url, headers=registry.citizen(other))).status_code == 404
