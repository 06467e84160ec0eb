"""Reads a facility's whole file into what is kept and what is refused, before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.errors import FieldError, MalformedBody, OtherFacility, Text
from health_book.submissions.document import Visit, make_visit
from health_book.submissions.dossier import MAX_FINDINGS, Dossier
from health_book.submissions.envelope import EnvelopeReader, Unreadable
from health_book.submissions.findings import FORMAT, Finding, Severity
from health_book.submissions.rules import check_dossier
from health_book.submissions.signature import PublicKey, fault_of_signature


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding about the dossier at `position`, counted from 1 as people count."""

    position: int
    finding: Finding


@dataclass(slots=True)
class Plan:
    """What one file comes to; `visits` by position in the file, counted from 1."""

    visits: dict[int, Visit] = field(default_factory=dict)
    refused: list[Verdict] = field(default_factory=list)
    warnings: list[Verdict] = field(default_factory=list)
    dossier_count: int = 0


def plan_file(
    body: bytes, facility_code: str, *, keys: Sequence[PublicKey] = (), is_summary_paper_expected: bool = True
) -> Plan:
    """Return the plan of a file of `facility_code`; with registered `keys` it must be signed by one of them.

    Raises:
        MalformedBody: the file as a whole cannot be read.
        OtherFacility: the file, or any dossier in it, names another facility; then nothing of it is taken.
    """
    reader = EnvelopeReader(body)
    plan = Plan()
    seen: set[str] = set()
    try:
        for dossier in reader:
            _require_own(dossier, facility_code)
            _plan_dossier(plan, dossier, seen, is_summary_paper_expected)
    except Unreadable as failure:
        reason = Text(vi=failure.reason["vi"], en=failure.reason["en"])
        raise MalformedBody(reason, errors=[FieldError("", failure.code, reason)]) from failure
    if reader.facility_code != facility_code:
        raise OtherFacility(named="file")
    plan.dossier_count = reader.dossier_count
    if reader.declared_count != reader.dossier_count:
        # Nobody knows which dossier was lost.
        facts = {"declared": str(reader.declared_count), "found": str(reader.dossier_count)}
        _refuse_all(plan, "/SOLUONGHOSO", "dossier_count_mismatch", facts)
    elif keys and (code := fault_of_signature(body, keys)) is not None:
        _refuse_all(plan, "/CHUKYDONVI", code, {})
    return plan


def _require_own(dossier: Dossier, facility_code: str) -> None:
    for table in ("XML1", "CHECKIN"):
        if any(row.get("MA_CSKCB", facility_code) != facility_code for row in dossier.rows(table)):
            raise OtherFacility(named="dossier")


def _plan_dossier(plan: Plan, dossier: Dossier, seen: set[str], is_summary_paper_expected: bool) -> None:
    position = dossier.index + 1
    findings = check_dossier(dossier, is_summary_paper_expected=is_summary_paper_expected)
    visit_code = (dossier.summary or {}).get("MA_LK", "")
    if visit_code and visit_code in seen:
        pointer = f"{dossier.pointer}/XML1/MA_LK"
        findings.append(Finding(pointer, "visit_code_repeated", Severity.refuse, FORMAT))
    seen.add(visit_code)
    refusals = [finding for finding in findings if finding.severity is Severity.refuse]
    if refusals:
        plan.refused += [Verdict(position, finding) for finding in refusals]
        return
    plan.warnings += [Verdict(position, finding) for finding in findings]
    plan.visits[position] = make_visit(dossier)


def _refuse_all(plan: Plan, pointer: str, code: str, facts: dict[str, str]) -> None:
    """Refuse every dossier for a fault of the file; told for the first hundred."""
    finding = Finding(pointer, code, Severity.refuse, FORMAT, facts)
    told = min(max(plan.dossier_count, 1), MAX_FINDINGS)
    plan.visits, plan.warnings = {}, []
    plan.refused = [Verdict(position, finding) for position in range(1, told + 1)]
