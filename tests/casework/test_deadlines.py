"""When limits end: by the package's own count, by the law's examples, and around suspensions."""

from datetime import UTC, date, datetime, time, timedelta

import holidays
import orjson
import pytest

from casework.calendar import OfficeHours, WorkCalendar
from casework.deadlines import EndlessCount, Suspension, TimeLimit, Unit, due
from tests.casework.factories import WAITING, at, days_off, waiting

VIETNAM = WorkCalendar.vietnam()


def due_on(
    value: int, unit: Unit, start: datetime, *suspensions: Suspension, calendar: WorkCalendar = VIETNAM
) -> str:
    limit = TimeLimit(value, unit)
    return due(limit, start_at=start, calendar=calendar, suspensions=suspensions).due_on.isoformat()


def due_at(
    value: int, unit: Unit, start: datetime, *suspensions: Suspension, calendar: WorkCalendar = VIETNAM
) -> datetime:
    limit = TimeLimit(value, unit)
    return due(limit, start_at=start, calendar=calendar, suspensions=suspensions).due_at


def test_agrees_with_the_package_for_every_start_day_and_length() -> None:
    """Each of 1,096 start days x 1..60 working days; a count that meets a listed override is left out."""
    package = holidays.country_holidays("VN", years=range(2023, 2028))
    overridden = {override.day.on for override in VIETNAM.overrides}
    limits = [TimeLimit(60, "working_day")]
    compared = 0
    for n in range(1096):
        start = date(2024, 1, 1) + timedelta(days=n)
        deadline = due(limits[0], start_at=at(start.isoformat()), calendar=VIETNAM)
        ends = {step.counted: step.on for step in reversed(deadline.trace)}
        day, counted = start, 0
        while counted < 60:
            day += timedelta(days=1)
            if day in overridden:
                break
            if package.is_working_day(day):
                counted += 1
                assert ends[counted] == day, (start, counted)
                compared += 1
    assert compared > 1000 * 60


@pytest.mark.parametrize("value", [1, 2, 3, 5, 8, 13, 21, 34, 60])
def test_a_shorter_limit_ends_where_the_longer_one_passes(value: int) -> None:
    """So that the comparison above, which reads one count's steps, holds for each length by itself."""
    for n in range(0, 1096, 7):
        start = at((date(2024, 1, 1) + timedelta(days=n)).isoformat())
        longest = due(TimeLimit(60, "working_day"), start_at=start, calendar=VIETNAM)
        shorter = due(TimeLimit(value, "working_day"), start_at=start, calendar=VIETNAM)
        assert shorter.trace == longest.trace[: len(shorter.trace)]
        assert shorter.due_on == shorter.trace[-1].on
        assert shorter.trace[-1].counted == value


def test_make_up_saturday_is_counted() -> None:
    deadline = due(TimeLimit(3, "working_day"), start_at=at("2025-04-25"), calendar=VIETNAM)

    assert deadline.due_on == date(2025, 4, 29)
    assert deadline.due_at == datetime(2025, 4, 29, 17, tzinfo=UTC)  # midnight in Asia/Ho_Chi_Minh
    assert [(step.on.day, step.counted, step.text["en"]) for step in deadline.trace] == [
        (25, 0, "The day it starts, not counted"),
        (26, 1, "Working day 1 (Make-up working day)"),
        (27, 1, "Weekend"),
        (28, 2, "Working day 2"),
        (29, 3, "Working day 3"),
    ]


def test_one_business_day_is_not_24_business_hours() -> None:
    """jmix#790: a day turned into 24 hours of work, three days."""
    assert due_on(1, "working_day", at("2026-11-25", "10:00")) == "2026-11-26"


def test_a_start_before_office_hours_counts_from_their_beginning() -> None:
    """jbpm#1830."""
    assert due_at(4, "working_hour", at("2026-11-25", "06:15")) == at("2026-11-25", "12:00")
    assert due_at(5, "working_hour", at("2026-11-25", "06:15")) == at("2026-11-25", "14:00")


def test_a_holiday_is_not_counted() -> None:
    """jbpm#233: a holiday was counted as work. 24 November 2026 is a day off."""
    assert due_on(1, "working_day", at("2026-11-23")) == "2026-11-25"
    assert due_at(2, "working_hour", at("2026-11-23", "16:00")) == at("2026-11-25", "09:00")


def test_each_count_names_its_calendar() -> None:
    """camunda-bpm-platform#1155: one calendar for all tasks."""
    start = at("2026-11-23")
    always_open = WorkCalendar(days_off())

    assert due_on(1, "working_day", start, calendar=always_open) == "2026-11-24"
    assert due_on(1, "working_day", start) == "2026-11-25"


