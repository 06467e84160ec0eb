"""A circuit breaker: a service that does not answer is left alone for a moment instead of being queued on.

Only failures to answer count (no connection, no byte in time, a broken answer). An HTTP error status is an
answer: a service that says 503 for one of its own dependencies still serves its other routes.
"""

from collections.abc import Callable
from enum import StrEnum


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Opens after `threshold` failures in a row, for `first_seconds`, doubling up to `longest_seconds`.

    After that pause one request may try (half-open); its success closes the breaker, its failure opens it
    again.
    """

    __slots__ = (
        "_clock",
        "_failures",
        "_first_seconds",
        "_longest_seconds",
        "_on_change",
        "_pause_seconds",
        "_retry_at",
        "_threshold",
        "_trial_until",
        "state",
    )

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        threshold: int = 5,
        first_seconds: float = 0.5,
        longest_seconds: float = 5.0,
        on_change: Callable[[BreakerState], None] | None = None,
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._first_seconds = first_seconds
        self._longest_seconds = longest_seconds
        self._on_change = on_change
        self._failures = 0
        self._pause_seconds = first_seconds
        self._retry_at = 0.0
        self._trial_until = 0.0
        self.state = BreakerState.CLOSED

    def allows(self) -> bool:
        """Whether a request may be sent now. A true in the open state makes this request the trial."""
        if self.state is BreakerState.CLOSED:
            return True
        now = self._clock()
        if self.state is BreakerState.OPEN and now >= self._retry_at:
            self._change(BreakerState.HALF_OPEN)
            self._trial_until = now + self._longest_seconds
            return True
        if self.state is BreakerState.HALF_OPEN and now >= self._trial_until:
            # The trial never reported back (its caller went away); the next request is the trial.
            self._trial_until = now + self._longest_seconds
            return True
        return False

    def succeeded(self) -> None:
        """An answer came."""
        self._failures = 0
        if self.state is not BreakerState.CLOSED:
            self._pause_seconds = self._first_seconds
            self._change(BreakerState.CLOSED)

    def failed(self) -> None:
        """No proper answer came."""
        self._failures += 1
        if self.state is BreakerState.HALF_OPEN:
            self._pause_seconds = min(self._pause_seconds * 2, self._longest_seconds)
            self._open()
        elif self.state is BreakerState.CLOSED and self._failures >= self._threshold:
            self._pause_seconds = self._first_seconds
            self._open()

    def retry_after_seconds(self) -> int:
        """Whole seconds until asking again makes sense, at least 1."""
        return max(1, -int(-(self._retry_at - self._clock()) // 1))

    def _open(self) -> None:
        self._retry_at = self._clock() + self._pause_seconds
        self._change(BreakerState.OPEN)

    def _change(self, state: BreakerState) -> None:
        self.state = state
        if self._on_change is not None:
            self._on_change(state)
