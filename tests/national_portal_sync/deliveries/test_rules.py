"""When a delivery is tried again, and when it is left to people."""

from datetime import UTC, datetime, timedelta

import pytest

from national_portal_sync.deliveries.rules import (
    CASES,
    Failure,
    agency_of,
    backoff_seconds,
    next_step,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def step(failure: Failure, *, attempts: int = 1, refusals: int = 0, age: timedelta = timedelta(0)) -> str:
    found = next_step(
        failure,
        attempts=attempts,
        refusals=refusals,
        first_attempt_at=NOW - age,
        now=NOW,
        chance=0.5,
        patience=CASES,
    )
    assert (found.next_attempt_at is None) == (found.state == "parked")
    return found.state


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("away", "retrying"),
        ("source", "retrying"),
        ("refused", "retrying"),
        ("unknown", "unknown"),
        ("final", "parked"),
    ],
)
def test_first_failure(failure: Failure, expected: str) -> None:
    assert step(failure) == expected


def test_refusals_are_bounded() -> None:
    assert step("refused", refusals=7) == "retrying"
    assert step("refused", refusals=8) == "parked"


def test_peer_that_is_away_uses_up_time_and_no_refusals() -> None:
    assert step("away", attempts=500, refusals=7, age=timedelta(days=2, hours=23)) == "retrying"
    assert step("away", age=timedelta(days=3)) == "parked"


def test_backoff_doubles_up_to_its_limit_and_is_spread() -> None:
    assert [backoff_seconds(n, 1.0, CASES) for n in (1, 2, 3, 20)] == [2.0, 4.0, 8.0, 600.0]
    assert backoff_seconds(3, 0.0, CASES) == 4.0


def test_agency_is_what_a_code_begins_with() -> None:
    assert agency_of("G18-20261123-0000001") == "G18"
