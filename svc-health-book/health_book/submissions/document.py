"""Makes the visit that the book keeps out of a checked dossier.

The document is made once, here, in the shape that the API answers, with its lines inside, so that opening a
visit is one row and no assembly. Three parts leave it: what identifies a person (encrypted), the sections
that law or their nature hide from a general listing (encrypted, not shown), and files of kinds that we do not
read.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from health_book.submissions.dossier import Dossier
from health_book.submissions.patient import Patient, patient_of
from health_book.submissions.tables import (
    SUMMARY,
    TRANSFER_ADDED_BY_QD3176,
    TRANSFER_REMOVED_BY_QD3176,
    Row,
    qd4750_markers,
)
from health_book.submissions.values import codes, dong, instant, moment, number

Json = dict[str, Any]  # Any: JSON members

_QD3176_IN_USE_FROM = "20250101"

PAPERS = {
    "XML7": "discharge_paper",
    "XML8": "record_summary",
    "XML9": "birth_paper",
    "XML10": "pregnancy_rest_paper",
    "XML11": "sick_leave_paper",
    "XML13": "transfer_paper",
    "XML14": "appointment_paper",
}
SENSITIVE_TABLES = frozenset({"XML6", "XML15"})
_SHEET_TERMINATION = "MA_DINH_CHI_THAI"
# What identifies the patient or somebody else (mother, father, carer) never enters the document.
_IDENTIFYING = frozenset(
    {
        "MA_LK",
        "HO_TEN",
        "NGAY_SINH",
        "GIOI_TINH",
        "SO_CCCD",
        "MA_THE_BHYT",
        "DIA_CHI",
        "DIEN_THOAI",
        "MA_BHXH",
        "MA_THE_TAM",
        "MA_CHA",
        "MA_ME",
        "HO_TEN_CHA",
        "HO_TEN_ME",
        "HO_TEN_CON",
        "HO_TEN_NND",
        "NGUOI_GIAM_HO",
        "MA_BHXH_NND",
        "MA_THE_NND",
        "NGAYSINH_NND",
        "MA_DANTOC_NND",
        "SO_CCCD_NND",
        "NGAYCAP_CCCD_NND",
        "NOICAP_CCCD_NND",
        "NOI_CU_TRU_NND",
        "HOTEN_NGUOI_HT",
    }
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit ready to be kept. `document` and `overview` lack `id`, `version` and `received_at`, which the
    database knows; `sealed` is JSON text, or `None` where nothing is withheld."""

    facility_code: str
    facility_visit_code: str
    digest: bytes
    is_closed: bool
    started_at: datetime
    ended_at: datetime | None
    condition_code: str | None
    condition_text: str | None
    overview: bytes
    document: bytes
    sealed: str | None
    patient: Patient


def make_visit(dossier: Dossier) -> Visit:
    """Return the visit of a dossier that was not refused."""
    summary = dossier.summary
    assert summary is not None  # noqa: S101  (a dossier without one was refused)
    is_closed = SUMMARY in dossier.tables
    withheld = withheld_tables(dossier)
    document = _document(dossier, summary, is_closed, withheld)
    diagnosis = None if withheld else document["diagnosis"]
    overview = {
        name: document[name]
        for name in ("facility_code", "facility_visit_code", "state", "care_type", "started_at", "ended_at")
    }
    overview["diagnosis"] = diagnosis
    overview["has_withheld_sections"] = bool(withheld)
    overview["counts"] = {
        name: len(document[name]) for name in ("prescriptions", "services", "results", "notes", "papers")
    }
    return Visit(
        facility_code=summary["MA_CSKCB"],
        facility_visit_code=summary["MA_LK"],
        digest=digest(dossier),
        is_closed=is_closed,
        started_at=moment(summary["NGAY_VAO"]),
        ended_at=moment(summary["NGAY_RA"]) if is_closed else None,
        condition_code=diagnosis["main_code"] if diagnosis else None,
        condition_text=diagnosis["text"] if diagnosis else None,
        overview=orjson.dumps(overview),
        document=orjson.dumps(document),
        sealed=_sealed(dossier, withheld),
        patient=patient_of(summary),
    )


