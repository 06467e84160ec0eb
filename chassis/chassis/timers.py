"""Work that recurs: the same transaction rules as everything else, one worker of a service at a time."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chassis import metrics
from chassis.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timer:
    """A recurring use case: `run(state)` about every `every_seconds`, where `state` is the app's state.

    The next wait begins when a run ends; a run that fails is logged, counted and tried again at the next
    turn. `run` must be safe to run again. With `exclusive` it runs in one worker of the service at a time;
    such a run holds a connection and must end within a minute.
    """

    name: str
    every_seconds: float
    run: Callable[[Any], Awaitable[None]]  # Any: starlette's State
    exclusive: bool = True


class TimerLoop:
    """A timer of one worker process. `run` ends by `stop` only; a run under way is finished first."""

    def __init__(self, timer: Timer, state: Any) -> None:  # Any: as above
        self._timer = timer
        self._state = state
        self._is_stopping = asyncio.Event()

    def stop(self) -> None:
        self._is_stopping.set()

    async def run(self) -> None:
        while not self._is_stopping.is_set():
            await run_once(self._timer, self._state)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timer.every_seconds):
                    await self._is_stopping.wait()


async def run_once(timer: Timer, state: Any) -> None:  # Any: as above
    """Run a timer now, unless another worker is at it."""
    try:
        if timer.exclusive:
            key = int.from_bytes(
                hashlib.sha256(f"timer:{timer.name}".encode()).digest()[:8], "big", signed=True
            )
            async with state.database.connection() as connection:
                if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", key):
                    return
                await timer.run(state)
        else:
            await timer.run(state)
    except Exception:
        metrics.TIMER_RUNS.labels(timer.name, "failed").inc()
        log.exception("timer.failed", name=timer.name)
    else:
        metrics.TIMER_RUNS.labels(timer.name, "done").inc()
