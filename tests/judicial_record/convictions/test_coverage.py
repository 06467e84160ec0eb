"""Which days the sources leave open."""

from datetime import date, timedelta
from typing import Any

import pytest

from judicial_record.convictions.coverage import (
    ANSWER_HOLDS_DAYS,
    CoverageEntry,
    coverage_of,
    first_day,
)
from judicial_record.convictions.sources import Source
from tests.judicial_record.convictions.conftest import Base
from tests.judicial_record.convictions.factories import covering

COURT = Source("toa-an", "Tòa án", "Courts", frozenset({"judgment"}), ("judgments",))
FROM, TO = date(2000, 1, 1), date(2020, 1, 1)
DAY = timedelta(days=1)


def entry(since: date, until: date | None = None, **fields: Any) -> CoverageEntry:
    values = {"kind": "judgments", "state": "complete", "checked_on": date(2026, 1, 1)} | fields
    return CoverageEntry(since=since, until=until, **values)


def gaps(*entries: CoverageEntry, answered_on: date | None = None) -> tuple[tuple[date, date], ...]:
    answers = {"toa-an": answered_on} if answered_on else {}
    (found,) = coverage_of([COURT], {"toa-an": entries}, answers, since=FROM, asked_on=TO)
    return found.gaps


def test_nothing_told_is_one_gap() -> None:
    assert gaps() == ((FROM, TO),)


def test_whole_time_is_covered_by_one_or_by_neighbours() -> None:
    middle = date(2010, 6, 1)

    assert gaps(entry(FROM, TO)) == ()
    assert gaps(entry(FROM)) == ()
    assert gaps(entry(middle + DAY), entry(FROM - DAY, middle)) == ()


def test_each_day_counts() -> None:
    assert gaps(entry(FROM + DAY)) == ((FROM, FROM),)
    assert gaps(entry(FROM, TO - DAY)) == ((TO, TO),)
    hole = date(2010, 6, 1)
    assert gaps(entry(FROM, hole - DAY), entry(hole + DAY)) == ((hole, hole),)


def test_overlapping_periods_count_once() -> None:
    late = date(2015, 1, 1)

    assert gaps(entry(FROM, late), entry(date(2005, 1, 1), date(2006, 1, 1)), entry(late)) == ()


@pytest.mark.parametrize("state", ["partial", "none"])
def test_doubt_outweighs_completeness(state: Any) -> None:
    first, last = date(2010, 1, 1), date(2011, 1, 1)

    assert gaps(entry(FROM), entry(first, last, state=state)) == ((first, last),)


def test_one_province_is_not_the_country_and_one_kind_not_another() -> None:
    assert gaps(entry(FROM, province_code="01")) == ((FROM, TO),)
    assert gaps(entry(FROM, kind="expungements")) == ((FROM, TO),)


def test_answer_about_the_person_closes_what_was_before_and_holds_for_some_days() -> None:
    assert gaps(answered_on=TO) == ()
    assert gaps(answered_on=TO - timedelta(days=ANSWER_HOLDS_DAYS)) == ()
    assert gaps(answered_on=TO - timedelta(days=ANSWER_HOLDS_DAYS + 1)) == ((TO, TO),)


def test_time_begins_at_14() -> None:
    assert first_day(date(2000, 2, 29)) == date(2014, 2, 28)


def test_covered_until_ends_before_the_first_gap() -> None:
    (whole,) = coverage_of([COURT], {"toa-an": [entry(FROM)]}, {}, since=FROM, asked_on=TO)
    (part,) = coverage_of([COURT], {"toa-an": [entry(FROM, FROM)]}, {}, since=FROM, asked_on=TO)
    (none,) = coverage_of([COURT], {}, {}, since=FROM, asked_on=TO)

    assert [one.covered_until(FROM, TO) for one in (whole, part, none)] == [TO, FROM, None]


async def test_coverage_is_replaced_as_a_whole_and_numbered(base: Base) -> None:
    first = await base.cover("toa-an", covering("judgments", "expungements"))
    same = await base.cover("toa-an", covering("judgments", "expungements"))
    second = await base.cover("toa-an", covering("judgments"))

    assert [one.json()["version"] for one in (first, same, second)] == [1, 1, 2]
    assert await base.rows.fetchval("select count(*) from conviction_coverage") == 2
    read = await base.request("GET", "/v1/conviction-sources/toa-an/coverage", b"")
    assert read.json() == second.json()
    assert (await base.request("GET", "/v1/conviction-sources/toa-an/coverage", b"",
                               **{"if-none-match": read.headers["etag"]})).status_code == 304  # fmt: skip


async def test_stale_coverage_is_refused(base: Base) -> None:
    first = await base.cover("toa-an", covering("judgments"))
    await base.cover("toa-an", covering("expungements"))

    stale = await base.cover("toa-an", covering("judgments"), **{"if-match": first.headers["etag"]})

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


async def test_nobody_tells_anothers_coverage(base: Base) -> None:
    path = "/v1/conviction-sources/toa-an/coverage"

    told = await base.request("PUT", path, covering("judgments"), source="cong-an")
    read = await base.request("GET", path, b"", source="cong-an")

    assert [one.json()["code"] for one in (told, read)] == ["other_source"] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"until": "1944-01-01"},
        {"state": "unknown"},
        {"since": "yesterday"},
        {"province_code": "1"},
        {"more": 1},
    ],
)
async def test_wrong_coverage_is_refused(base: Base, change: dict[str, Any]) -> None:
    answer = await base.cover("toa-an", covering("judgments", **change))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