def digest(dossier: Dossier) -> bytes:
    """Return 32 bytes that are equal for two dossiers that say the same.

    Encoding, base64 or not, empty elements and the order of tables make no difference, nor does the row
    number of XML1, which counts within one sending.
    """
    content: Json = {name: table.rows for name, table in dossier.tables.items()}
    if SUMMARY in content:
        content[SUMMARY] = [{k: v for k, v in row.items() if k != "STT"} for row in content[SUMMARY]]
    content["unread"] = dossier.unread
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def withheld_tables(dossier: Dossier) -> list[str]:
    """Return the tables kept but not shown: HIV, TB, papers on a pregnancy's termination."""
    return [
        name
        for name, table in dossier.tables.items()
        if table.rows
        and (name in SENSITIVE_TABLES or any(row.get(_SHEET_TERMINATION) == "1" for row in table.rows))
    ]


def shape_of(dossier: Dossier) -> str:
    """Return which decision's shape the dossier has: `qd130`, `qd4750` or `qd3176`.

    They differ in XML13 and in the fields that QĐ 4750 added; where nothing tells QĐ 4750 from QĐ 3176, the
    day of discharge does, since the latter has been in use from 2025-01-01.
    """
    transfer = dossier.tags.get("XML13", frozenset())
    if not transfer.isdisjoint(TRANSFER_ADDED_BY_QD3176):
        return "qd3176"
    if SUMMARY in dossier.tags and dossier.tags[SUMMARY].isdisjoint(qd4750_markers()):
        return "qd130"
    if not transfer.isdisjoint(TRANSFER_REMOVED_BY_QD3176):
        return "qd4750"
    summary = dossier.summary or {}
    day = summary.get("NGAY_RA") or summary.get("NGAY_VAO") or ""
    return "qd3176" if day[:8] >= _QD3176_IN_USE_FROM else "qd4750"


def _document(dossier: Dossier, summary: Row, is_closed: bool, withheld: list[str]) -> Json:
    get = summary.get
    return {
        "facility_code": summary["MA_CSKCB"],
        "facility_visit_code": summary["MA_LK"],
        "patient_code": get("MA_BN"),
        "record_number": get("MA_HSBA"),
        "state": "closed" if is_closed else "open",
        "standard": shape_of(dossier),
        "care_type": get("MA_LOAI_KCB"),
        "patient_category": get("MA_DOITUONG_KCB"),
        "department_code": get("MA_KHOA"),
        "started_at": instant(summary["NGAY_VAO"]),
        "admitted_at": instant(get("NGAY_VAO_NOI_TRU")),
        "ended_at": instant(get("NGAY_RA")),
        "treatment_days": number(get("SO_NGAY_DTRI")),
        "reason": get("LY_DO_VV"),
        "admission_diagnosis": get("CHAN_DOAN_VAO"),
        "diagnosis": {
            "text": get("CHAN_DOAN_RV"),
            "main_code": get("MA_BENH_CHINH"),
            "secondary_codes": codes(get("MA_BENH_KT")),
            "traditional_codes": codes(get("MA_BENH_YHCT")),
        }
        if is_closed
        else None,
        "procedure_codes": codes(get("MA_PTTT_QT")),
        "treatment": get("PP_DIEU_TRI"),
        "outcome": get("KET_QUA_DTRI"),
        "discharge_type": get("MA_LOAI_RV"),
        "advice": get("GHI_CHU"),
        "transferred_from": get("MA_NOI_DI"),
        "transferred_to": get("MA_NOI_DEN"),
        "re_examination_on": [instant(day) for day in codes(get("NGAY_TAI_KHAM"))],
        "costs": {
            "total": dong(get("T_TONGCHI_BV")),
            "insured": dong(get("T_TONGCHI_BH")),
            "insurance_paid": dong(get("T_BHTT")),
            "co_payment": dong(get("T_BNCCT")),
            "patient_paid": dong(get("T_BNTT")),
        }
        if is_closed
        else None,
        "prescriptions": [_prescription(row) for row in dossier.rows("XML2")],
        "services": [_service(row) for row in dossier.rows("XML3")],
        "results": [_result(row) for row in dossier.rows("XML4")],
        "notes": [_note(row) for row in dossier.rows("XML5")],
        "papers": [
            _paper(dossier, table, kind, row)
            for table, kind in PAPERS.items()
            if table not in withheld
            for row in dossier.rows(table)
        ],
        "unread": sorted(dossier.unread),
        "has_withheld_sections": bool(withheld),
    }