@pytest.mark.parametrize(
    ("value", "unit", "start", "expected"),
    [
        (3, "working_day", "2026-11-23", "2026-11-27"),
        (10, "day", "2026-11-23", "2026-12-03"),
        (15, "day", "2026-11-21", "2026-12-07"),  # the 15th day is Sunday the 6th
        (1, "day", "2025-04-29", "2025-05-05"),  # 30 April to 4 May are days off
        (1, "month", "2026-01-31", "2026-03-02"),  # 28 February 2026 is a Saturday
        (1, "month", "2024-01-31", "2024-02-29"),
        (6, "month", "2026-05-25", "2026-11-25"),
        (6, "month", "2026-05-24", "2026-11-25"),  # 24 November is a day off
        (12, "month", "2024-02-29", "2025-02-28"),
        (1, "year", "2024-02-29", "2025-02-28"),
        (1, "year", "2025-11-22", "2026-11-23"),  # a Sunday
    ],
)
def test_units(value: int, unit: Unit, start: str, expected: str) -> None:
    assert due_on(value, unit, at(start)) == expected


def test_the_legal_day_decides_and_not_the_one_of_greenwich() -> None:
    late = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)  # already the 26th in Asia/Ho_Chi_Minh

    assert due_on(1, "working_day", late) == "2026-11-27"
    assert due_on(1, "working_day", late - timedelta(hours=1)) == "2026-11-26"


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        (8, ("2026-11-25", "08:00"), ("2026-11-25", "17:00")),
        (8, ("2026-11-25", "10:20"), ("2026-11-26", "10:20")),
        (8, ("2026-11-27", "17:30"), ("2026-11-30", "17:00")),
        (1, ("2026-11-25", "12:30"), ("2026-11-25", "14:00")),
        (8, ("2025-04-25", "12:00"), ("2025-04-26", "12:00")),  # the Saturday is worked
    ],
)
def test_working_hours(value: int, start: tuple[str, str], end: tuple[str, str]) -> None:
    assert due_at(value, "working_hour", at(*start)) == at(*end)


def test_office_hours_are_configuration() -> None:
    early = WorkCalendar.vietnam(office_hours=OfficeHours(((time(7, 30), time(15, 30)),)))

    assert due_at(8, "working_hour", at("2026-11-25", "06:00"), calendar=early) == at("2026-11-25", "15:30")


def test_hours_run_through_nights_and_days_off() -> None:
    assert due_at(24, "hour", at("2026-11-28", "10:15")) == at("2026-11-29", "10:15")


def test_waiting_days_are_not_counted() -> None:
    asked, answered = at("2026-11-25", "16:00"), at("2026-11-30", "08:00")
    start = at("2026-11-23")

    assert due_on(5, "working_day", start) == "2026-12-01"
    assert due_on(5, "working_day", start, waiting(asked, answered)) == "2026-12-04"
    assert due_on(10, "day", start, waiting(asked, answered)) == "2026-12-08"
    assert due_on(1, "month", start, waiting(asked, answered)) == "2026-12-28"


def test_answer_on_the_day_of_asking_costs_nothing() -> None:
    wait = waiting(at("2026-11-25", "08:00"), at("2026-11-25", "16:00"))

    assert due_on(5, "working_day", at("2026-11-23"), wait) == due_on(5, "working_day", at("2026-11-23"))


def test_waiting_hours_are_not_counted() -> None:
    wait = waiting(at("2026-11-25", "09:00"), at("2026-11-26", "10:00"))

    assert due_at(4, "working_hour", at("2026-11-25", "08:00"), wait) == at("2026-11-26", "14:00")
    assert due_at(4, "hour", at("2026-11-25", "08:00"), wait) == at("2026-11-26", "13:00")


def test_overlapping_suspensions_count_once() -> None:
    first = waiting(at("2026-11-25"), at("2026-11-30"))
    second = waiting(at("2026-11-27"), at("2026-12-01"))
    both = waiting(at("2026-11-25"), at("2026-12-01"))
    start = at("2026-11-23")

    for unit in ("working_day", "day", "month", "hour", "working_hour"):
        assert due_at(9, unit, start, second, first) == due_at(9, unit, start, both)


def test_suspension_after_the_end_changes_nothing() -> None:
    wait = waiting(at("2026-12-10"), at("2026-12-20"))

    for unit in ("working_day", "day", "hour", "working_hour"):
        assert due_at(5, unit, at("2026-11-23"), wait) == due_at(5, unit, at("2026-11-23"))


