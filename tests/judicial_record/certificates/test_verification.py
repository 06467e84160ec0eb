"""Verification by anyone: what is said of genuine, altered, foreign, ended and hostile papers."""

import io
import zlib
from pathlib import Path

import pytest
from pypdf import PdfReader

from casework.seals import FileSeals
from casework.signing import DocumentSigner, Signature
from deploy.local import pki
from judicial_record.certificates.codes import new_code, read_code
from judicial_record.certificates.routes import MAX_PDF_BYTES
from judicial_record.certificates.service import LEADER_FIELD, SEAL_FIELD
from tests.judicial_record.certificates.conftest import CHECK, Registry

SILENT = ("number", "form", "office", "issued_on", "ended_on", "superseded_by", "holder", "signature")


def code_on(pdf: bytes) -> tuple[str, str]:
    """Return number and code as they are printed."""
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    number = text.split("Số: ")[-1].split()[0]
    return number, text.split("Mã kiểm tra: ")[1].split()[0]


async def test_file_and_code_verify(registry: Registry) -> None:
    person = registry.person()
    _, pdf = await registry.issued(person)
    number, code = code_on(pdf)
    by_file = await registry.check(pdf)
    by_code = await registry.check_code(number, code.lower().replace("-", " "))
    assert by_file | {"checked_at": ""} == by_code | {"checked_at": ""}
    assert by_file["status"] == "valid"
    assert by_file["number"] == number
    assert by_file["issued_on"] == "2026-11-23"
    assert by_file["holder"] == {
        "name": person.name,
        "born_on": "1985-03-12",
        "birth_year": 1985,
        "personal_id_ending": "017",
        "has_convictions": False,
    }
    assert by_file["signature"]["level"] == "B-B"


async def test_holder_sees_that_it_was_checked(registry: Registry) -> None:
    person = registry.person()
    _, pdf = await registry.issued(person)
    before = len(await registry.traces(person))
    await registry.check(pdf)
    await registry.check(pdf[:-1])
    (trace,) = (await registry.traces(person))[before:]
    assert (trace["purpose"], trace["actor_kind"]) == ("certificate_verification", "public")


async def test_form_2_shows_nothing_of_its_holder(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person(), form=2)
    found = await registry.check(pdf)
    assert (found["status"], found["form"], found["holder"]) == ("valid", 2, None)


@pytest.mark.parametrize("at", [20, 5000, 0.5, -300, -12])
async def test_altered_file_says_altered_and_nothing_else(registry: Registry, at: float) -> None:
    _, pdf = await registry.issued(registry.person())
    changed = bytearray(pdf)
    changed[int(len(pdf) * at) if isinstance(at, float) else at] ^= 1
    found = await registry.check(bytes(changed))
    assert found["status"] == "altered"
    assert [found[key] for key in SILENT] == [None] * len(SILENT)