def _prescription(row: Row) -> Json:
    get = row.get
    return {
        "drug_code": get("MA_THUOC"),
        "name": get("TEN_THUOC"),
        "strength": get("HAM_LUONG"),
        "form": get("DANG_BAO_CHE"),
        "route_code": get("DUONG_DUNG"),
        "dose": get("LIEU_DUNG"),
        "how_to_use": get("CACH_DUNG"),
        "quantity": number(get("SO_LUONG")),
        "unit": get("DON_VI_TINH"),
        "registration_number": get("SO_DANG_KY"),
        "ordered_at": instant(get("NGAY_YL")),
        "given_at": instant(get("NGAY_TH_YL")),
        "ordered_by": get("MA_BAC_SI"),
        "department_code": get("MA_KHOA"),
        "amount": dong(get("THANH_TIEN_BV")),
    }


def _service(row: Row) -> Json:
    get = row.get
    return {
        "service_code": get("MA_DICH_VU"),
        "name": get("TEN_DICH_VU"),
        "supply_code": get("MA_VAT_TU"),
        "supply_name": get("TEN_VAT_TU"),
        "group_code": get("MA_NHOM"),
        "quantity": number(get("SO_LUONG")),
        "unit": get("DON_VI_TINH"),
        "diagnosis_codes": codes(get("MA_BENH")),
        "ordered_at": instant(get("NGAY_YL")),
        "performed_at": instant(get("NGAY_TH_YL")),
        "resulted_at": instant(get("NGAY_KQ")),
        "ordered_by": get("MA_BAC_SI"),
        "performed_by": codes(get("NGUOI_THUC_HIEN")),
        "machine_code": get("MA_MAY"),
        "department_code": get("MA_KHOA"),
        "amount": dong(get("THANH_TIEN_BV")),
    }


def _result(row: Row) -> Json:
    get = row.get
    return {
        "service_code": get("MA_DICH_VU"),
        "index_code": get("MA_CHI_SO"),
        "name": get("TEN_CHI_SO"),
        "value": get("GIA_TRI"),
        "unit": get("DON_VI_DO"),
        "description": get("MO_TA"),
        "conclusion": get("KET_LUAN"),
        "resulted_at": instant(get("NGAY_KQ")),
        "read_by": get("MA_BS_DOC_KQ"),
    }


def _note(row: Row) -> Json:
    get = row.get
    return {
        "noted_at": instant(get("THOI_DIEM_DBLS")),
        "course": get("DIEN_BIEN_LS"),
        "stage": get("GIAI_DOAN_BENH"),
        "consultation": get("HOI_CHAN"),
        "operation": get("PHAU_THUAT"),
        "written_by": codes(get("NGUOI_THUC_HIEN")),
    }


_NUMBER_FIELDS = ("SO_LUU_TRU", "SO_CHUYENTUYEN", "SO_GIAYHEN_KL", "SO_CT", "SO")


def _paper(dossier: Dossier, table: str, kind: str, row: Row) -> Json:
    """Return a paper with its fields under their official names, typed; identifying fields left out."""
    specs = dossier.tables[table].spec.fields
    fields = {
        name: _typed(specs[name].form)(value)
        for name, value in row.items()
        if name in specs and name not in _IDENTIFYING
    }
    return {
        "kind": kind,
        "table": table,
        "number": next((row[name] for name in _NUMBER_FIELDS if name in row), None),
        "issued_on": instant(row["NGAY_CT"][:8]) if "NGAY_CT" in row else None,
        "fields": fields,
    }


def _typed(form: str) -> Callable[[str], Any]:  # Any: whatever JSON holds
    if form in ("datetime", "either"):
        return instant
    if form == "date":
        return lambda value: [instant(part) for part in codes(value)] if ";" in value else instant(value)
    if form == "number":
        return lambda value: [number(part) for part in codes(value)] if ";" in value else number(value)
    return str


def _sealed(dossier: Dossier, withheld: list[str]) -> str | None:
    if not withheld and not dossier.unread:
        return None
    sections = {name: dossier.rows(name) for name in withheld}
    return orjson.dumps({"sections": sections, "unread": dossier.unread}).decode()
