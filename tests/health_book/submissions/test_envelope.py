"""What the reader accepts, in which variations, and what it refuses before anything is stored."""

import base64
import tracemalloc
import unicodedata

import pytest

from health_book.submissions.envelope import EnvelopeReader, Unreadable
from health_book.submissions.findings import Severity
from health_book.submissions.rules import check_dossier
from tests.health_book.factories import DATA, make_dossier, make_file, read_one, sample, transfer_paper


def refusals(body: bytes) -> list[tuple[str, str]]:
    return [
        (finding.pointer, finding.code)
        for dossier in EnvelopeReader(body)
        for finding in check_dossier(dossier)
        if finding.severity is Severity.refuse
    ]


@pytest.mark.parametrize(
    "name", ["qd3176-outpatient", "qd3176-inpatient", "qd130-outpatient-plain", "qd3176-three-dossiers"]
)
def test_sample_files_are_sound(name: str) -> None:
    assert refusals(sample(name)) == []


def test_every_dossier_of_a_file_is_read() -> None:
    reader = EnvelopeReader(sample("qd3176-three-dossiers"))

    codes = [dossier.summary["MA_LK"] for dossier in reader if dossier.summary]

    assert len(set(codes)) == 3
    assert (reader.declared_count, reader.dossier_count) == (3, 3)


