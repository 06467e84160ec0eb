"""The quota rule: exact in the long run, a burst at once, and no edge at which twice as much passes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.limits import Limiter, Quota


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_burst_passes_at_once_and_the_next_one_does_not() -> None:
    limiter, quota = Limiter(_Clock()), Quota("person", 6000, 300)

    verdicts = [limiter.take("a", quota) for _ in range(301)]

    assert [verdict.allowed for verdict in verdicts] == [True] * 300 + [False]
    assert [verdict.remaining for verdict in verdicts[:3]] == [299, 298, 297]
    assert verdicts[-1].retry_after_seconds == 1


def test_quota_comes_back_one_interval_at_a_time() -> None:
    clock = _Clock()
    limiter, quota = Limiter(clock), Quota("q", 60, 5)
    for _ in range(5):
        limiter.take("a", quota)

    refused = limiter.take("a", quota)
    clock.now += 1.0
    verdicts = [limiter.take("a", quota).allowed for _ in range(2)]

    assert (refused.allowed, refused.retry_after_seconds, refused.reset_seconds) == (False, 1, 5)
    assert verdicts == [True, False]


def test_keys_do_not_share_a_quota() -> None:
    limiter, quota = Limiter(_Clock()), Quota("q", 60, 1)

    assert [limiter.take(key, quota).allowed for key in "ab"] == [True, True]


def test_looking_costs_nothing() -> None:
    limiter, quota = Limiter(_Clock()), Quota("q", 60, 2)

    looks = [limiter.take("a", quota, cost=0).remaining for _ in range(5)]

    assert looks == [2] * 5


def test_memory_is_bounded() -> None:
    clock = _Clock()
    limiter, quota = Limiter(clock, max_keys=100), Quota("q", 60, 10)
    for number in range(1000):
        limiter.take(str(number), quota)

    assert len(limiter) <= 100


def test_whole_quotas_are_forgotten_before_used_ones() -> None:
    clock = _Clock()
    limiter, quota = Limiter(clock, max_keys=10), Quota("q", 60, 10)
    for number in range(9):
        limiter.take(f"old{number}", quota)
    clock.now += 60
    for _ in range(10):
        limiter.take("busy", quota)
    limiter.take("new", quota)

    assert not limiter.take("busy", quota).allowed


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    gaps=st.lists(st.integers(0, 200), min_size=1, max_size=80),
    per_minute=st.integers(60, 6000),
    burst=st.integers(1, 20),
)
def test_never_more_than_burst_and_rate_allow(gaps: list[int], per_minute: int, burst: int) -> None:
    """Source: decision 0007: at most burst + rate × time in any stretch of time that begins at the start."""
    clock = _Clock()
    limiter, quota = Limiter(clock), Quota("q", per_minute, burst)
    started, passed = clock.now, 0
    for gap in gaps:
        clock.now += gap / 1000
        passed += limiter.take("a", quota).allowed
        assert passed <= burst + (clock.now - started) * per_minute / 60 + 1e-6


@pytest.mark.parametrize(
    ("quota", "policy"),
    [
        (Quota("person", 6000, 300), b'"person";q=6000;w=60;lienthong-burst=300'),
        (Quota("system", 60000, 3000), b'"system";q=60000;w=60;lienthong-burst=3000'),
    ],
)
def test_policy_is_written_as_the_draft_says(quota: Quota, policy: bytes) -> None:
    assert quota.policy == policy


def test_state_is_written_as_the_draft_says() -> None:
    limiter, quota = Limiter(_Clock()), Quota("person", 6000, 300)

    assert limiter.take("a", quota).field() == b'"person";r=299;t=1'