def test_answer_may_open_a_new_period() -> None:
    answered = at("2026-12-10")
    earlier = waiting(at("2026-11-25"), at("2026-11-27"))
    wait = waiting(at("2026-12-01"), answered, restarts=True)
    deadline = due(
        TimeLimit(30, "day"), start_at=at("2026-11-23"), calendar=VIETNAM, suspensions=[earlier, wait]
    )

    assert deadline.due_on == due(TimeLimit(30, "day"), start_at=answered, calendar=VIETNAM).due_on
    assert deadline.started_at == answered
    assert deadline.trace[0].text["en"] == "A new period begins after: waiting for papers"


def test_while_it_waits_nothing_is_overdue() -> None:
    open_wait = waiting(at("2026-11-25"), None)
    deadline = due(
        TimeLimit(3, "working_day"), start_at=at("2026-11-23"), calendar=VIETNAM, suspensions=[open_wait]
    )

    assert deadline.suspended_since == at("2026-11-25")
    assert not deadline.is_overdue(at("2027-11-25"))


def test_asking_after_the_end_does_not_heal_it() -> None:
    open_wait = waiting(at("2026-12-10"), None)
    deadline = due(
        TimeLimit(3, "working_day"), start_at=at("2026-11-23"), calendar=VIETNAM, suspensions=[open_wait]
    )

    assert deadline.suspended_since is None
    assert deadline.is_overdue(at("2026-12-10"))


def test_overdue_begins_with_the_next_legal_day() -> None:
    deadline = due(TimeLimit(1, "working_day"), start_at=at("2026-11-25"), calendar=VIETNAM)

    assert not deadline.is_overdue(at("2026-11-26", "23:59"))
    assert deadline.is_overdue(at("2026-11-27", "00:00"))


def test_overdue_of_hours_begins_after_the_instant() -> None:
    deadline = due(TimeLimit(8, "working_hour"), start_at=at("2026-11-25", "08:00"), calendar=VIETNAM)

    assert not deadline.is_overdue(at("2026-11-25", "17:00"))
    assert deadline.is_overdue(at("2026-11-25", "17:01"))


def test_document_is_json_in_both_languages() -> None:
    wait = waiting(at("2026-11-25"), at("2026-11-26"))
    document = due(
        TimeLimit(3, "working_day", "Decree 1"),
        start_at=at("2026-11-23"),
        calendar=VIETNAM,
        suspensions=[wait],
    ).document()

    assert orjson.loads(orjson.dumps(document)) == document
    assert document["due_on"] == "2026-11-30"
    assert document["due_at"] == "2026-11-30T17:00:00Z"
    assert document["limit"] == {
        "value": 3,
        "unit": "working_day",
        "label": {"vi": "3 ngày làm việc", "en": "3 working days"},
        "source": "Decree 1",
    }
    assert document["suspended_since"] is None
    assert {"on": "2026-11-26", "counted": 1, "text": stopped()} in document["steps"]


def stopped() -> dict[str, str]:
    return {"vi": f"Tạm dừng: {WAITING['vi']}", "en": f"Stopped: {WAITING['en']}"}


def test_end_on_a_day_off_is_explained() -> None:
    deadline = due(TimeLimit(15, "day"), start_at=at("2026-11-21"), calendar=VIETNAM)

    assert deadline.trace[-2].text["en"] == "Ends on a day off (Weekend): moves to the next working day"
    assert deadline.trace[-1].on == date(2026, 12, 7)


def test_what_cannot_be_counted_is_refused() -> None:
    never = WorkCalendar(lambda day: days_off(day)(day))
    naive = datetime(2026, 11, 23)  # noqa: DTZ001
    with pytest.raises(EndlessCount):
        due_on(1, "working_day", at("2026-11-23"), calendar=never)
    with pytest.raises(EndlessCount):
        due_at(1, "working_hour", at("2026-11-23"), calendar=never)
    with pytest.raises(ValueError, match="aware"):
        due_on(1, "day", naive)
    with pytest.raises(ValueError, match="aware"):
        Suspension(naive, None, WAITING)
    with pytest.raises(ValueError, match="before"):
        waiting(at("2026-11-24"), at("2026-11-23"))
    for value in (0, -1):
        with pytest.raises(ValueError, match="positive"):
            TimeLimit(value, "day")
    with pytest.raises(ValueError, match="known unit"):
        TimeLimit(1, "week")  # type: ignore[arg-type]


def test_hours_that_end_at_midnight_end_on_the_day_that_midnight_ends() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)  # 07:00 in Vietnam, seventeen hours before midnight

    deadline = due(TimeLimit(17, "hour"), start_at=start, calendar=VIETNAM)

    assert (deadline.due_on, deadline.trace[-1].on) == (date(2024, 1, 1), date(2024, 1, 1))
