"""Which days the state works: days off and make-up Saturdays, each with its reason in both languages.

The days come from the package `holidays` (VN), which knows the yearly notices, and from a table of overrides
for what it does not know. Rejected: a table of our own for everything, because days that follow the lunar
calendar are computed better by a package that many people check.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Self

import holidays

from chassis.errors import Text

OVERRIDES = Path(__file__).parent / "data" / "working_day_overrides.csv"
LABOUR_CODE = "Labour Code 2019, art. 112, and yearly notices (package holidays 0.109, VN)"
WORKING_WEEK = "Working week from Monday to Friday (default, unverified)"

_WORKING = Text(vi="Ngày làm việc", en="Working day")
_MAKE_UP = Text(vi="Ngày làm việc bù", en="Make-up working day")
_WEEKEND = Text(vi="Ngày nghỉ cuối tuần", en="Weekend")


@dataclass(frozen=True, slots=True)
class DayKind:
    """What one legal day is, why, and who says so."""

    on: date
    is_working: bool
    reason: Text
    source: str


@dataclass(frozen=True, slots=True)
class Override:
    """A day that is other than the package says. `confidence`: `read`, `reported` or `unverified`."""

    day: DayKind
    confidence: str


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Opening hours of each working day in Asia/Ho_Chi_Minh, in order and not overlapping.

    Source: general knowledge, unverified; eight hours a day, 08:00-12:00 and 13:00-17:00 by default.
    """

    periods: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(13), time(17)))

    def __post_init__(self) -> None:
        edges = [edge for period in self.periods for edge in period]
        if not edges or edges != sorted(set(edges)):
            raise ValueError("office hours come in order and do not overlap")


class WorkCalendar:
    """The working days and hours of one country or office; every computation names the one it counts by."""

    def __init__(
        self,
        classify: Callable[[date], DayKind],
        *,
        overrides: Iterable[Override] = (),
        office_hours: OfficeHours | None = None,
    ) -> None:
        """`classify` tells what a day is where no override does; a later override replaces an earlier."""
        self._classify = classify
        self._kinds: dict[date, DayKind] = {}
        by_day = {override.day.on: override for override in overrides}
        self.overrides: tuple[Override, ...] = tuple(by_day[on] for on in sorted(by_day))
        self._overridden = {on: override.day for on, override in by_day.items()}
        self.office_hours = office_hours or OfficeHours()

    @classmethod
    def vietnam(cls, *, overrides: Iterable[Override] = (), office_hours: OfficeHours | None = None) -> Self:
        """Return Vietnam's calendar: the package, the sourced table, then a deployment's own `overrides`."""
        return cls(
            vietnamese_days(), overrides=(*read_overrides(OVERRIDES), *overrides), office_hours=office_hours
        )

    def kind_of(self, day: date) -> DayKind:
        """Return what the legal day is."""
        kind = self._kinds.get(day)
        if kind is None:
            kind = self._kinds[day] = self._overridden.get(day) or self._classify(day)
        return kind


def vietnamese_days() -> Callable[[date], DayKind]:
    """Return how the package classifies days; its years are computed when first asked for.

    Source: Labour Code 2019, art. 112, and yearly notices, as the package `holidays` holds them.
    """
    vi = holidays.country_holidays("VN", language="vi")
    en = holidays.country_holidays("VN", language="en_US")

    def classify(day: date) -> DayKind:
        is_working = vi.is_working_day(day)
        is_weekend = day.weekday() >= 5
        if day in vi:
            return DayKind(day, is_working, Text(vi=vi[day], en=en[day]), LABOUR_CODE)
        if is_working and is_weekend:
            return DayKind(day, True, _MAKE_UP, LABOUR_CODE)
        return DayKind(day, is_working, _WEEKEND if is_weekend else _WORKING, WORKING_WEEK)

    return classify


@cache
def read_overrides(path: Path) -> tuple[Override, ...]:
    """Return the rows of an override table: date, is_working (yes/no), names, source, confidence.

    Raises: ValueError for a row without source, of an unknown confidence, or with another word than yes/no.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_override(row) for row in csv.DictReader(file))


def _override(row: dict[str, str]) -> Override:
    if not row["source"] or row["confidence"] not in ("read", "reported", "unverified"):
        raise ValueError(f"the override of {row['date']} has no source")
    if row["is_working"] not in ("yes", "no"):
        raise ValueError(f"the override of {row['date']} says neither yes nor no")
    name = Text(vi=row["name_vi"], en=row["name_en"])
    day = DayKind(date.fromisoformat(row["date"]), row["is_working"] == "yes", name, row["source"])
    return Override(day, row["confidence"])
