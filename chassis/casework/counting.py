"""The three ways to count: day by day, by months, by hours. `deadlines.due` chooses."""

from datetime import date, datetime, timedelta

from casework.calendar import WorkCalendar
from casework.time_limits import (
    Pause,
    TimeLimit,
    TraceStep,
    legal_day,
    months_later,
    pause_on,
    start_of,
)
from chassis.errors import Text

MAX_DAYS = 366 * 40
"""How far a count may run: a calendar without working days would never end."""

_ONE_DAY = timedelta(days=1)
_FIRST_DAY = Text(vi="Ngày bắt đầu, không tính vào thời hạn", en="The day it starts, not counted")
Counted = tuple[datetime, tuple[TraceStep, ...]]
"""The instant when a limit ends, and the steps to it."""


class EndlessCount(ValueError):
    """The calendar has too few working days for the limit."""


def count_days(
    limit: TimeLimit, start_at: datetime, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> Counted:
    """Return the end of `limit` days or working days after the legal day of `start_at`.

    Source: Civil Code 91/2015/QH13, art. 147-148 (default, text unverified).
    """
    first = day = legal_day(start_at)
    only_working = limit.unit == "working_day"
    steps = [TraceStep(day, 0, _FIRST_DAY)]
    counted = 0
    while counted < limit.value:
        day = _next(day, first)
        kind = calendar.kind_of(day)
        if pause := pause_on(pauses, day):
            steps.append(TraceStep(day, counted, _paused(pause)))
        elif only_working and not kind.is_working:
            steps.append(TraceStep(day, counted, kind.reason))
        else:
            counted += 1
            steps.append(TraceStep(day, counted, _numbered(limit, counted, kind.reason)))
    return _to_working_day(day, counted, steps, calendar, pauses)


def count_months(
    limit: TimeLimit, start_at: datetime, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> Counted:
    """Return the end of `limit` months or years: the same day of the last month, or that month's last day.

    Each pause moves the end by as many days as it lasted.

    Source: Civil Code 91/2015/QH13, art. 147-148 (default, text unverified).
    """
    first = legal_day(start_at)
    day = months_later(first, limit.value * (12 if limit.unit == "year" else 1))
    label = limit.label
    steps = [
        TraceStep(first, 0, _FIRST_DAY),
        TraceStep(day, limit.value, Text(vi=f"Tròn {label['vi']}", en=f"{label['en']} later")),
    ]
    for pause in pauses:
        if pause.after < day and (length := pause.until - pause.after):
            day += length
            reason = _paused(pause)
            text = Text(
                vi=f"{reason['vi']}: lùi {length.days} ngày", en=f"{reason['en']}: {length.days} days later"
            )
            steps.append(TraceStep(day, limit.value, text))
    return _to_working_day(day, limit.value, steps, calendar, pauses)


def count_hours(
    limit: TimeLimit, start_at: datetime, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> Counted:
    """Return the instant when `limit` hours, or hours of work, have run since `start_at`.

    Source: Civil Code 91/2015/QH13, art. 147(1) (default, text unverified); office hours of the calendar.
    """
    first = day = legal_day(start_at)
    left = timedelta(hours=limit.value)
    steps: list[TraceStep] = []
    while True:
        spent = timedelta(0)
        for from_at, to_at in _running(limit, day, calendar, start_at, pauses):
            if to_at - from_at >= left - spent:
                end_at = from_at + (left - spent)
                steps.append(_hours_step(limit, day, left, timedelta(0)))
                return end_at, tuple(steps)
            spent += to_at - from_at
        left -= spent
        steps.append(
            _hours_step(limit, day, spent, left, None if spent else _why_none(day, calendar, pauses))
        )
        day = _next(day, first)


def _running(
    limit: TimeLimit, day: date, calendar: WorkCalendar, start_at: datetime, pauses: tuple[Pause, ...]
) -> list[tuple[datetime, datetime]]:
    """Return the spans of one legal day in which the count runs, in order."""
    if limit.unit == "hour":
        spans = [(start_of(day), start_of(day + _ONE_DAY))]
    elif calendar.kind_of(day).is_working:
        spans = [(start_of(day, a), start_of(day, b)) for a, b in calendar.office_hours.periods]
    else:
        spans = []
    spans = [(max(a, start_at), b) for a, b in spans if b > start_at]
    for pause in pauses:
        spans = [
            part
            for a, b in spans
            for part in ((a, min(b, pause.from_at)), (max(a, pause.to_at), b))
            if part[0] < part[1]
        ]
    return spans


def _hours_step(
    limit: TimeLimit, day: date, spent: timedelta, left: timedelta, why: Text | None = None
) -> TraceStep:
    minutes = int((timedelta(hours=limit.value) - left) / timedelta(minutes=1))
    hours, rest = divmod(int(spent / timedelta(minutes=1)), 60)
    text = Text(vi=f"Tính {hours} giờ {rest} phút", en=f"{hours} h {rest} min counted")
    return TraceStep(day, minutes, why or text)


def _why_none(day: date, calendar: WorkCalendar, pauses: tuple[Pause, ...]) -> Text:
    if not (kind := calendar.kind_of(day)).is_working:
        return kind.reason
    for pause in pauses:
        if pause.after <= day <= pause.until:
            return _paused(pause)
    return Text(vi="Hết giờ làm việc", en="After office hours")


def _to_working_day(
    day: date, counted: int, steps: list[TraceStep], calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> Counted:
    """Move an end on a day off to the next working day; the end of that day is the deadline."""
    first = day
    while not (kind := calendar.kind_of(day)).is_working or pause_on(pauses, day):
        why = kind.reason
        text = Text(
            vi=f"Kết thúc vào ngày nghỉ ({why['vi']}): chuyển sang ngày làm việc tiếp theo",
            en=f"Ends on a day off ({why['en']}): moves to the next working day",
        )
        steps.append(TraceStep(day, counted, text))
        day = _next(day, first)
    if day != first:
        steps.append(TraceStep(day, counted, calendar.kind_of(day).reason))
    return start_of(day + _ONE_DAY), tuple(steps)


def _next(day: date, first: date) -> date:
    if (day - first).days > MAX_DAYS:
        raise EndlessCount("no end found: the calendar has no working days")
    return day + _ONE_DAY


def _numbered(limit: TimeLimit, number: int, reason: Text) -> Text:
    vi, en = ("Ngày làm việc thứ", "Working day") if limit.unit == "working_day" else ("Ngày thứ", "Day")
    if limit.unit == "working_day" and reason["en"] == "Working day":
        return Text(vi=f"{vi} {number}", en=f"{en} {number}")
    return Text(vi=f"{vi} {number} ({reason['vi']})", en=f"{en} {number} ({reason['en']})")


def _paused(pause: Pause) -> Text:
    return Text(vi=f"Tạm dừng: {pause.reason['vi']}", en=f"Stopped: {pause.reason['en']}")
