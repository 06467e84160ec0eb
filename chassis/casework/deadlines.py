"""When a time limit ends, and how each day on the way was counted.

A limit is counted in legal days (Asia/Ho_Chi_Minh) from the day after the instant that starts it; hours are
counted exactly. The count stops while a case waits for somebody else, and every answer carries the steps by
which anybody can count again. Rejected: adding a length in hours, which turns one working day into 24 hours
of work, and a weekday mask, which knows no make-up Saturday.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from casework.calendar import WorkCalendar
from casework.counting import EndlessCount, count_days, count_hours, count_months
from casework.time_limits import (
    Suspension,
    TimeLimit,
    TraceStep,
    Unit,
    legal_day,
    months_later,
    pauses,
)
from chassis.errors import Text

__all__ = [
    "SOURCE",
    "Deadline",
    "EndlessCount",
    "Suspension",
    "TimeLimit",
    "TraceStep",
    "Unit",
    "due",
    "legal_day",
    "months_later",
]

SOURCE = (
    "Civil Code 91/2015/QH13, art. 147-148: the first day is not counted, an end on a day off moves to the"
    " next working day (default, text unverified)"
)

_COUNTERS = {
    "hour": count_hours,
    "working_hour": count_hours,
    "day": count_days,
    "working_day": count_days,
    "month": count_months,
    "year": count_months,
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a limit ends. `due_at` is the end of the legal day `due_on`, or the exact instant for hours.

    While the count stands still (`suspended_since`) the end is not known: both are then the earliest that
    they can become, namely with an answer at once.
    """

    due_on: date
    due_at: datetime
    limit: TimeLimit
    trace: tuple[TraceStep, ...]
    started_at: datetime
    suspended_since: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Return whether `now`, a legal instant, lies past the end. A count that stands still never is."""
        if self.suspended_since is not None:
            return False
        return now > self.due_at if self.limit.is_of_hours else legal_day(now) > self.due_on

    def document(self) -> dict[str, Any]:
        """Return the deadline as JSON, the shape of every API that shows one; instants in UTC."""
        return {
            "due_on": self.due_on.isoformat(),
            "due_at": _instant(self.due_at),
            "limit": self.limit.document(),
            "started_at": _instant(self.started_at),
            "suspended_since": _instant(self.suspended_since) if self.suspended_since else None,
            "source": SOURCE,
            "steps": [
                {"on": step.on.isoformat(), "counted": step.counted, "text": step.text} for step in self.trace
            ],
        }


def due(
    limit: TimeLimit,
    *,
    start_at: datetime,
    calendar: WorkCalendar,
    suspensions: Sequence[Suspension] = (),
) -> Deadline:
    """Return when `limit` ends that began at `start_at` (aware), with the steps of the count.

    Suspensions may be given in any order and overlap. A closed one that `restarts` begins the whole limit
    anew at its end; what was before it no longer matters.

    Raises: ValueError for a naive instant; EndlessCount when the calendar has no working days.
    Source: Civil Code 91/2015/QH13, art. 147-148 (default, text unverified).
    """
    if start_at.tzinfo is None:
        raise ValueError("a deadline starts at an aware instant")
    begun_at, restart = start_at.astimezone(UTC), _last_restart(suspensions, start_at)
    if restart is not None and restart.to_at is not None:
        begun_at = restart.to_at.astimezone(UTC)
    end_at, steps = _COUNTERS[limit.unit](limit, begun_at, calendar, pauses(suspensions, begun_at))
    due_on = legal_day(end_at - timedelta.resolution)  # midnight ends the day before it
    if restart is not None:
        steps = (TraceStep(legal_day(begun_at), 0, _restarted(restart)), *steps)
    waiting = [one.from_at for one in suspensions if one.to_at is None and one.from_at < end_at]
    since = min(waiting).astimezone(UTC) if waiting else None
    return Deadline(due_on, end_at.astimezone(UTC), limit, steps, begun_at, since)


def _last_restart(suspensions: Sequence[Suspension], start_at: datetime) -> Suspension | None:
    closed = [one for one in suspensions if one.restarts and one.to_at is not None and one.to_at > start_at]
    return max(closed, key=lambda one: one.to_at or start_at, default=None)


def _restarted(restart: Suspension) -> Text:
    return Text(
        vi=f"Tính thời hạn mới sau khi: {restart.reason['vi']}",
        en=f"A new period begins after: {restart.reason['en']}",
    )


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
