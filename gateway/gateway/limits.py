"""Request quotas by the generic cell rate algorithm (GCRA), held in this process.

One number per key (the theoretical arrival time) instead of a window of counters: it is exact at every
moment, has no edge at which twice the quota passes, and costs one dictionary entry. Per process: with several
gateways each grants the whole quota; docs/decisions/0007 says what follows from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_KEYS = 200_000


@dataclass(frozen=True, slots=True)
class Quota:
    """`per_minute` requests in the long run, of which `burst` may come at once."""

    name: str
    per_minute: int
    burst: int
    interval_seconds: float = field(init=False)
    tolerance_seconds: float = field(init=False)
    policy: bytes = field(init=False)

    def __post_init__(self) -> None:
        interval = 60.0 / self.per_minute
        object.__setattr__(self, "interval_seconds", interval)
        object.__setattr__(self, "tolerance_seconds", interval * self.burst)
        policy = f'"{self.name}";q={self.per_minute};w=60;lienthong-burst={self.burst}'
        object.__setattr__(self, "policy", policy.encode())


@dataclass(frozen=True, slots=True)
class Verdict:
    """`remaining` requests may come at once now; the quota is whole again after `reset_seconds`."""

    allowed: bool
    quota: Quota
    remaining: int
    reset_seconds: int
    retry_after_seconds: int

    def field(self) -> bytes:
        """Return the `RateLimit` field (draft-ietf-httpapi-ratelimit-headers)."""
        return b'"%b";r=%d;t=%d' % (self.quota.name.encode(), self.remaining, self.reset_seconds)


class Limiter:
    """Counts requests per key. Keys whose quota is whole again are forgotten."""

    def __init__(self, clock: Callable[[], float], max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._arrivals: dict[str, float] = {}

    def take(self, key: str, quota: Quota, *, cost: int = 1) -> Verdict:
        """Count a request of `key` against `quota`; with `cost` 0 only look."""
        now = self._clock()
        arrival = self._arrivals.get(key, 0.0)
        if arrival < now:
            arrival = now
        spent = arrival - now
        interval = quota.interval_seconds
        tolerance = quota.tolerance_seconds
        if cost and spent > tolerance - interval + 1e-9:
            wait = spent - (tolerance - interval)
            return Verdict(False, quota, 0, _ceil(spent), max(1, _ceil(wait)))
        if cost:
            spent += interval
            if key not in self._arrivals and len(self._arrivals) >= self._max_keys:
                self._forget(now)
            self._arrivals[key] = now + spent
        return Verdict(True, quota, int((tolerance - spent) / interval + 1e-6), _ceil(spent), 0)

    def __len__(self) -> int:
        return len(self._arrivals)

    def _forget(self, now: float) -> None:
        """Make room: first whoever has a whole quota again, then the oldest, so that memory stays bounded."""
        self._arrivals = {key: at for key, at in self._arrivals.items() if at > now}
        while len(self._arrivals) >= self._max_keys:
            for key in list(self._arrivals)[: max(1, self._max_keys // 10)]:
                del self._arrivals[key]


def _ceil(value: float) -> int:
    return -int(-value // 1)
