"""Dated tables of this feature: transitions, words for statuses, time limits, offices."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import cast

from casework.deadlines import TimeLimit, Unit
from casework.transitions import Transition, TransitionTable
from chassis.errors import Text

DIRECTORY = Path(__file__).parent.parent / "reference"


@dataclass(frozen=True, slots=True)
class StatusWords:
    """A status in words: its label, who acts next (`applicant system office other_body nobody`) and how."""

    label: Text
    next_who: str
    next_text: Text


@dataclass(frozen=True, slots=True)
class Office:
    """An issuing office; `provinces` empty means all that no other office names."""

    slug: str
    agency_code: str
    provinces: frozenset[str]
    name: Text
    unit: Text


@dataclass(frozen=True, slots=True)
class Procedure:
    """The procedure of the national catalogue that a form belongs to."""

    procedure_code: str
    procedure_name: str
    field_code: str
    field_name: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A time limit and the days on which it may be taken, `valid_until` exclusive."""

    code: str
    limit: TimeLimit
    valid_from: date
    valid_until: date | None
    name: Text
    confidence: str


@cache
def transitions() -> TransitionTable:
    """Return what may be done in which status and by whom."""
    return TransitionTable.from_csv(DIRECTORY / "transitions.csv")


def path_of(transition: Transition) -> list[int]:
    """Return the national statuses of a row, in order."""
    return [int(number) for number in transition.facts["national"].split()]


@cache
def done_texts() -> dict[str, Text]:
    """Return what is said of each action once it is done."""
    return {
        row.action: Text(vi=row.facts["done_vi"], en=row.facts["done_en"])
        for row in reversed(transitions().rows)
    }


@cache
def status_words() -> dict[str, StatusWords]:
    """Return the words of each status."""
    return {
        row["status"]: StatusWords(
            _text(row, "label"), row["next_who"], Text(vi=row["next_vi"], en=row["next_en"])
        )
        for row in _read("statuses.csv")
    }


@cache
def _limits() -> tuple[LimitRow, ...]:
    return tuple(
        LimitRow(
            row["code"],
            TimeLimit(int(row["value"]), cast("Unit", row["unit"]), row["source"]),
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
            _text(row, "name"),
            row["confidence"],
        )
        for row in _read("limits.csv")
    )


def limit_on(code: str, on: date) -> LimitRow:
    """Return the row of a limit that is in force on a legal day.

    Raises: KeyError: the table has none, which is a mistake of ours.
    """
    for row in _limits():
        if row.code == code and row.valid_from <= on and (row.valid_until is None or on < row.valid_until):
            return row
    raise KeyError(f"{code} on {on}")


@cache
def offices() -> dict[str, Office]:
    """Return the offices by slug."""
    found = {}
    for row in _read("offices.csv"):
        provinces = frozenset(row["provinces"].split()) - {"*"}
        found[row["office"]] = Office(
            row["office"], row["agency_code"], provinces, _text(row, "name"), _text(row, "unit")
        )
    return found


def office_for(province_code: str | None) -> Office:
    """Return the office that takes a province: the one that names it, else the one for all others."""
    known = offices().values()
    named = [office for office in known if province_code in office.provinces]
    return next(iter(named or [office for office in known if not office.provinces]))


@cache
def procedure_of(form: int) -> Procedure:
    """Return the procedure of form 1 or 2."""
    row = next(row for row in _read("procedures.csv") if row["form"] == str(form))
    return Procedure(row["procedure_code"], row["procedure_name"], row["field_code"], row["field_name"])


def _read(name: str) -> Iterable[dict[str, str]]:
    with (DIRECTORY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(row: dict[str, str], column: str) -> Text:
    return Text(vi=row[f"{column}_vi"], en=row[f"{column}_en"])