async def test_appended_and_cut_files_are_altered(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person())
    for file in (pdf + b"\n%", pdf[:-50], pdf[: len(pdf) // 2] + b"x" + pdf[len(pdf) // 2 :]):
        assert (await registry.check(file))["status"] == "altered"


async def test_others_and_garbage_are_unknown(registry: Registry, tmp_path: Path) -> None:
    _, pdf = await registry.issued(registry.person())
    unsigned = pdf[: pdf.index(b"%%EOF") + 6]
    pki.write(tmp_path)  # somebody else's authority, same names
    forger = DocumentSigner(FileSeals(tmp_path / "judicial-record" / "seals"), time_stamping_url=None)
    forged = await forger.sign(
        unsigned,
        Signature("lltp-ha-noi.leader", LEADER_FIELD, "Cấp Phiếu", certify=True),
        Signature("lltp-ha-noi.seal", SEAL_FIELD, "Đóng dấu"),
    )
    forger.close()
    bomb = b"%PDF-1.7\n1 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>stream\n" + zlib.compress(bytes(50 << 20))
    for file in (b"", b"not a pdf", b"%PDF-1.7\n%%EOF", bomb, unsigned, forged.content, b"PK" + bytes(9000)):
        found = await registry.check(file)
        assert found["status"] == "unknown"
        assert [found[key] for key in SILENT] == [None] * len(SILENT)
    assert (await registry.check(pdf))["status"] == "valid"


async def test_wrong_codes_are_as_unknown_as_wrong_numbers(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person())
    number, code = code_on(pdf)
    for asked in ((number, new_code()), (number, "?"), ("LLTP-G01-2026-0000002", code), ("'; --", code)):
        found = await registry.check_code(*asked)
        assert found["status"] == "unknown"
        assert found["number"] is None


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_body"),
        (b"[]", "application/json", 422, "invalid"),
        (b'{"number": 1, "code": "x"}', "application/json", 422, "invalid"),
        (b'{"number": "x", "code": "x", "more": 1}', "application/json", 422, "invalid"),
        (b"x", "text/plain", 415, "unsupported_media_type"),
        (b"x", "", 415, "unsupported_media_type"),
        (bytes(MAX_PDF_BYTES + 1), "application/pdf", 413, "body_too_large"),
    ],
    ids=["cut", "list", "number", "more", "text", "none", "large"],
)
async def test_unreadable_question_is_refused(
    registry: Registry, content: bytes, media_type: str, status: int, code: str
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = await registry.client.post(CHECK, content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_revoked_certificate_verifies_no_more(registry: Registry) -> None:
    person = registry.person()
    application_id, pdf = await registry.issued(person)
    number, code = code_on(pdf)
    registry.later(days=2)
    answer = await registry.end(number, registry.leader())
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "revoked"
    for found in (await registry.check(pdf), await registry.check_code(number, code)):
        assert (found["status"], found["holder"], found["ended_on"]) == ("revoked", None, "2026-11-25")
    refused = await registry.fetch(person, application_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate_ended")
    events = [one for one in await registry.events() if one["type"].endswith("certificate.revoked.v1")]
    assert [one["superseded_by"] for one in events] == [None]
    assert (await registry.traces(person))[-1]["purpose"] == "certificate_revocation"
    assert "Cấp sai" not in str(events)


async def test_revoking_twice_is_refused(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person())
    number, _ = code_on(pdf)
    await registry.end(number, registry.leader())
    again = await registry.end(number, registry.leader())
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


async def test_successor_takes_its_place(registry: Registry) -> None:
    person = registry.person()
    _, first = await registry.issued(person)
    _, second = await registry.issued(person)
    old, new = code_on(first)[0], code_on(second)[0]
    answer = await registry.end(old, registry.leader(), superseded_by=new)
    assert answer.json() | {"ended_at": ""} == {
        "number": old,
        "status": "superseded",
        "ended_at": "",
        "superseded_by": new,
    }
    found = await registry.check(first)
    assert (found["status"], found["superseded_by"], found["holder"]) == ("superseded", new, None)
    assert (await registry.check(second))["status"] == "valid"


async def test_successor_has_to_fit(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person())
    _, other = await registry.issued(registry.person("Lê Hoàng Dũng"))
    number = code_on(pdf)[0]
    for successor in ("LLTP-G01-2026-0000009", number, code_on(other)[0]):
        answer = await registry.end(number, registry.leader(), superseded_by=successor)
        assert (answer.status_code, answer.json()["code"]) == (422, "no_such_successor")
    assert (await registry.check(pdf))["status"] == "valid"


async def test_only_the_leader_of_the_office_revokes(registry: Registry) -> None:
    _, pdf = await registry.issued(registry.person())
    number = code_on(pdf)[0]
    foreign = registry.staff("judicial_leader", organisation="lltp-hue")
    assert (await registry.end(number, registry.officer())).status_code == 403
    assert (await registry.end(number, foreign)).status_code == 404
    assert (await registry.end("LLTP-G01-2026-0000009", registry.leader())).status_code == 404
    assert (await registry.end(number, registry.leader(), reason="")).status_code == 422
    assert (await registry.check(pdf))["status"] == "valid"


def test_codes_are_read_as_people_type_them() -> None:
    code = new_code()
    assert len(code) == 19
    assert read_code(code) == code.replace("-", "")
    assert read_code(" o1il-2345 6789-abcd ") == "01112345" + "6789ABCD"
    assert read_code("U" * 16) is None
    assert read_code("1" * 15) is None
    assert len({new_code() for _ in range(100)}) == 100
