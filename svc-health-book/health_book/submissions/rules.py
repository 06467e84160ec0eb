"""What a dossier of QĐ 130/4750/3176 must satisfy: pure checks that answer findings.

What a finding does is our choice where the decisions are silent: a missing or ill-typed required field, an
impossible date, a number that is negative or not plain, and rules 1, 3, 4, 6 and 8 refuse the dossier;
everything else warns. The decisions' texts were read at https://github.com/dh-hos/Mo-ta-he-thong (annexes of
QĐ 4750).
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain, islice

from health_book.reference import is_known_code, province_codes, province_prefixes
from health_book.submissions.envelope import MAX_FINDINGS, Dossier
from health_book.submissions.findings import FORMAT, Finding, Severity
from health_book.submissions.tables import CHECK_IN, DATE_FORMS, LENIENT_TABLES, SUMMARY, FieldSpec, Row

Rule = Callable[[Dossier], Iterator[Finding]]

SANDBOX_FACILITY = "99999"
QD4750 = "QĐ 4750/QĐ-BYT 2023"
_is_diagnosis = re.compile(r"[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,3})?[*†+]?").fullmatch
_is_card = re.compile(r"[A-Z]{2}[0-9][0-9]{2}[0-9]{10}|[0-9]{10}").fullmatch
_is_bed = re.compile(r"[HTCK][0-9]{3}").fullmatch
_is_passport = re.compile(r"[A-Z][0-9]{7}").fullmatch
_REFUSING_CODES = ("GIOI_TINH", "KET_QUA_DTRI", "MA_LOAI_RV", "MA_LOAI_KCB")
_WARNING_CODES = ("MA_DOITUONG_KCB", "MA_KHUVUC")
_LINE_CODES = ("PHAM_VI", "MA_PTTT", "MA_NHOM", "NGUON_CTRA", "PP_VO_CAM")
_CENT = Decimal("0.01")


def _finding(
    dossier: Dossier, pointer: str, code: str, severity: Severity, article: str = FORMAT, **facts: str
) -> Finding:
    return Finding(f"{dossier.pointer}/{pointer}", code, severity, article, facts)


def _parts(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(";") if part.strip()]


def _instant(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%d%H%M")  # noqa: DTZ007  (differences within one zone only)


def _day(value: str) -> date:
    return date(int(value[:4]), int(value[4:6]), int(value[6:8]))


def check_dossier(dossier: Dossier, *, is_summary_paper_expected: bool = True) -> list[Finding]:
    """Return every finding of a dossier, those of the reader first; fields before rules.

    At most 100 findings of fields and 100 of rules: who has more mends these first. The rules that compare
    fields run only where the fields themselves are sound, so that one fault is told once.
    Source: QĐ 130/QĐ-BYT 2023, in force from 2023-02-15, as amended by QĐ 4750/QĐ-BYT 2023 and QĐ 3176/QĐ-BYT
    2024.
    """
    findings = list(dossier.findings)
    if any(finding.code in ("unsupported_standard",) for finding in findings):
        return findings
    findings.extend(islice(chain(check_structure(dossier), check_fields(dossier)), MAX_FINDINGS))
    if any(finding.severity is Severity.refuse for finding in findings) or SUMMARY not in dossier.tables:
        return findings
    findings.extend(islice(chain.from_iterable(rule(dossier) for rule in COMPARISONS), MAX_FINDINGS))
    if is_summary_paper_expected:
        findings.extend(check_record_summary(dossier))
    return findings


def check_structure(dossier: Dossier) -> Iterator[Finding]:
    """Yield what is wrong with the set of tables: one XML1 (or a check-in alone), one MA_LK everywhere.

    Source: QĐ 130/QĐ-BYT 2023, art. 3 and note to table XML1 (MA_LK links the tables of one visit).
    """
    only_check_in = set(dossier.tables) == {CHECK_IN}
    if SUMMARY not in dossier.tables and not only_check_in:
        if not any(
            f.severity is Severity.refuse and f.pointer.endswith(f"/{SUMMARY}") for f in dossier.findings
        ):
            yield _finding(dossier, SUMMARY, "summary_missing", Severity.refuse)
        return
    summary = dossier.summary
    if summary is None:
        yield _finding(dossier, CHECK_IN, "table_empty", Severity.refuse, table=CHECK_IN)
        return
    visit_code = summary.get("MA_LK")
    for name, table in dossier.tables.items():
        for position, row in enumerate(table.rows):
            if row.get("MA_LK", visit_code) != visit_code:
                place = f"{name}/MA_LK" if table.spec.is_single else f"{name}/{position}/MA_LK"
                yield _finding(dossier, place, "visit_code_mismatch", Severity.refuse)


def check_fields(dossier: Dossier) -> Iterator[Finding]:
    """Yield missing, ill-typed and unknown fields of every table that was read.

    Source: QĐ 130/QĐ-BYT 2023 as amended by QĐ 4750/QĐ-BYT 2023, annex, tables CHECKIN and XML1–XML15 (type,
    length, "bắt buộc"); QĐ 3176/QĐ-BYT 2024 for XML13.
    """
    for name, table in dossier.tables.items():
        missing = Severity.warn if name in LENIENT_TABLES else Severity.refuse
        specs = table.spec.fields
        for position, row in enumerate(table.rows):
            place = f"{name}/" if table.spec.is_single else f"{name}/{position}/"
            for required in table.spec.required:
                if required not in row:
                    yield _finding(dossier, place + required, "required", missing, field=required)
            for tag, value in row.items():
                spec = specs.get(tag)
                if spec is None:
                    yield _finding(
                        dossier, place + tag, "unknown_field", Severity.warn, field=tag, table=name
                    )
                elif spec.check is not None and not spec.check(value):
                    yield _ill_formed(dossier, place + tag, spec)
                elif spec.max_length and len(value) > spec.max_length:
                    severity = Severity.refuse if spec.is_required else Severity.warn
                    yield _finding(
                        dossier, place + tag, "too_long", severity, field=tag, limit=str(spec.max_length)
                    )


def _ill_formed(dossier: Dossier, pointer: str, spec: FieldSpec) -> Finding:
    if spec.form == "number":
        return _finding(dossier, pointer, "not_a_number", Severity.refuse, field=spec.name)
    form = DATE_FORMS[spec.form]
    return _finding(dossier, pointer, "impossible_date", Severity.refuse, field=spec.name, form=form)


def check_codes(dossier: Dossier) -> Iterator[Finding]:
    """Yield codes that their code set did not hold on the day of discharge.

    A code set whose wording was not captured, or that a line carries, warns only.
    Source: QĐ 4750/QĐ-BYT 2023 (GIOI_TINH, KET_QUA_DTRI, MA_LOAI_RV); QĐ 1804/QĐ-BYT 2026, in force from
    2026-08-01 (MA_LOAI_KCB); QĐ 3276/QĐ-BYT 2025, data from 2025-07-01 (MA_DOITUONG_KCB).
    """
    summary = dossier.rows(SUMMARY)[0]
    day = _day(summary["NGAY_RA"])
    for field in _REFUSING_CODES + _WARNING_CODES:
        code = summary.get(field)
        if code and not is_known_code(field, code, day):
            severity = Severity.refuse if field in _REFUSING_CODES else Severity.warn
            yield _finding(dossier, f"{SUMMARY}/{field}", "unknown_code", severity, field=field)
    for name in ("XML2", "XML3"):
        for position, row in enumerate(dossier.rows(name)):
            for field in _LINE_CODES:
                if field in row and not is_known_code(field, row[field], day):
                    pointer = f"{name}/{position}/{field}"
                    yield _finding(dossier, pointer, "unknown_code", Severity.warn, field=field)


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
                yield _finding(dossier, f"{place}/NGAY_YL", "order_outside_visit", Severity.refuse)
            yield from _in_order(dossier, row, place, "NGAY_YL", "NGAY_TH_YL", "NGAY_KQ")


def _in_order(dossier: Dossier, row: Row, place: str, *fields: str) -> Iterator[Finding]:
    earlier = ""
    for field in fields:
        if field not in row:
            continue
        if earlier and row[field] < row[earlier]:
            pointer = f"{place}/{field}"
            yield _finding(
                dossier, pointer, "times_out_of_order", Severity.refuse, later=field, earlier=earlier
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
        expected = (_day(summary["NGAY_RA"]) - _day(summary["NGAY_VAO"])).days + 1
    elif care_type == "08":
        expected = len({row["NGAY_YL"][:8] for row in dossier.rows("XML3")})
    else:
        return
    if Decimal(summary["SO_NGAY_DTRI"]) != expected:
        facts = {"expected": str(expected), "care_type": care_type}
        yield _finding(
            dossier, f"{SUMMARY}/SO_NGAY_DTRI", "treatment_days_differ", Severity.warn, QD4750, **facts
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
    return _finding(dossier, pointer, "amount_differs", Severity.refuse, field=field, formula=formula)


def check_diagnoses(dossier: Dossier) -> Iterator[Finding]:
    """Yield malformed diagnoses (rule 4): exactly one main code, at most 12 others, main not among them.

    Source: QĐ 130/QĐ-BYT 2023, annex, table XML1, MA_BENH_CHINH and MA_BENH_KT; QĐ 4469/QĐ-BYT 2020 (ICD-10).
    """
    summary = dossier.rows(SUMMARY)[0]
    main, others = summary["MA_BENH_CHINH"], _parts(summary.get("MA_BENH_KT"))
    if not _is_diagnosis(main):
        facts = {"field": "MA_BENH_CHINH", "count": " duy nhất / exactly one"}
        yield _finding(
            dossier, f"{SUMMARY}/MA_BENH_CHINH", "diagnosis_code_malformed", Severity.refuse, **facts
        )
    pointer = f"{SUMMARY}/MA_BENH_KT"
    if any(not _is_diagnosis(code) for code in others):
        facts = {"field": "MA_BENH_KT", "count": ""}
        yield _finding(dossier, pointer, "diagnosis_code_malformed", Severity.refuse, **facts)
    if len(others) > 12:
        yield _finding(dossier, pointer, "too_many_diagnoses", Severity.refuse)
    if main in others:
        yield _finding(dossier, pointer, "main_diagnosis_repeated", Severity.refuse)


def check_facility_codes(dossier: Dossier) -> Iterator[Finding]:
    """Yield facility codes with a prefix that was never a province, and malformed MA_DKBD (rule 5); warnings.

    A facility of a merged province keeps its old code until a new one is given, so the prefix never refuses.
    Source: Decree 188/2025/NĐ-CP, art. 69(8); QĐ 130/QĐ-BYT 2023, annex, XML1, MA_CSKCB and MA_DKBD.
    """
    summary = dossier.rows(SUMMARY)[0]
    code = summary["MA_CSKCB"]
    if code != SANDBOX_FACILITY and code[:2] not in province_prefixes():
        pointer = f"{SUMMARY}/MA_CSKCB"
        yield _finding(dossier, pointer, "facility_prefix_unknown", Severity.warn, field="MA_CSKCB")
    if any(len(part) != 5 for part in _parts(summary.get("MA_DKBD"))):
        yield _finding(dossier, f"{SUMMARY}/MA_DKBD", "registered_facility_malformed", Severity.warn)


def check_cards(dossier: Dossier) -> Iterator[Finding]:
    """Yield malformed insurance cards (rule 6): 15 characters, or the 10-digit number alone.

    Source: QĐ 130/QĐ-BYT 2023, annex, table XML1, MA_THE_BHYT.
    """
    for part in _parts(dossier.rows(SUMMARY)[0].get("MA_THE_BHYT")):
        if not _is_card(part):
            pointer = f"{SUMMARY}/MA_THE_BHYT"
            yield _finding(dossier, pointer, "card_malformed", Severity.refuse, field="MA_THE_BHYT")


def check_benefit_rates(dossier: Dossier) -> Iterator[Finding]:
    """Yield benefit rates above 100 (rule 7); warnings, since the decimal form is unconfirmed.

    Source: QĐ 1931/QĐ-BYT 2026, in force from 2026-07-01 (up to 4 characters); QĐ 130/QĐ-BYT 2023, MUC_HUONG.
    """
    for name in ("XML2", "XML3"):
        for position, row in enumerate(dossier.rows(name)):
            if Decimal(row["MUC_HUONG"]) > 100:
                pointer = f"{name}/{position}/MUC_HUONG"
                yield _finding(dossier, pointer, "benefit_rate_impossible", Severity.warn)


def check_outcome(dossier: Dossier) -> Iterator[Finding]:
    """Yield an outcome and papers that contradict each other (rule 8).

    Somebody who died in the facility was neither transferred, nor absconded, nor left on request.
    Source: QĐ 4750/QĐ-BYT 2023, annex, XML1 (KET_QUA_DTRI, MA_LOAI_RV, NGAY_TAI_KHAM), XML13, XML14.
    """
    summary = dossier.rows(SUMMARY)[0]
    if summary["KET_QUA_DTRI"] == "5" and summary["MA_LOAI_RV"] != "1":
        yield _finding(
            dossier, f"{SUMMARY}/MA_LOAI_RV", "outcome_discharge_conflict", Severity.refuse, QD4750
        )
    if summary["MA_LOAI_RV"] in ("2", "5") and not dossier.rows("XML13"):
        yield _finding(dossier, f"{SUMMARY}/MA_LOAI_RV", "transfer_paper_missing", Severity.refuse, QD4750)
    if summary.get("NGAY_TAI_KHAM") and not dossier.rows("XML14"):
        pointer = f"{SUMMARY}/NGAY_TAI_KHAM"
        yield _finding(dossier, pointer, "appointment_paper_missing", Severity.refuse, QD4750)


def check_record_summary(dossier: Dossier) -> Iterator[Finding]:
    """Yield a missing record summary (rule 9); a warning and a setting, since the sources disagree.

    Source: QĐ 130/QĐ-BYT 2023, note to table XML8; QĐ 2733/QĐ-BYT 2024, annex (needed for outpatients too).
    """
    care_type = dossier.rows(SUMMARY)[0]["MA_LOAI_KCB"]
    if care_type in ("03", "04", "06") and not dossier.rows("XML8"):
        yield _finding(dossier, "XML8", "record_summary_missing", Severity.warn, care_type=care_type)


def check_discharge_paper(dossier: Dossier) -> Iterator[Finding]:
    """Yield oddities of the discharge paper (rule 9); warnings.

    Source: QĐ 4750/QĐ-BYT 2023, annex, table XML7 (NGAY_CT, MA_DINH_CHI_THAI and the fields it calls for).
    """
    for row in dossier.rows("XML7"):
        if dossier.rows(SUMMARY)[0]["MA_LOAI_KCB"] not in ("03", "04", "06", "09"):
            yield _finding(dossier, "XML7", "discharge_paper_unexpected", Severity.warn, QD4750)
        if row["NGAY_CT"] != row["NGAY_RA"][:8]:
            yield _finding(dossier, "XML7/NGAY_CT", "discharge_paper_day_differs", Severity.warn, QD4750)
        details = ("TUOI_THAI", "NGUYENNHAN_DINHCHI", "THOIGIAN_DINHCHI")
        if row.get("MA_DINH_CHI_THAI") == "1" and any(name not in row for name in details):
            pointer = "XML7/MA_DINH_CHI_THAI"
            yield _finding(dossier, pointer, "termination_details_missing", Severity.warn, QD4750)


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
            yield _finding(dossier, pointer, "sick_leave_too_long", Severity.warn, limit=str(limit))
        if days != (_day(row["DEN_NGAY"]) - _day(row["TU_NGAY"])).days + 1:
            yield _finding(dossier, pointer, "sick_leave_days_differ", Severity.warn)


def check_beds(dossier: Dossier) -> Iterator[Finding]:
    """Yield malformed bed codes (rule 11); warnings.

    Source: QĐ 130/QĐ-BYT 2023, annex, table XML3, MA_GIUONG.
    """
    for position, row in enumerate(dossier.rows("XML3")):
        if any(not _is_bed(part) for part in _parts(row.get("MA_GIUONG"))):
            yield _finding(dossier, f"XML3/{position}/MA_GIUONG", "bed_code_malformed", Severity.warn)


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
        yield _finding(dossier, pointer, "short_stay_care_type", Severity.warn, "QĐ 1804/QĐ-BYT 2026")
    services = [
        row for row in dossier.rows("XML3") if row.get("MA_NHOM") != "13"
    ]  # 13: the examination itself
    if care_type == "05" and services:
        yield _finding(dossier, pointer, "care_type_without_services", Severity.warn, "QĐ 1804/QĐ-BYT 2026")


def check_identity_paper(dossier: Dossier) -> Iterator[Finding]:
    """Yield a missing or odd identity paper; warnings.

    A corrected sex or birth year may leave the number as it was, so nothing here refuses.

    Source: Decree 137/2015/NĐ-CP, art. 13 (12 digits); QĐ 4750/QĐ-BYT 2023, annex, XML1, SO_CCCD (9 or 12
    digits, passport, or e-identification account).
    """
    summary = dossier.rows(SUMMARY)[0]
    number, pointer = summary.get("SO_CCCD", ""), f"{SUMMARY}/SO_CCCD"
    if not number:
        yield _finding(dossier, pointer, "identity_paper_missing", Severity.warn, QD4750)
    elif number.isascii() and number.isdigit() and len(number) == 12:
        century, year = divmod(int(summary["NGAY_SINH"][:4]), 100)
        expected = {
            (century - 19) * 2 + sex for sex in {"1": (0,), "2": (1,)}.get(summary["GIOI_TINH"], (0, 1))
        }
        is_domestic = number[:3] in province_codes()
        if is_domestic and (int(number[3]) not in expected or int(number[4:6]) != year):
            yield _finding(dossier, pointer, "identity_number_disagrees", Severity.warn, QD4750)
    elif not (len(number) == 9 and number.isdigit()) and not _is_passport(number):
        yield _finding(dossier, pointer, "identity_paper_odd", Severity.warn, QD4750)


COMPARISONS: tuple[Rule, ...] = (
    check_codes,
    check_times,
    check_treatment_days,
    check_amounts,
    check_diagnoses,
    check_facility_codes,
    check_cards,
    check_benefit_rates,
    check_outcome,
    check_discharge_paper,
    check_sick_leave,
    check_beds,
    check_care_type,
    check_identity_paper,
)
