"""What a service does without being asked: relay its outbox, consume events, run timers.

Each part runs on its own and is started again when it fails, so that one of them never stops the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chassis.logging import get_logger
from chassis.settings import ServiceSettings
from chassis.timers import Timer, keep_running

log = get_logger(__name__)
_RESTART_SECONDS = 1.0
_FINISH_SECONDS = 20.0


class Worker:
    """The background work of one process."""

    def __init__(
        self, settings: ServiceSettings, state: Any, consumers: Sequence[Any], timers: Sequence[Timer]
    ) -> None:  # Any: starlette's State
        self._settings = settings
        self._state = state
        self._consumers = consumers
        self._timers = timers
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; returns at once."""
        self._tasks = [
            asyncio.create_task(self._supervise(name, run), name=name) for name, run in self._parts().items()
        ]

    async def stop(self) -> None:
        """Let every part finish what it has in hand, for at most 20 s, then cancel the rest."""
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_FINISH_SECONDS)
            for task in late:
                log.warning("worker.cancelled", name=task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _supervise(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        while not self._stop.is_set():
            try:
                await run()
            except Exception:
                log.exception("worker.failed", name=name)
            try:
                async with asyncio.timeout(_RESTART_SECONDS):
                    await self._stop.wait()
            except TimeoutError:
                continue

    def _parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        def timer_part(timer: Timer) -> Callable[[], Awaitable[None]]:
            return lambda: keep_running(timer, self._state, self._stop)

        return {f"timer:{timer.name}": timer_part(timer) for timer in self._timers}
