"""The two clocks (decision 0008).

Legal time drives deadlines, validity and ages; only the sandbox profile can move it, by one offset that every
process follows. Real time drives tokens, signatures, leases, retries and retention, and is never moved.
Both are injected; no rule and no SQL calls `now()`.
"""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from chassis import metrics
from chassis.logging import get_logger

if TYPE_CHECKING:
    from chassis.bus import Bus

LEGAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BUCKET = "legal-clock"
KEY = "offset_seconds"
MAX_OFFSET_SECONDS = 50 * 366 * 86_400

log = get_logger(__name__)


class Clocks:
    """Real time and legal time of one process."""

    def __init__(self, *, legal_fixed: datetime | None = None, real_fixed: datetime | None = None) -> None:
        self._offset = timedelta(0)
        self._legal_fixed = legal_fixed
        self._real_fixed = real_fixed

    @classmethod
    def real(cls) -> Self:
        """Return clocks that run, with legal time equal to real time until an offset is told."""
        return cls()

    @classmethod
    def fixed(cls, legal: datetime, real: datetime | None = None) -> Self:
        """Return clocks that stand still, for tests. Both instants are aware; `real` defaults to `legal`."""
        if legal.tzinfo is None or (real is not None and real.tzinfo is None):
            raise ValueError("a clock takes aware instants")
        legal = legal.astimezone(UTC)
        return cls(legal_fixed=legal, real_fixed=(real or legal).astimezone(UTC))

    @property
    def offset(self) -> timedelta:
        """Return how far legal time is ahead of real time."""
        return self._offset

    def real_now(self) -> datetime:
        """Return the real instant, aware, in UTC."""
        return self._real_fixed or datetime.now(UTC)

    def legal_now(self) -> datetime:
        """Return the legal instant, aware, in UTC."""
        return (self._legal_fixed or datetime.now(UTC)) + self._offset

    def legal_today(self) -> date:
        """Return the legal day in Asia/Ho_Chi_Minh."""
        return self.legal_now().astimezone(LEGAL_ZONE).date()

    def set_offset(self, seconds: int) -> None:
        """Move legal time. Raises: ValueError beyond fifty years."""
        if abs(seconds) > MAX_OFFSET_SECONDS:
            raise ValueError("the offset of the legal clock is out of range")
        self._offset = timedelta(seconds=seconds)
        metrics.LEGAL_CLOCK_OFFSET.set(seconds)

    async def follow(self, bus: "Bus") -> None:
        """Keep the offset equal to the sandbox's, until cancelled; call only in the sandbox profile."""
        async for value in bus.watch(BUCKET, KEY):
            self._take(value)

    def _take(self, value: bytes) -> None:
        try:
            self.set_offset(int(value))
        except ValueError:
            log.warning("clock.offset_refused")
        else:
            log.info("clock.offset_followed", offset_seconds=int(self._offset.total_seconds()))
