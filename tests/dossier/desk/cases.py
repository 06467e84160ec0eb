"""For each condition of the table: a case and a request that meet it, and what breaks it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dossier.desk.facts import Ask, CaseFacts, Proposal
from dossier.supplements.reference import SupplementRules

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(days=1)
RULES = SupplementRules.from_csv()
COSMETICS, DEVICES, CERTIFICATE = (RULES.get(name) for name in ("SUP-COSM", "SUP-DEV-CD", "SUP-LLTP"))


def proposal(kind: Any = "granted", by: str = "officer") -> Proposal:
    return Proposal(kind=kind, proposed_by=by, proposed_at=BEFORE, reason="lý do", legal_basis="điều 1")


FITTING_CASE: dict[str, dict[str, Any]] = {
    "nothing_to_pay_first": {"is_fee_due_first": True, "is_paid": True},
    "paid": {"is_paid": True},
    "is_publication": {"is_publication": True},
    "asked_before_acceptance": {"round_asked_before_acceptance": True},
    "asked_after_acceptance": {"round_asked_before_acceptance": False},
    "payment_overdue": {"payment_due_at": BEFORE},
    "assigned": {"assigned_to": "officer"},
    "result_in_force": {"has_valid_result": True},
    "within_notice": {"notice_due_at": AFTER},
    "single_step": {"is_single_step": True},
    "has_inspection_step": {"has_inspection": True},
    "before_due": {"due_at": AFTER, "due_on": date(2026, 11, 24)},
    "later_due_day": {"due_on": date(2026, 11, 24)},
    "answer_in_time": {"answer_due_at": AFTER},
    "supplement_overdue": {"answer_due_at": BEFORE},
    "void_by_rule": {"rule": DEVICES, "rounds_asked": 5, "answer_due_at": BEFORE},
    "refusal_after_last_round": {"rule": COSMETICS, "rounds_asked": 1, "answer_due_at": BEFORE},
    "extension_allowed": {"answer_due_at": AFTER},
    "brought_to_the_desk": {"channel": "counter"},
}
FITTING_ASK: dict[str, dict[str, Any]] = {
    "reason": {"reason": "thiếu điều kiện"},
    "legal_basis": {"legal_basis": "Thông tư 06/2011/TT-BYT"},
    "items": {"items": ("Bản công bố",)},
    "amount": {"amount_vnd": 500_000},
    "later_due_day": {"new_due_on": date(2026, 12, 1)},
    "body_and_limit": {"body": "Sở Y tế Hà Nội"},
}
BREAKING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing_to_pay_first": ({"is_fee_due_first": True, "is_paid": False}, {}),
    "paid": ({"is_paid": False}, {}),
    "is_publication": ({"is_publication": False}, {}),
    "asked_before_acceptance": ({"round_asked_before_acceptance": False}, {}),
    "asked_after_acceptance": ({"round_asked_before_acceptance": True}, {}),
    "payment_overdue": ({"payment_due_at": AFTER}, {}),
    "assigned": ({"assigned_to": None}, {}),
    "result_in_force": ({"has_valid_result": False}, {}),
    "within_notice": ({"notice_due_at": BEFORE}, {}),
    "single_step": ({"is_single_step": False}, {}),
    "has_inspection_step": ({"has_inspection": False}, {}),
    "before_due": ({"due_at": BEFORE}, {}),
    "later_due_day": ({"due_on": date(2026, 12, 1)}, {"new_due_on": date(2026, 12, 1)}),
    "answer_in_time": ({"answer_due_at": BEFORE}, {}),
    "supplement_overdue": ({"answer_due_at": AFTER}, {}),
    "void_by_rule": ({"rounds_asked": 4}, {}),
    "refusal_after_last_round": ({"answer_due_at": AFTER}, {}),
    "extension_allowed": ({"extensions": 1}, {}),
    "brought_to_the_desk": ({"channel": "online"}, {}),
    "reason": ({}, {"reason": " "}),
    "legal_basis": ({}, {"legal_basis": None}),
    "items": ({}, {"items": ()}),
    "amount": ({}, {"amount_vnd": 0}),
    "body_and_limit": ({}, {"body": None}),
    "papers_checked": ({}, {"papers_missing": ("Đơn đề nghị",)}),
    "round_allowed": ({"rule": COSMETICS, "rounds_asked": 1}, {}),
    "supplement_before_acceptance": ({"rule": CERTIFICATE, "channel": "online"}, {}),
    "no_result": ({"has_valid_result": True}, {}),
    "first_apology": ({"apologies": 1}, {}),
    "proposed_by_another": ({"proposal": None}, {}),
    "office_known": ({}, {"office_is_known": False}),
    "proposal_complete": ({}, {"kind": "refused", "reason": None}),
}


def fitting(conditions: tuple[str, ...], action: str) -> tuple[CaseFacts, Ask]:
    """Return a case and a request for which all the conditions hold."""
    kind: Any = "refused" if action == "deny" else "granted"
    case = CaseFacts(channel="online", rule=RULES.get("SUP-DEFAULT"), proposal=proposal(kind))
    ask = Ask(subject="leader", kind=kind)
    for name in conditions:
        case = replace(case, **FITTING_CASE.get(name, {}))
        ask = replace(ask, **FITTING_ASK.get(name, {}))
    return case, ask


def broken(case: CaseFacts, ask: Ask, condition: str) -> tuple[CaseFacts, Ask]:
    """Return the same with one condition broken."""
    of_case, of_ask = BREAKING[condition]
    return replace(case, **of_case), replace(ask, **of_ask)
