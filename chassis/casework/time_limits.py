"""What a deadline is counted from: the limit that a law sets, and the times when the count stood still."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from chassis.clock import LEGAL_ZONE
from chassis.errors import Text

Unit = Literal["hour", "working_hour", "day", "working_day", "month", "year"]

_NAMES: dict[Unit, tuple[str, str, str]] = {
    "hour": ("giờ", "hour", "hours"),
    "working_hour": ("giờ làm việc", "working hour", "working hours"),
    "day": ("ngày", "day", "days"),
    "working_day": ("ngày làm việc", "working day", "working days"),
    "month": ("tháng", "month", "months"),
    "year": ("năm", "year", "years"),
}


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A length of time as a law or a procedure states it, with the text that does (where known).

    Raises: ValueError for less than one unit, or a unit that is not counted here.
    """

    value: int
    unit: Unit
    source: str | None = None

    def __post_init__(self) -> None:
        if self.value < 1 or self.unit not in _NAMES:
            raise ValueError("a time limit is a positive number of a known unit")

    @property
    def label(self) -> Text:
        """The limit in words, for example `3 ngày làm việc`."""
        vi, one, many = _NAMES[self.unit]
        return Text(vi=f"{self.value} {vi}", en=f"{self.value} {one if self.value == 1 else many}")

    @property
    def is_of_hours(self) -> bool:
        """Whether it ends at an instant and not with a day."""
        return self.unit in ("hour", "working_hour")

    def document(self) -> dict[str, Any]:
        """Return the limit as JSON: value, unit, label, source."""
        return {"value": self.value, "unit": self.unit, "label": self.label, "source": self.source}


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time when the count stands still, from asking to answer; without `to_at` it still does.

    Days: the day of asking counts as worked and the day of the answer does not, as the day of receipt does
    not. `restarts`: the answer opens a new period instead of resuming the old one, which some procedures say.
    Both instants are aware. Raises: ValueError for an end before its beginning.
    """

    from_at: datetime
    to_at: datetime | None
    reason: Text
    restarts: bool = False

    def __post_init__(self) -> None:
        if self.from_at.tzinfo is None or (self.to_at is not None and self.to_at.tzinfo is None):
            raise ValueError("a suspension takes aware instants")
        if self.to_at is not None and self.to_at < self.from_at:
            raise ValueError("a suspension ends before it begins")


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a count: the legal day, how much is counted after it, and why.

    `counted` is in the unit of the limit; in minutes where the limit is of hours.
    """

    on: date
    counted: int
    text: Text


def legal_day(at: datetime) -> date:
    """Return the legal day (Asia/Ho_Chi_Minh) of an instant."""
    return at.astimezone(LEGAL_ZONE).date()


def start_of(day: date, clock: time = time(0)) -> datetime:
    """Return the instant, in UTC, when the legal day reaches `clock`; its beginning by default."""
    return datetime.combine(day, clock, LEGAL_ZONE).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it has no such day.

    Source: Civil Code 91/2015/QH13, art. 148 (default, text unverified).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Pause:
    """A closed suspension as days after `after` up to and with `until`, and as instants."""

    from_at: datetime
    to_at: datetime
    reason: Text

    @property
    def after(self) -> date:
        """The day of asking, the last one that counts."""
        return legal_day(self.from_at)

    @property
    def until(self) -> date:
        """The day of the answer, the last one that does not count."""
        return legal_day(self.to_at)


def pauses(suspensions: Iterable[Suspension], since: datetime) -> tuple[Pause, ...]:
    """Return the closed suspensions after `since`, in order and without overlap; the earlier reason stays."""
    found: list[Pause] = []
    for one in sorted(suspensions, key=lambda s: s.from_at):
        if one.to_at is None or one.to_at <= since:
            continue
        start = max(one.from_at, since, found[-1].to_at if found else since)
        if one.to_at > start:
            found.append(Pause(start, one.to_at, one.reason))
    return tuple(found)


def pause_on(found: Sequence[Pause], day: date) -> Pause | None:
    """Return the pause that takes this legal day out of the count, if one does."""
    return next((pause for pause in found if pause.after < day <= pause.until), None)
