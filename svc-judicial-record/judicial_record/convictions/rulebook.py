"""The rules of expungement as dated data, read once from `reference/expungement_rules.csv`.

What a rule decides is code in `rules.py`; which rules are in force on a day, and how long their terms are, is
data here, so that a change of the law is a row with a date.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

_MONTHS = {"year": 12, "month": 1}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `months` is the length of its term, None for rules without one; both dates are inclusive."""

    rule_id: str
    article: str
    months: int | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules by id."""

    rules: Mapping[str, Rule]

    def on(self, day: date) -> "RulesInForce":
        """Return the rules in force on a legal day."""
        return RulesInForce(
            {
                rule_id: rule
                for rule_id, rule in self.rules.items()
                if (rule.valid_from is None or rule.valid_from <= day)
                and (rule.valid_to is None or day <= rule.valid_to)
            }
        )


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules of one day."""

    rules: Mapping[str, Rule]

    def has(self, rule_id: str) -> bool:
        return rule_id in self.rules

    def months(self, rule_id: str) -> int | None:
        """Return the length of a rule's term, or None where the rule is not in force."""
        rule = self.rules.get(rule_id)
        return rule.months if rule else None


@cache
def rule_book() -> RuleBook:
    """Return the rules of this release."""
    file = resources.files("judicial_record") / "reference" / "expungement_rules.csv"
    with file.open(encoding="utf-8") as lines:
        return RuleBook({row["rule_id"]: _rule(row) for row in csv.DictReader(lines)})


def _rule(row: Mapping[str, str]) -> Rule:
    value, unit = row["term_value"], row["term_unit"]
    return Rule(
        rule_id=row["rule_id"],
        article=row["article"],
        months=int(value) * _MONTHS[unit] if value.isdecimal() else None,
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )
