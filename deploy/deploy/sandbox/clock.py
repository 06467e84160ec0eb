"""Legal time, movable: the sandbox keeps the offset and tells every process through NATS.

The bucket is only a loudspeaker. The offset lives in the sandbox's file; a watchdog writes it again whenever
the bucket says something else, so NATS may be down, restarted or wiped without legal time jumping back.
"""

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from chassis.bus import Bus, BusUnavailable
from deploy.sandbox.state import State

BUCKET = "legal-clock"
KEY = "offset_seconds"
LEGAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FURTHEST_SECONDS = 50 * 366 * 86_400
CHECK_SECONDS = 2.0


class ClockIn(BaseModel):
    """Where legal time shall stand: an offset to real time, or the instant itself."""

    model_config = ConfigDict(extra="forbid")

    offset_seconds: int | None = Field(None, ge=-FURTHEST_SECONDS, le=FURTHEST_SECONDS, examples=[259200])
    legal_now: AwareDatetime | None = Field(None, examples=["2026-12-31T23:59:00+07:00"])

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.offset_seconds is None) == (self.legal_now is None):
            raise ValueError("give either offset_seconds or legal_now")
        if abs(self.resolve_now()) > FURTHEST_SECONDS:
            raise ValueError("legal time can be moved by fifty years at most")
        return self

    def resolve_now(self) -> int:
        """Return the offset in seconds as of now, rounded up: `legal_now` is not yet to come."""
        if self.legal_now is not None:
            return math.ceil((self.legal_now - datetime.now(UTC)).total_seconds())
        return self.offset_seconds or 0


class LegalClock:
    """The offset, kept in `state`, and the task that keeps NATS in step with it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._changed = asyncio.Event()
        self.is_published = False

    @property
    def offset_seconds(self) -> int:
        return int(self._state.get("clock_offset_seconds", 0))

    def move(self, offset_seconds: int) -> None:
        self._state.put("clock_offset_seconds", offset_seconds)
        self._state.record("clock", "moved", offset_seconds=offset_seconds)
        self.is_published = False
        self._changed.set()

    def reading(self) -> dict[str, Any]:
        """Return the JSON form: offset, both times, the legal day, and whether NATS was told."""
        real_now = datetime.now(UTC)
        legal_now = (real_now + timedelta(seconds=self.offset_seconds)).astimezone(LEGAL_ZONE)
        return {
            "offset_seconds": self.offset_seconds,
            "legal_now": legal_now.isoformat(timespec="seconds"),
            "legal_today": legal_now.date().isoformat(),
            "real_now": real_now.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "is_published": self.is_published,
        }

    async def keep_published(self, bus: Bus) -> None:
        """Publish at the start, at each move, and whenever the bucket has lost the value; until cancelled."""
        while True:
            self._changed.clear()
            self.is_published = await _publish(bus, self.offset_seconds)
            try:
                await asyncio.wait_for(self._changed.wait(), CHECK_SECONDS)
            except TimeoutError:
                continue


async def _publish(bus: Bus, offset_seconds: int) -> bool:
    """Make the bucket hold the offset; return whether it does. A NATS that is away is only a later try."""
    wanted = str(offset_seconds).encode()
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            if await bus.value_of(BUCKET, KEY) != wanted:
                await bus.put_value(BUCKET, KEY, wanted)
    except (BusUnavailable, TimeoutError):
        return False
    return True
