"""Calendars, instants and limits that the tests of deadlines start from."""

from collections.abc import Callable
from datetime import date, datetime, time

from casework.calendar import DayKind, Override
from casework.time_limits import Suspension
from chassis.clock import LEGAL_ZONE
from chassis.errors import Text

WAITING = Text(vi="chờ bổ sung giấy tờ", en="waiting for papers")


def at(day: str, clock: str = "09:00") -> datetime:
    """Return the instant when it is `clock` of the legal day `day`."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), LEGAL_ZONE)


def waiting(from_at: datetime, to_at: datetime | None, *, restarts: bool = False) -> Suspension:
    return Suspension(from_at, to_at, WAITING, restarts)


def days_off(*days: date, weekends: bool = False) -> Callable[[date], DayKind]:
    """Return a classification in which only `days` are off, and weekends where asked for."""

    def classify(day: date) -> DayKind:
        is_working = day not in days and not (weekends and day.weekday() >= 5)
        return DayKind(day, is_working, Text(vi="làm việc", en="open"), "test")

    return classify


def make_override(day: date, *, is_working: bool) -> Override:
    return Override(DayKind(day, is_working, Text(vi="thông báo", en="notice"), "a notice"), "read")
