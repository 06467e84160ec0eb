"""What holds for every limit, start and suspension."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casework.calendar import WorkCalendar
from casework.deadlines import Suspension, TimeLimit, due, legal_day
from tests.casework.factories import WAITING

VIETNAM = WorkCalendar.vietnam()
UNITS = ("hour", "working_hour", "day", "working_day", "month", "year")
instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
limits = st.builds(TimeLimit, st.integers(1, 40), st.sampled_from(UNITS))


@st.composite
def suspension_lists(draw: st.DrawFn, start: datetime) -> list[Suspension]:
    lengths = st.tuples(st.integers(0, 40 * 24), st.integers(0, 40 * 24), st.booleans())
    return [
        Suspension(start + timedelta(hours=a), start + timedelta(hours=a + b), WAITING, restarts)
        for a, b, restarts in draw(st.lists(lengths, max_size=3))
    ]


@given(st.data(), limits, instants)
def test_ends_on_a_working_day_after_the_start(
    data: st.DataObject, limit: TimeLimit, start: datetime
) -> None:
    deadline = due(limit, start_at=start, calendar=VIETNAM, suspensions=data.draw(suspension_lists(start)))

    assert deadline.due_at > start
    assert limit.unit == "hour" or VIETNAM.kind_of(deadline.due_on).is_working
    assert [step.on for step in deadline.trace] == sorted(step.on for step in deadline.trace)
    assert [step.counted for step in deadline.trace] == sorted(step.counted for step in deadline.trace)
    assert deadline.trace[-1].on == deadline.due_on
    assert deadline.trace[-1].counted == limit.value * (60 if limit.is_of_hours else 1)


@given(st.data(), limits, instants)
def test_waiting_never_brings_the_end_forward(data: st.DataObject, limit: TimeLimit, start: datetime) -> None:
    waits = data.draw(suspension_lists(start))
    ends = [
        due(limit, start_at=start, calendar=VIETNAM, suspensions=waits[:n]).due_at
        for n in range(len(waits) + 1)
    ]

    assert ends == sorted(ends)


@given(limits, instants, st.integers(1, 500))
def test_a_later_start_never_ends_earlier(limit: TimeLimit, start: datetime, hours: int) -> None:
    later = start + timedelta(hours=hours)

    assert (
        due(limit, start_at=start, calendar=VIETNAM).due_at
        <= due(limit, start_at=later, calendar=VIETNAM).due_at
    )


@given(st.integers(1, 60), instants)
def test_working_days_between_start_and_end_are_as_many_as_the_limit(value: int, start: datetime) -> None:
    end = due(TimeLimit(value, "working_day"), start_at=start, calendar=VIETNAM).due_on
    first = legal_day(start)
    between = (first + timedelta(days=n) for n in range(1, (end - first).days + 1))

    assert sum(VIETNAM.kind_of(day).is_working for day in between) == value
