"""The cross-checks of a visit: numbered clauses of the format's rules, pure functions that yield findings.

Clauses 1, 3, 4, 6 and 8 refuse the dossier, the others warn. They run on dossiers whose fields are sound, so
that a required field is there and a date is a date.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from health_book.reference import province_prefixes
from health_book.submissions.dossier import Dossier
from health_book.submissions.findings import Finding, Severity
from health_book.submissions.tables import SUMMARY, Row

SANDBOX_FACILITY = "99999"
QD4750 = "QĐ 4750/QĐ-BYT 2023"
_is_diagnosis = re.compile(r"[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,3})?[*†+]?").fullmatch
_is_card = re.compile(r"[A-Z]{2}[0-9][0-9]{2}[0-9]{10}|[0-9]{10}").fullmatch
_is_bed = re.compile(r"[HTCK][0-9]{3}").fullmatch
_CENT = Decimal("0.01")


def _parts(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(";") if part.strip()]


def _instant(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%d%H%M")  # noqa: DTZ007  (differences within one zone only)


def day_of(value: str) -> date:
    """Return the legal day of a sound `yyyymmdd…`."""
    return date(int(value[:4]), int(value[4:6]), int(value[6:8]))


def check_times(dossier: Dossier) -> Iterator[Finding]:
    """Yield times out of order (rule 1): in ≤ admitted ≤ out ≤ settled, orders inside, ordered ≤ done.

    Source: QĐ 130/QĐ-BYT 2023, annex, tables XML1 (NGAY_VAO … NGAY_TTOAN), XML2 and XML3 (NGAY_YL,
    NGAY_TH_YL, NGAY_KQ).
    """
    summary = dossier.rows(SUMMARY)[0]
    yield from _in_order(dossier, summary, SUMMARY, "NGAY_VAO", "NGAY_VAO_NOI_TRU", "NGAY_RA", "NGAY_TTOAN")
    arrived, left = summary["NGAY_VAO"], summary["NGAY_RA"]
    for name in ("XML2", "XML3"):
        for position, row in enumerate(dossier.rows(name)):
            place = f"{name}/{position}"
            if not arrived <= row["NGAY_YL"] <= left:
                yield dossier.finding(f"{place}/NGAY_YL", "order_outside_visit", Severity.refuse)
            yield from _in_order(dossier, row, place, "NGAY_YL", "NGAY_TH_YL", "NGAY_KQ")


def _in_order(dossier: Dossier, row: Row, place: str, *fields: str) -> Iterator[Finding]:
    earlier = ""
    for field in fields:
        if field not in row:
            continue
        if earlier and row[field] < row[earlier]:
            pointer = f"{place}/{field}"
            yield dossier.finding(
                pointer, "times_out_of_order", Severity.refuse, later=field, earlier=earlier
            )
        earlier = field


def check_treatment_days(dossier: Dossier) -> Iterator[Finding]:
    """Yield a number of treatment days that does not follow from the care type (rule 2).

    Care type 05 counts drug days, which the file does not carry, and is not checked.
    Source: QĐ 4750/QĐ-BYT 2023, annex, table XML1, SO_NGAY_DTRI.
    """
    summary = dossier.rows(SUMMARY)[0]
    care_type = summary["MA_LOAI_KCB"]
    if care_type in ("01", "07", "09"):
        expected = 0
    elif care_type in ("02", "03", "04", "06"):
        expected = (day_of(summary["NGAY_RA"]) - day_of(summary["NGAY_VAO"])).days + 1
    elif care_type == "08":
        expected = len({row["NGAY_YL"][:8] for row in dossier.rows("XML3")})
    else:
        return
    if Decimal(summary["SO_NGAY_DTRI"]) != expected:
        facts = {"expected": str(expected), "care_type": care_type}
        yield dossier.finding(
            f"{SUMMARY}/SO_NGAY_DTRI", "treatment_days_differ", Severity.warn, QD4750, **facts
        )


def check_amounts(dossier: Dossier) -> Iterator[Finding]:
    """Yield amounts that do not add up (rule 3), rounded half up to 2 decimals.

    A service row may carry either formula of its amount: QĐ 4750 corrected QĐ 130 by the factor TYLE_TT_DV.
    A dossier without drug and service tables (people without insurance) has no rows to add up.
    Source: QĐ 130/QĐ-BYT 2023, annex, XML1 (T_BHTT, T_TONGCHI_BV), XML2 and XML3 (THANH_TIEN_BV); QĐ
    4750/QĐ-BYT 2023, annex, XML3 (THANH_TIEN_BV).
    """
    summary = dossier.rows(SUMMARY)[0]
    total = Decimal(0)
    for name, price_field in (("XML2", "DON_GIA"), ("XML3", "DON_GIA_BV")):
        for position, row in enumerate(dossier.rows(name)):
            amount = Decimal(row["THANH_TIEN_BV"])
            total += amount
            product = Decimal(row["SO_LUONG"]) * Decimal(row[price_field])
            allowed = [product]
            if name == "XML3":
                allowed.append(product * Decimal(row["TYLE_TT_DV"]) / 100)
            if amount not in [value.quantize(_CENT, ROUND_HALF_UP) for value in allowed]:
                yield _amount(dossier, f"{name}/{position}/THANH_TIEN_BV", f"SO_LUONG × {price_field}")
    if ("XML2" in dossier.tables or "XML3" in dossier.tables) and Decimal(summary["T_TONGCHI_BV"]) != total:
        yield _amount(dossier, f"{SUMMARY}/T_TONGCHI_BV", "Σ THANH_TIEN_BV (XML2 + XML3)")
    if Decimal(summary["T_BHTT"]) != Decimal(summary["T_TONGCHI_BH"]) - Decimal(summary["T_BNCCT"]):
        yield _amount(dossier, f"{SUMMARY}/T_BHTT", "T_TONGCHI_BH − T_BNCCT")


def _amount(dossier: Dossier, pointer: str, formula: str) -> Finding:
    field = pointer.rpartition("/")[2]
    return dossier.finding(pointer, "amount_differs", Severity.refuse, field=field, formula=formula)


def check_diagnoses(dossier: Dossier) -> Iterator[Finding]:
    """Yield malformed diagnoses (rule 4): exactly one main code, at most 12 others, main not among them.

    Source: QĐ 130/QĐ-BYT 2023, annex, table XML1, MA_BENH_CHINH and MA_BENH_KT; QĐ 4469/QĐ-BYT 2020 (ICD-10).
    """
    summary = dossier.rows(SUMMARY)[0]
    main, others = summary["MA_BENH_CHINH"], _parts(summary.get("MA_BENH_KT"))
    if not _is_diagnosis(main):
        facts = {"field": "MA_BENH_CHINH", "count": " duy nhất / exactly one"}
        yield dossier.finding(
            f"{SUMMARY}/MA_BENH_CHINH", "diagnosis_code_malformed", Severity.refuse, **facts
        )
    pointer = f"{SUMMARY}/MA_BENH_KT"
    if any(not _is_diagnosis(code) for code in others):
        facts = {"field": "MA_BENH_KT", "count": ""}
        yield dossier.finding(pointer, "diagnosis_code_malformed", Severity.refuse, **facts)
    if len(others) > 12:
        yield dossier.finding(pointer, "too_many_diagnoses", Severity.refuse)
    if main in others:
        yield dossier.finding(pointer, "main_diagnosis_repeated", Severity.refuse)


def check_facility_codes(dossier: Dossier) -> Iterator[Finding]:
    """Yield facility codes with a prefix that was never a province, and malformed MA_DKBD (rule 5); warnings.

    A facility of a merged province keeps its old code until a new one is given, so the prefix never refuses.
    Source: Decree 188/2025/NĐ-CP, art. 69(8); QĐ 130/QĐ-BYT 2023, annex, XML1, MA_CSKCB and MA_DKBD.
    """
    summary = dossier.rows(SUMMARY)[0]
    code = summary["MA_CSKCB"]
    if code != SANDBOX_FACILITY and code[:2] not in province_prefixes():
        pointer = f"{SUMMARY}/MA_CSKCB"
        yield dossier.finding(pointer, "facility_prefix_unknown", Severity.warn, field="MA_CSKCB")
    if any(len(part) != 5 for part in _parts(summary.get("MA_DKBD"))):
        yield dossier.finding(f"{SUMMARY}/MA_DKBD", "registered_facility_malformed", Severity.warn)


def check_cards(dossier: Dossier) -> Iterator[Finding]:
    """Yield malformed insurance cards (rule 6): 15 characters, or the 10-digit number alone.

    Source: QĐ 130/QĐ-BYT 2023, annex, table XML1, MA_THE_BHYT.
    """
    for part in _parts(dossier.rows(SUMMARY)[0].get("MA_THE_BHYT")):
        if not _is_card(part):
            pointer = f"{SUMMARY}/MA_THE_BHYT"
            yield dossier.finding(pointer, "card_malformed", Severity.refuse, field="MA_THE_BHYT")


def check_benefit_rates(dossier: Dossier) -> Iterator[Finding]:
    """Yield benefit rates above 100 (rule 7); warnings, since the decimal form is unconfirmed.

    Source: QĐ 1931/QĐ-BYT 2026, in force from 2026-07-01 (up to 4 characters); QĐ 130/QĐ-BYT 2023, MUC_HUONG.
    """
    for name in ("XML2", "XML3"):
        for position, row in enumerate(dossier.rows(name)):
            if Decimal(row["MUC_HUONG"]) > 100:
                pointer = f"{name}/{position}/MUC_HUONG"
                yield dossier.finding(pointer, "benefit_rate_impossible", Severity.warn)


def check_outcome(dossier: Dossier) -> Iterator[Finding]:
    """Yield an outcome and papers that contradict each other (rule 8).

    Somebody who died in the facility was neither transferred, nor absconded, nor left on request.
    Source: QĐ 4750/QĐ-BYT 2023, annex, XML1 (KET_QUA_DTRI, MA_LOAI_RV, NGAY_TAI_KHAM), XML13, XML14.
    """
    summary = dossier.rows(SUMMARY)[0]
    if summary["KET_QUA_DTRI"] == "5" and summary["MA_LOAI_RV"] != "1":
        yield dossier.finding(f"{SUMMARY}/MA_LOAI_RV", "outcome_discharge_conflict", Severity.refuse, QD4750)
    if summary["MA_LOAI_RV"] in ("2", "5") and not dossier.rows("XML13"):
        yield dossier.finding(f"{SUMMARY}/MA_LOAI_RV", "transfer_paper_missing", Severity.refuse, QD4750)
    if summary.get("NGAY_TAI_KHAM") and not dossier.rows("XML14"):
        pointer = f"{SUMMARY}/NGAY_TAI_KHAM"
        yield dossier.finding(pointer, "appointment_paper_missing", Severity.refuse, QD4750)


def check_record_summary(dossier: Dossier) -> Iterator[Finding]:
    """Yield a missing record summary (rule 9); a warning and a setting, since the sources disagree.

    Source: QĐ 130/QĐ-BYT 2023, note to table XML8; QĐ 2733/QĐ-BYT 2024, annex (needed for outpatients too).
    """
    care_type = dossier.rows(SUMMARY)[0]["MA_LOAI_KCB"]
    if care_type in ("03", "04", "06") and not dossier.rows("XML8"):
        yield dossier.finding("XML8", "record_summary_missing", Severity.warn, care_type=care_type)


def check_discharge_paper(dossier: Dossier) -> Iterator[Finding]:
    """Yield oddities of the discharge paper (rule 9); warnings.

    Source: QĐ 4750/QĐ-BYT 2023, annex, table XML7 (NGAY_CT, MA_DINH_CHI_THAI and the fields it calls for).
    """
    for row in dossier.rows("XML7"):
        if dossier.rows(SUMMARY)[0]["MA_LOAI_KCB"] not in ("03", "04", "06", "09"):
            yield dossier.finding("XML7", "discharge_paper_unexpected", Severity.warn, QD4750)
        if row["NGAY_CT"] != row["NGAY_RA"][:8]:
            yield dossier.finding("XML7/NGAY_CT", "discharge_paper_day_differs", Severity.warn, QD4750)
        details = ("TUOI_THAI", "NGUYENNHAN_DINHCHI", "THOIGIAN_DINHCHI")
        if row.get("MA_DINH_CHI_THAI") == "1" and any(name not in row for name in details):
            pointer = "XML7/MA_DINH_CHI_THAI"
            yield dossier.finding(pointer, "termination_details_missing", Severity.warn, QD4750)


def check_sick_leave(dossier: Dossier) -> Iterator[Finding]:
    """Yield sick-leave papers that are too long or miscounted (rule 10); warnings.

    30 days for one paper; 180 where the dossier carries TB treatment; 50 after a pregnancy lost from week 13.
    Source: QĐ 130/QĐ-BYT 2023, annex, table XML11 (SO_NGAY_NGHI, TU_NGAY, DEN_NGAY, MA_DINH_CHI_THAI,
    TUOI_THAI).
    """
    for row in dossier.rows("XML11"):
        days = int(Decimal(row["SO_NGAY_NGHI"]))
        limit = 30
        if dossier.rows("XML15"):
            limit = 180
        elif row.get("MA_DINH_CHI_THAI") == "1" and int(Decimal(row.get("TUOI_THAI", "0"))) >= 13:
            limit = 50
        pointer = "XML11/SO_NGAY_NGHI"
        if days > limit:
            yield dossier.finding(pointer, "sick_leave_too_long", Severity.warn, limit=str(limit))
        if days != (day_of(row["DEN_NGAY"]) - day_of(row["TU_NGAY"])).days + 1:
            yield dossier.finding(pointer, "sick_leave_days_differ", Severity.warn)


def check_beds(dossier: Dossier) -> Iterator[Finding]:
    """Yield malformed bed codes (rule 11); warnings.

    Source: QĐ 130/QĐ-BYT 2023, annex, table XML3, MA_GIUONG.
    """
    for position, row in enumerate(dossier.rows("XML3")):
        if any(not _is_bed(part) for part in _parts(row.get("MA_GIUONG"))):
            yield dossier.finding(f"XML3/{position}/MA_GIUONG", "bed_code_malformed", Severity.warn)


def check_care_type(dossier: Dossier) -> Iterator[Finding]:
    """Yield a care type that the visit contradicts (rule 13); warnings.

    Source: QĐ 1804/QĐ-BYT 2026, in force from 2026-08-01 (03 and 04 under 4 hours are 09; 05 without
    services).
    """
    summary = dossier.rows(SUMMARY)[0]
    care_type = summary["MA_LOAI_KCB"]
    pointer = f"{SUMMARY}/MA_LOAI_KCB"
    hours = (_instant(summary["NGAY_RA"]) - _instant(summary["NGAY_VAO"])).total_seconds() / 3600
    if care_type in ("03", "04") and hours < 4:
        yield dossier.finding(pointer, "short_stay_care_type", Severity.warn, "QĐ 1804/QĐ-BYT 2026")
    services = [
        row for row in dossier.rows("XML3") if row.get("MA_NHOM") != "13"
    ]  # 13: the examination itself
    if care_type == "05" and services:
        yield dossier.finding(pointer, "care_type_without_services", Severity.warn, "QĐ 1804/QĐ-BYT 2026")
