"""What a dossier of QĐ 130/4750/3176 must satisfy: pure checks that answer findings.

What a finding does is our choice where the decisions are silent: a missing or ill-typed required field, an
impossible date, a number that is negative or not plain, and rules 1, 3, 4, 6 and 8 refuse the dossier;
everything else warns. The decisions' texts were read at https://github.com/dh-hos/Mo-ta-he-thong (annexes of
QĐ 4750).
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice

from health_book.reference import is_known_code, province_codes
from health_book.submissions import clauses
from health_book.submissions.clauses import QD4750, day_of
from health_book.submissions.dossier import MAX_FINDINGS, Dossier
from health_book.submissions.findings import Finding, Severity
from health_book.submissions.tables import CHECK_IN, DATE_FORMS, LENIENT_TABLES, SUMMARY, FieldSpec

Rule = Callable[[Dossier], Iterator[Finding]]

_is_passport = re.compile(r"[A-Z][0-9]{7}").fullmatch
_REFUSING_CODES = ("GIOI_TINH", "KET_QUA_DTRI", "MA_LOAI_RV", "MA_LOAI_KCB")
_WARNING_CODES = ("MA_DOITUONG_KCB", "MA_KHUVUC")
_LINE_CODES = ("PHAM_VI", "MA_PTTT", "MA_NHOM", "NGUON_CTRA", "PP_VO_CAM")


def check_dossier(dossier: Dossier, *, is_summary_paper_expected: bool = True) -> list[Finding]:
    """Return every finding of a dossier, those of the reader first; fields before rules.

    At most 100 findings of fields and 100 of rules: who has more mends these first. The rules that compare
    fields run only where the fields themselves are sound, so that one fault is told once.
    Source: QĐ 130/QĐ-BYT 2023, in force from 2023-02-15, as amended by QĐ 4750/QĐ-BYT 2023 and QĐ 3176/QĐ-BYT
    2024.
    """
    findings = list(dossier.findings)
    if any(finding.code == "unsupported_standard" for finding in findings):
        return findings
    findings.extend(islice(chain(check_structure(dossier), check_fields(dossier)), MAX_FINDINGS))
    if any(finding.severity is Severity.refuse for finding in findings) or SUMMARY not in dossier.tables:
        return findings
    findings.extend(islice(chain.from_iterable(rule(dossier) for rule in COMPARISONS), MAX_FINDINGS))
    if is_summary_paper_expected:
        findings.extend(clauses.check_record_summary(dossier))
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
            yield dossier.finding(SUMMARY, "summary_missing", Severity.refuse)
        return
    summary = dossier.summary
    if summary is None:
        yield dossier.finding(CHECK_IN, "table_empty", Severity.refuse, table=CHECK_IN)
        return
    visit_code = summary.get("MA_LK")
    for name, table in dossier.tables.items():
        for position, row in enumerate(table.rows):
            if row.get("MA_LK", visit_code) != visit_code:
                place = f"{name}/MA_LK" if table.spec.is_single else f"{name}/{position}/MA_LK"
                yield dossier.finding(place, "visit_code_mismatch", Severity.refuse)


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
                    yield dossier.finding(place + required, "required", missing, field=required)
            for tag, value in row.items():
                spec = specs.get(tag)
                if spec is None:
                    yield dossier.finding(place + tag, "unknown_field", Severity.warn, field=tag, table=name)
                elif spec.check is not None and not spec.check(value):
                    yield _ill_formed(dossier, place + tag, spec)
                elif spec.max_length and len(value) > spec.max_length:
                    severity = Severity.refuse if spec.is_required else Severity.warn
                    yield dossier.finding(
                        place + tag, "too_long", severity, field=tag, limit=str(spec.max_length)
                    )


def _ill_formed(dossier: Dossier, pointer: str, spec: FieldSpec) -> Finding:
    if spec.form == "number":
        return dossier.finding(pointer, "not_a_number", Severity.refuse, field=spec.name)
    form = DATE_FORMS[spec.form]
    return dossier.finding(pointer, "impossible_date", Severity.refuse, field=spec.name, form=form)


def check_codes(dossier: Dossier) -> Iterator[Finding]:
    """Yield codes that their code set did not hold on the day of discharge.

    A code set whose wording was not captured, or that a line carries, warns only.
    Source: QĐ 4750/QĐ-BYT 2023 (GIOI_TINH, KET_QUA_DTRI, MA_LOAI_RV); QĐ 1804/QĐ-BYT 2026, in force from
    2026-08-01 (MA_LOAI_KCB); QĐ 3276/QĐ-BYT 2025, data from 2025-07-01 (MA_DOITUONG_KCB).
    """
    summary = dossier.rows(SUMMARY)[0]
    day = day_of(summary["NGAY_RA"])
    for field in _REFUSING_CODES + _WARNING_CODES:
        code = summary.get(field)
        if code and not is_known_code(field, code, day):
            severity = Severity.refuse if field in _REFUSING_CODES else Severity.warn
            yield dossier.finding(f"{SUMMARY}/{field}", "unknown_code", severity, field=field)
    for name in ("XML2", "XML3"):
        for position, row in enumerate(dossier.rows(name)):
            for field in _LINE_CODES:
                if field in row and not is_known_code(field, row[field], day):
                    pointer = f"{name}/{position}/{field}"
                    yield dossier.finding(pointer, "unknown_code", Severity.warn, field=field)


def check_identity_paper(dossier: Dossier) -> Iterator[Finding]:
    """Yield a missing or odd identity paper; warnings.

    A corrected sex or birth year may leave the number as it was, so nothing here refuses.

    Source: Decree 137/2015/NĐ-CP, art. 13 (12 digits); QĐ 4750/QĐ-BYT 2023, annex, XML1, SO_CCCD (9 or 12
    digits, passport, or e-identification account).
    """
    summary = dossier.rows(SUMMARY)[0]
    number, pointer = summary.get("SO_CCCD", ""), f"{SUMMARY}/SO_CCCD"
    if not number:
        yield dossier.finding(pointer, "identity_paper_missing", Severity.warn, QD4750)
    elif number.isascii() and number.isdigit() and len(number) == 12:
        century, year = divmod(int(summary["NGAY_SINH"][:4]), 100)
        expected = {
            (century - 19) * 2 + sex for sex in {"1": (0,), "2": (1,)}.get(summary["GIOI_TINH"], (0, 1))
        }
        is_domestic = number[:3] in province_codes()
        if is_domestic and (int(number[3]) not in expected or int(number[4:6]) != year):
            yield dossier.finding(pointer, "identity_number_disagrees", Severity.warn, QD4750)
    elif not (len(number) == 9 and number.isdigit()) and not _is_passport(number):
        yield dossier.finding(pointer, "identity_paper_odd", Severity.warn, QD4750)


COMPARISONS: tuple[Rule, ...] = (
    check_codes,
    clauses.check_times,
    clauses.check_treatment_days,
    clauses.check_amounts,
    clauses.check_diagnoses,
    clauses.check_facility_codes,
    clauses.check_cards,
    clauses.check_benefit_rates,
    clauses.check_outcome,
    clauses.check_discharge_paper,
    clauses.check_sick_leave,
    clauses.check_beds,
    clauses.check_care_type,
    check_identity_paper,
)
