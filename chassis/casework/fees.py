"""What is owed, by which row of a dated table, and why. Amounts are whole dong."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

from chassis.errors import FieldError, Invalid, Text

JUDICIAL_RECORD_FEES = Path(__file__).parent / "data" / "judicial_record_fees.csv"


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One row, in force from `valid_from` until the day before `valid_until`.

    Kind `request`: once per request of the group. Kind `extra_copy`: for each copy beyond `free_copies`.
    A row with ages applies to whoever is of that age, asked for or not.
    """

    group: str
    kind: str
    amount_vnd: int
    free_copies: int
    min_age: int | None
    max_age: int | None
    label: Text
    valid_from: date
    valid_until: date | None
    source: str
    confidence: str

    def is_in_force(self, on: date) -> bool:
        """Return whether the row applies on the legal day `on`."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)

    @property
    def goes_by_age(self) -> bool:
        """Whether a person's age alone decides."""
        return self.min_age is not None or self.max_age is not None

    def fits_age(self, age: int | None) -> bool:
        """Return whether a person of `age` whole years is meant; an unknown age never is."""
        if age is None:
            return False
        return (self.min_age is None or age >= self.min_age) and (self.max_age is None or age <= self.max_age)


@dataclass(frozen=True, slots=True)
class FeeFacts:
    """What is known of the person without asking: `age` in whole years on the day of the request."""

    age: int | None = None


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of what is owed."""

    code: str
    label: Text
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class FeeAssessment:
    """What is owed and why. `confidence` says how sure the amounts are (`read`, `unverified`)."""

    on: date
    lines: tuple[FeeLine, ...]
    group: str
    rule: Text
    source: str
    confidence: str

    @property
    def total_vnd(self) -> int:
        """The sum of the lines."""
        return sum(line.amount_vnd for line in self.lines)

    def document(self) -> dict[str, Any]:
        """Return the assessment as JSON, the shape of every API that shows a fee."""
        return {
            "assessed_on": self.on.isoformat(),
            "group": self.group,
            "lines": [
                {"code": line.code, "label": line.label, "amount_vnd": line.amount_vnd} for line in self.lines
            ],
            "total_vnd": self.total_vnd,
            "rule": self.rule,
            "source": self.source,
            "confidence": self.confidence,
        }


class FeeTable:
    """Dated fee rows of one law."""

    def __init__(self, rows: Iterable[FeeRow]) -> None:
        self.rows = tuple(rows)

    @classmethod
    @cache
    def from_csv(cls, path: Path) -> Self:
        """Read a table with the columns of `judicial_record_fees.csv`.

        Raises: ValueError for a negative amount, an unknown kind or a row without source.
        """
        with path.open(encoding="utf-8", newline="") as file:
            return cls([_row(row) for row in csv.DictReader(file)])

    def groups(self, on: date) -> tuple[str, ...]:
        """Return the groups that the table knows on a day."""
        return tuple(row.group for row in self._in_force(on, "request"))

    def assess(self, on: date, group: str, copies: int, facts: FeeFacts | None = None) -> FeeAssessment:
        """Return what a request of `group` for `copies` certificates owes on the legal day `on`.

        A group that goes by age is granted whether asked for or not, and only when the age is known to fit;
        of two groups that fit the cheaper one applies. Who is exempt pays for no further copy (our reading).

        Raises: Invalid for an unknown group, an age that does not fit it, or less than one copy.
        Source: Circular 244/2016/TT-BTC, art. 4 and 5, in force from 2017-01-01; since 2026 Circular
        16/2025/TT-BTC with the same amounts (unverified).
        """
        age = (facts or FeeFacts()).age
        rows = self._in_force(on, "request")
        asked = next((row for row in rows if row.group == group), None)
        if asked is None:
            raise _invalid("/group", "Nhóm đối tượng thu phí không có.", "There is no such fee group.")
        if asked.goes_by_age and not asked.fits_age(age):
            raise _invalid(
                "/group", "Tuổi không thuộc nhóm này.", "The person's age does not fit this group."
            )
        if copies < 1:
            raise _invalid("/copies", "Ít nhất một bản.", "At least one copy.")
        fitting = [asked, *(row for row in rows if row.goes_by_age and row.fits_age(age))]
        row = min(fitting, key=lambda one: one.amount_vnd)
        lines = [FeeLine(row.group, row.label, row.amount_vnd)]
        if row.amount_vnd:
            lines += self._extra_copies(on, copies)
        return FeeAssessment(on, tuple(lines), row.group, row.label, row.source, row.confidence)

    def _extra_copies(self, on: date, copies: int) -> list[FeeLine]:
        return [
            FeeLine("extra_copy", row.label, row.amount_vnd * (copies - row.free_copies))
            for row in self._in_force(on, "extra_copy")
            if copies > row.free_copies
        ]

    def _in_force(self, on: date, kind: str) -> list[FeeRow]:
        return [row for row in self.rows if row.kind == kind and row.is_in_force(on)]


def _invalid(pointer: str, vi: str, en: str) -> Invalid:
    return Invalid(errors=[FieldError(pointer, "fee", Text(vi=vi, en=en))])


def _row(row: dict[str, str]) -> FeeRow:
    amount = int(row["amount_vnd"])
    if amount < 0 or row["kind"] not in ("request", "extra_copy") or not row["source"]:
        raise ValueError(f"the fee row of {row['group']} is not complete")
    return FeeRow(
        group=row["group"],
        kind=row["kind"],
        amount_vnd=amount,
        free_copies=int(row["free_copies"] or 0),
        min_age=int(row["min_age"]) if row["min_age"] else None,
        max_age=int(row["max_age"]) if row["max_age"] else None,
        label=Text(vi=row["label_vi"], en=row["label_en"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        source=row["source"],
        confidence=row["confidence"],
    )
