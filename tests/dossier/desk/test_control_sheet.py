"""How a step stands to the day of its status, at the boundaries of that day in Việt Nam."""

from datetime import UTC, datetime, timedelta

import pytest

from dossier.desk.control_sheet import standing_of

DUE_AT = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
"""The exclusive end of 27 November in Việt Nam."""


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (DUE_AT - timedelta(days=1, microseconds=1), "early"),
        (DUE_AT - timedelta(days=1), "on_time"),
        (DUE_AT - timedelta(microseconds=1), "on_time"),
        (DUE_AT, "late"),
    ],
)
def test_step_on_the_due_day_is_on_time(now: datetime, standing: str) -> None:
    assert standing_of(now, DUE_AT) == standing


def test_step_without_a_day_is_on_time() -> None:
    assert standing_of(DUE_AT, None) == "on_time"
