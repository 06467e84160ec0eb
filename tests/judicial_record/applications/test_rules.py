"""What decides from facts alone, to the boundary day."""

from datetime import date

import pytest

from judicial_record.applications.reference import limit_on, office_for, offices
from judicial_record.applications.rules import (
    age_on,
    is_old_enough,
    is_settled,
    lacks_verification,
    may_be_decided_by,
    pace_of,
)


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(2010, 11, 23), date(2026, 11, 22), 15),
        (date(2010, 11, 23), date(2026, 11, 23), 16),
        (date(2008, 2, 29), date(2024, 2, 28), 15),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2008, 2, 29), date(2025, 2, 28), 16),
        (date(2008, 2, 29), date(2025, 3, 1), 17),
    ],
)
def test_age_counts_whole_years(born_on: date, on: date, age: int) -> None:
    assert age_on(born_on, on) == age
    assert is_old_enough(born_on, on) == (age >= 16)


def test_only_a_clear_look_up_goes_fast() -> None:
    assert (pace_of("clear", True).lane, pace_of("clear", True).limit_code) == ("fast", "fast")
    assert (pace_of("gap", False).lane, pace_of("gap", False).limit_code) == ("slow", "ordinary")
    assert (pace_of("hit", False).lane, pace_of("hit", False).limit_code) == ("slow", "complex")
    assert (pace_of("hit", True).lane, pace_of("hit", True).limit_code) == ("slow", "ordinary")


@pytest.mark.parametrize("status", ["expunged", "dropped", "never_counted"])
def test_judgments_that_count_no_more_settle_a_covered_record(status: str) -> None:
    assert is_settled("hit", [{"status": status}], True)
    assert not is_settled("hit", [{"status": status}], False)
    assert not is_settled("hit", [{"status": status}, {"status": "not_expunged"}], True)
    assert not is_settled("hit", [{}], True)


def test_gap_never_settles_and_clear_always() -> None:
    assert is_settled("clear", [], True)
    assert not is_settled("gap", [], True)


def test_verification_is_missing_until_somebody_answered() -> None:
    assert not lacks_verification("clear", True, 0)
    assert lacks_verification("hit", False, 0)
    assert not lacks_verification("hit", False, 1)
    assert not lacks_verification("hit", True, 0)
    assert lacks_verification("gap", False, 3)


def test_proposer_does_not_decide() -> None:
    assert not may_be_decided_by("a", "a")
    assert may_be_decided_by("a", "b")
    assert may_be_decided_by(None, "b")


def test_limits_are_taken_by_the_day() -> None:
    assert limit_on("fast", date(2026, 11, 23)).limit.value == 3
    with pytest.raises(KeyError):
        limit_on("acceptance", date(2026, 6, 30))


def test_every_province_has_an_office() -> None:
    assert office_for("01").slug == office_for("46").slug == office_for(None).slug == "lltp-ha-noi"
    assert all(office.name["vi"] and office.agency_code for office in offices().values())
