"""The supplement rules as data, from `reference/supplement_rules.csv`; the day of receipt picks the row."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, Self, cast, get_args

from casework.deadlines import TimeLimit, Unit

RULES = Path(__file__).parent.parent / "reference" / "supplement_rules.csv"
DEFAULT_RULE = "SUP-DEFAULT"

Outcome = Literal["none", "start_again", "void", "refuse", "stop"]
"""What the law says when the rounds are used up or the time has passed."""
Channel = Literal["counter", "online", "post"]


@dataclass(frozen=True, slots=True)
class SupplementRule:
    """One row of the table. A limit that the row does not state is None: the deployment's default applies."""

    rule_id: str
    family: str
    decide: TimeLimit | None
    notice: TimeLimit | None
    applicant: TimeLimit | None
    max_rounds: int | None
    outcome: Outcome
    restarts: bool
    """Whether an answer opens a new processing period instead of resuming the old one."""
    at_intake: frozenset[Channel]
    """By which channels of filing a supplement may be asked before acceptance."""
    void_after: TimeLimit | None
    """How long after the first filing the dossier loses its force."""
    valid_from: date | None
    valid_to: date | None
    legal_basis: str
    when_exceeded: str
    mark: str

    def holds_on(self, on: date) -> bool:
        """Return whether the row is in force on a legal day, both ends included."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


class SupplementRules:
    """All rows; a dossier keeps the one that was in force when it was received."""

    def __init__(self, rules: Iterable[SupplementRule]) -> None:
        self._rules = {rule.rule_id: rule for rule in rules}

    @classmethod
    def from_csv(cls, path: Path = RULES, *, default_rounds: int | None = None) -> Self:
        """Return the table; `default_rounds` caps the rounds of procedures without a rule of their own.

        Raises: ValueError or KeyError for a row that cannot be read.
        """
        with path.open(encoding="utf-8", newline="") as file:
            rules = [_rule(row) for row in csv.DictReader(file)]
        return cls(
            replace(rule, max_rounds=default_rounds) if rule.rule_id == DEFAULT_RULE else rule
            for rule in rules
        )

    def __iter__(self) -> Iterator[SupplementRule]:
        return iter(self._rules.values())

    def get(self, rule_id: str) -> SupplementRule:
        """Return the row of this id. Raises: KeyError."""
        return self._rules[rule_id]

    def in_force(self, rule_id: str, received_on: date) -> SupplementRule:
        """Return the row for a dossier received on a legal day: of the same family, else the default.

        Raises: KeyError when the table has no such rule.
        """
        named = self._rules[rule_id]
        family = [rule for rule in self._rules.values() if rule.family == named.family]
        for rule in (named, *family):
            if rule.holds_on(received_on):
                return rule
        return self._rules[DEFAULT_RULE]


def _rule(row: dict[str, str]) -> SupplementRule:
    if row["outcome"] not in get_args(Outcome) or row["on_answer"] not in ("resume", "restart"):
        raise ValueError(f"{row['rule_id']} has an unknown outcome")
    return SupplementRule(
        rule_id=row["rule_id"],
        family=row["family"],
        decide=_limit(row, "decide"),
        notice=_limit(row, "notice"),
        applicant=_limit(row, "applicant"),
        max_rounds=int(row["max_rounds"]) if row["max_rounds"] else None,
        outcome=cast("Outcome", row["outcome"]),
        restarts=row["on_answer"] == "restart",
        at_intake=frozenset(cast("Channel", channel) for channel in row["at_intake"].split("|")),
        void_after=_limit(row, "void"),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        legal_basis=row["legal_basis"],
        when_exceeded=row["when_exceeded"],
        mark=row["mark"],
    )


def _limit(row: dict[str, str], name: str) -> TimeLimit | None:
    value, unit = row[f"{name}_value"], row[f"{name}_unit"]
    if not value or unit == "immediate":
        return None
    return TimeLimit(int(value), cast("Unit", unit), source=row["legal_basis"])


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None