@pytest.mark.parametrize("form", ["base64", "wrapped", "nested", "cdata"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_inner_xml_is_read_in_every_form_seen(form: str, encoding: str) -> None:
    body = make_file(make_dossier(), form=form, encoding=encoding.removesuffix("-sig"))
    if encoding == "utf-8-sig":
        body = b"\xef\xbb\xbf" + body

    dossier = read_one(body)

    assert check_dossier(dossier) == []
    assert dossier.summary is not None
    assert dossier.summary["HO_TEN"] == "NGUYỄN VĂN AN"


def test_decomposed_letters_become_composed() -> None:
    body = make_file(make_dossier(HO_TEN=unicodedata.normalize("NFD", "NGUYỄN VĂN AN")))

    dossier = read_one(body)

    assert dossier.summary is not None
    assert dossier.summary["HO_TEN"] == "NGUYỄN VĂN AN"


def test_empty_and_self_closed_fields_are_absent() -> None:
    dossier = read_one(make_file(make_dossier(DIEN_THOAI="", GHI_CHU="   ")))

    assert dossier.summary is not None
    assert {"DIEN_THOAI", "GHI_CHU"}.isdisjoint(dossier.summary)


def test_markup_inside_a_text_keeps_all_of_the_text() -> None:
    dossier = make_dossier()
    body = make_file(dossier, form="nested").replace("Ngày 1:".encode(), "Ngày 1<br/> và 2:".encode())

    read = read_one(body)

    assert read.rows("XML5")[0]["DIEN_BIEN_LS"].startswith("Ngày 1 và 2:")


@pytest.mark.parametrize("attack", sorted(p.name for p in (DATA / "xml-attacks").iterdir()))
def test_attack_file_is_unreadable_as_a_file(attack: str) -> None:
    with pytest.raises(Unreadable):
        list(EnvelopeReader((DATA / "xml-attacks" / attack).read_bytes()))


@pytest.mark.parametrize("attack", sorted(p.name for p in (DATA / "xml-attacks").iterdir()))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_attack_inside_the_base64_refuses_the_dossier(attack: str, encoding: str) -> None:
    dossier = make_dossier()
    text = (DATA / "xml-attacks" / attack).read_text().replace('encoding="utf-8"', f'encoding="{encoding}"')
    del dossier.tables["XML2"]
    dossier.raw["XML2"] = base64.b64encode(text.encode(encoding)).decode()

    (refusal,) = [r for r in refusals(make_file(dossier)) if r[0].startswith("/HOSO/0/XML2")]

    assert refusal[1] in {"doctype_forbidden", "unexpected_root"}


def test_doctype_in_utf16_is_refused() -> None:
    body = make_file(make_dossier(), encoding="utf-16", prolog='<!DOCTYPE x [<!ENTITY a "b">]>')

    with pytest.raises(Unreadable) as refusal:
        list(EnvelopeReader(body))

    assert refusal.value.code == "doctype_forbidden"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1258"])
def test_other_encodings_are_refused(encoding: str) -> None:
    body = make_file(make_dossier()).replace(b'encoding="utf-8"', f'encoding="{encoding}"'.encode(), 1)

    with pytest.raises(Unreadable) as refusal:
        list(EnvelopeReader(body))

    assert refusal.value.code == "encoding"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_xml"),
        (b"{}", "not_xml"),
        (b"<GIAMDINHHS>", "not_xml"),
        (b"<KHAMSUCKHOE/>", "unexpected_root"),
        (b"<GIAMDINHHS/>", "facility_missing"),
        (b"<GIAMDINHHS><MACSKCB>99999</MACSKCB></GIAMDINHHS>", "count_missing"),
        (b"<GIAMDINHHS><SOLUONGHOSO>-1</SOLUONGHOSO></GIAMDINHHS>", "count_malformed"),
        (make_file(make_dossier())[:-40], "not_xml"),
    ],
)
def test_unreadable_file_says_why(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        list(EnvelopeReader(body))

    assert refusal.value.code == code


def test_truncated_base64_refuses_only_its_dossier() -> None:
    assert refusals(sample("bad-truncated-base64")) == [("/HOSO/0/XML1", "content_not_base64")]


def test_old_standard_is_refused_with_a_message_that_names_it() -> None:
    (dossier,) = EnvelopeReader(sample("qd4210-outpatient"))

    (finding,) = check_dossier(dossier)

    assert finding.code == "unsupported_standard"
    assert "4210" in finding.message["vi"]
    assert "4210" in finding.message["en"]


def test_unknown_table_is_kept_as_sent_and_marked() -> None:
    dossier = make_dossier()
    dossier.raw["XML99"] = "a2VwdA=="

    read = read_one(make_file(dossier))

    assert read.unread == {"XML99": "a2VwdA=="}
    assert [(f.code, f.severity) for f in check_dossier(read)] == [("table_unread", Severity.warn)]


def test_assessment_minutes_never_come_from_a_hospital() -> None:
    dossier = make_dossier()
    dossier.raw["XML12"] = "PGEvPg=="

    assert refusals(make_file(dossier)) == [("/HOSO/0/XML12", "table_not_from_facility")]


def test_two_files_of_one_table_refuse_the_dossier() -> None:
    dossier = make_dossier()
    dossier.raw["XML1"] = "PGEvPg=="

    assert ("/HOSO/0/XML1", "table_repeated") in refusals(make_file(dossier))


def test_field_twice_in_a_row_refuses_the_dossier() -> None:
    body = make_file(make_dossier(), form="nested").replace(b"<MA_BN>", b"<MA_BN>x</MA_BN><MA_BN>", 1)

    assert refusals(body) == [("/HOSO/0/XML1/MA_BN", "field_repeated")]


@pytest.mark.parametrize("shape", ["qd4750", "qd3176"])
def test_both_shapes_of_the_transfer_paper_are_read(shape: str) -> None:
    dossier = make_dossier()
    transfer_paper(dossier, shape=shape)

    read = read_one(make_file(dossier))

    assert check_dossier(read) == []
    assert ("TINH_TRANG_CT" in read.tables["XML13"].spec.fields) is (shape == "qd3176")


def test_large_file_is_read_in_memory_bounded_by_a_dossier() -> None:
    body = make_file(*(make_dossier(f"LK{n}") for n in range(300)))
    tracemalloc.start()

    count = sum(1 for _ in EnvelopeReader(body))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300
    assert peak < len(body) / 4  # Python's side: one dossier and what it refers to, not the file again
