"""The days that the state works, beside the package they come from."""

from datetime import date, time, timedelta
from pathlib import Path

import holidays
import pytest

from casework.calendar import OfficeHours, WorkCalendar, read_overrides
from tests.casework.factories import days_off, make_override

OVERRIDDEN = {date(2026, 1, 2): False, date(2026, 1, 10): True}


def test_agrees_with_the_package_on_every_day_but_the_listed_ones() -> None:
    package, calendar = holidays.country_holidays("VN"), WorkCalendar.vietnam()
    start = date(2024, 1, 1)
    differing = {
        day: calendar.kind_of(day).is_working
        for day in (start + timedelta(days=n) for n in range(4 * 366))
        if calendar.kind_of(day).is_working != package.is_working_day(day)
    }

    assert differing == OVERRIDDEN
    assert {override.day.on for override in calendar.overrides} == set(OVERRIDDEN)


@pytest.mark.parametrize(
    ("day", "is_working", "name"),
    [
        (date(2026, 11, 23), True, "Working day"),
        (date(2026, 11, 24), False, "Vietnam Cultural Day"),
        (date(2026, 11, 28), False, "Weekend"),
        (date(2025, 4, 26), True, "Make-up working day"),
        (date(2025, 5, 2), False, "Day off (substituted from 04/26/2025)"),
        (date(2026, 8, 22), True, "Make-up working day"),
        (date(2026, 1, 2), False, "Day off (swapped with 10 January 2026)"),
        (date(2026, 1, 10), True, "Working Saturday in place of 2 January 2026"),
        (date(2027, 2, 8), False, "Third Day of Lunar New Year"),
    ],
)
def test_each_day_says_what_it_is(day: date, is_working: bool, name: str) -> None:
    kind = WorkCalendar.vietnam().kind_of(day)

    assert (kind.is_working, kind.reason["en"]) == (is_working, name)
    assert kind.reason["vi"]
    assert kind.source


def test_a_deployment_may_know_a_later_notice() -> None:
    notice = make_override(date(2026, 1, 10), is_working=False)
    calendar = WorkCalendar.vietnam(overrides=[notice])

    assert calendar.kind_of(date(2026, 1, 10)) == notice.day
    assert WorkCalendar.vietnam().kind_of(date(2026, 1, 10)).is_working


@pytest.mark.parametrize(
    "row",
    [
        "2026-01-02,no,nghỉ,off,,read",
        "2026-01-02,no,nghỉ,off,a notice,rumour",
        "2026-01-02,maybe,nghỉ,off,a notice,read",
    ],
)
def test_an_override_without_source_is_refused(tmp_path: Path, row: str) -> None:
    table = tmp_path / "overrides.csv"
    table.write_text(f"date,is_working,name_vi,name_en,source,confidence\n{row}\n", "utf-8")

    with pytest.raises(ValueError, match="2026-01-02"):
        read_overrides(table)


def test_office_hours_come_in_order() -> None:
    with pytest.raises(ValueError, match="order"):
        OfficeHours(((time(8), time(12)), (time(11), time(17))))
    with pytest.raises(ValueError, match="order"):
        OfficeHours(())


def test_two_calendars_stand_side_by_side() -> None:
    """One calendar for a whole engine was what users asked to be freed of: camunda-bpm-platform#1155."""
    monday = date(2026, 11, 23)

    assert not WorkCalendar(days_off(monday)).kind_of(monday).is_working
    assert WorkCalendar.vietnam().kind_of(monday).is_working
