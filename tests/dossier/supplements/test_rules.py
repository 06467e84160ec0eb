"""The supplement rules: each row reads, and the day of receipt picks the one in force."""

from datetime import date

import pytest

from casework.deadlines import TimeLimit
from dossier.desk import rules
from dossier.desk.facts import Ask, CaseFacts
from dossier.supplements.reference import SupplementRules
from tests.dossier.desk.cases import AFTER, BEFORE, NOW

RULES = SupplementRules.from_csv()
ASK = Ask(subject="officer")


def test_there_are_nineteen_rules() -> None:
    assert len(list(RULES)) == 19


@pytest.mark.parametrize(
    ("rule_id", "rounds", "applicant", "outcome", "restarts"),
    [
        ("SUP-DEV-CD", 5, (90, "day"), "start_again", True),
        ("SUP-DEV-FAST", 3, (90, "day"), "start_again", True),
        ("SUP-DEV-EMERG", None, (90, "day"), "start_again", True),
        ("SUP-DEV-IMP", 3, (60, "day"), "refuse", False),
        ("SUP-TRAD-REG", 2, (90, "day"), "start_again", False),
        ("SUP-PHARM-CERT", None, (6, "month"), "void", False),
        ("SUP-COSM", 1, (3, "month"), "refuse", False),
    ],
)
def test_rule_is_read(
    rule_id: str, rounds: int | None, applicant: tuple[int, str], outcome: str, restarts: bool
) -> None:
    rule = RULES.get(rule_id)

    assert (rule.max_rounds, rule.outcome, rule.restarts) == (rounds, outcome, restarts)
    assert rule.applicant is not None
    assert (rule.applicant.value, rule.applicant.unit) == applicant


@pytest.mark.parametrize(
    ("rule_id", "received_on", "expected"),
    [
        ("SUP-DEV-CSDT", date(2023, 12, 31), "SUP-DEV-CSDT-OLD"),
        ("SUP-DEV-CSDT", date(2024, 1, 1), "SUP-DEV-CSDT"),
        ("SUP-DRUG-REG-2025", date(2025, 6, 30), "SUP-DRUG-REG"),
        ("SUP-DRUG-REG-2025", date(2025, 7, 1), "SUP-DRUG-REG-2025"),
        ("SUP-DRUG-REG", date(2026, 11, 23), "SUP-DRUG-REG-2025"),
        ("SUP-DEV-CD", date(2023, 6, 1), "SUP-DEFAULT"),
        ("SUP-COSM", date(2026, 11, 23), "SUP-COSM"),
    ],
)
def test_day_of_receipt_picks_the_rule(rule_id: str, received_on: date, expected: str) -> None:
    assert RULES.in_force(rule_id, received_on).rule_id == expected


def test_default_number_of_rounds_is_a_setting() -> None:
    capped = SupplementRules.from_csv(default_rounds=2)

    assert RULES.get("SUP-DEFAULT").max_rounds is None
    assert capped.get("SUP-DEFAULT").max_rounds == 2
    assert capped.get("SUP-PHARM-CERT").max_rounds is None


@pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.rule_id)
def test_each_round_up_to_the_cap_may_be_asked_and_none_after(rule) -> None:  # type: ignore[no-untyped-def]
    for asked in range(7):
        case = CaseFacts(channel="counter", rule=rule, rounds_asked=asked)
        allowed = rule.max_rounds is None or asked < rule.max_rounds

        assert (rules.unmet(["round_allowed"], case, ASK, NOW) == []) is allowed


@pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.rule_id)
def test_one_end_and_only_one_when_the_last_round_passes(rule) -> None:  # type: ignore[no-untyped-def]
    case = CaseFacts(
        channel="counter", rule=rule, rounds_asked=rule.max_rounds or 3, answer_due_at=BEFORE, void_at=AFTER
    )
    ends = ["supplement_overdue", "void_by_rule", "refusal_after_last_round"]

    open_ends = [name for name in ends if not rules.unmet([name], case, ASK, NOW)]

    assert len(open_ends) == 1
    if rule.max_rounds and rule.outcome == "refuse":
        assert open_ends == ["refusal_after_last_round"]
    elif rule.max_rounds and rule.outcome == "start_again":
        assert open_ends == ["void_by_rule"]


def test_dossier_is_void_after_its_time_whatever_the_round() -> None:
    case = CaseFacts(
        channel="online",
        rule=RULES.get("SUP-PHARM-CERT"),
        rounds_asked=1,
        answer_due_at=AFTER,
        void_at=BEFORE,
    )

    assert RULES.get("SUP-PHARM-CERT").void_after == TimeLimit(12, "month", source="Pharmacy decree")
    assert rules.unmet(["void_by_rule"], case, ASK, NOW) == []
