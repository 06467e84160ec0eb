"""Two clocks: legal time can be moved, real time cannot."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from chassis import metrics
from chassis.clock import MAX_OFFSET_SECONDS, Clocks

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_moving_legal_time_leaves_real_time() -> None:
    clocks = Clocks.fixed(NOON)

    clocks.set_offset(3 * 86_400)

    assert clocks.legal_now() == NOON + timedelta(days=3)
    assert clocks.real_now() == NOON
    assert clocks.offset == timedelta(days=3)


def test_running_clocks_agree_until_moved() -> None:
    clocks = Clocks.real()
    assert abs(clocks.legal_now() - clocks.real_now()) < timedelta(seconds=5)

    clocks.set_offset(-3600)

    assert timedelta(minutes=59) < clocks.real_now() - clocks.legal_now() < timedelta(minutes=61)
    assert clocks.legal_now().tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 17, 0, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_legal_day_turns_at_midnight_in_viet_nam(instant: datetime, day: date) -> None:
    assert Clocks.fixed(instant).legal_today() == day


def test_fixed_instants_may_differ_and_are_kept_in_utc() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=7)))

    clocks = Clocks.fixed(legal=local, real=NOON + timedelta(hours=1))

    assert clocks.legal_now().tzinfo is UTC
    assert clocks.real_now() - clocks.legal_now() == timedelta(hours=1)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clocks.fixed(NOON.replace(tzinfo=None))


def test_absurd_offsets_are_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        Clocks.real().set_offset(MAX_OFFSET_SECONDS + 1)


class Bucket:
    """A bus that tells these values of the legal clock's key."""

    def __init__(self, *values: bytes) -> None:
        self._values = values

    async def watch(self, bucket: str, key: str) -> AsyncIterator[bytes]:
        assert (bucket, key) == ("legal-clock", "offset_seconds")
        for value in self._values:
            yield value


async def test_offset_is_followed_and_nonsense_passed_over() -> None:
    clocks = Clocks.fixed(NOON)
    bus: Any = Bucket(b"60", b"tomorrow", b"9" * 30, b"120", b"")

    await asyncio.wait_for(clocks.follow(bus), 5)

    assert clocks.offset == timedelta(seconds=120)


def test_offset_is_among_the_figures() -> None:
    Clocks.real().set_offset(7200)

    assert b"lienthong_legal_clock_offset_seconds 7200.0" in metrics.exposition()
