"""What a service does without being asked: relay its outbox, consume events, run timers.

Each part runs on its own and is started again when it fails, so that none of them stops the others.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

from chassis.consumer import Consumer
from chassis.consumer_group import ConsumerGroup
from chassis.logging import get_logger
from chassis.migrations import maintain_partitions
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.timers import Timer, TimerLoop

log = get_logger(__name__)
_RESTART_SECONDS = 1.0
_FINISH_SECONDS = 20.0
_HOUR_SECONDS = 3600.0


class Part(Protocol):
    """One thing that runs until it is told to stop; `stop` lets it finish what it has in hand."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class Worker:
    """The background work of one process."""

    def __init__(
        self,
        settings: ServiceSettings,
        state: Any,  # Any: starlette's State
        consumers: Sequence[Consumer],
        timers: Sequence[Timer],
    ) -> None:
        self._parts: dict[str, Part] = {
            f"timer:{timer.name}": TimerLoop(timer, state) for timer in (*timers, PARTITIONS)
        }
        if state.bus is not None:
            url = settings.database_url.get_secret_value()
            relay = Relay(url, state.bus, settings.service)
            state.database.after_commit(relay.nudge)
            self._parts["relay"] = relay
            if consumers:
                self._parts["consumers"] = ConsumerGroup(
                    url, state.database, state.bus, settings.service, consumers, state
                )
        self._is_stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; returns at once."""
        self._tasks = [
            asyncio.create_task(self._supervise(name, part), name=name) for name, part in self._parts.items()
        ]

    async def stop(self) -> None:
        """Let every part finish what it has in hand, for at most 20 s, then cancel the rest."""
        self._is_stopping.set()
        for part in self._parts.values():
            part.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_FINISH_SECONDS)
            for task in late:
                log.warning("worker.cancelled", name=task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _supervise(self, name: str, part: Part) -> None:
        while not self._is_stopping.is_set():
            try:
                await part.run()
            except Exception:
                log.exception("worker.failed", name=name)
            with suppress(TimeoutError):
                async with asyncio.timeout(_RESTART_SECONDS):
                    await self._is_stopping.wait()


async def _maintain_partitions(state: Any) -> None:  # Any: starlette's State
    await maintain_partitions(state.database, state.clocks.real_now())


PARTITIONS = Timer("partitions", _HOUR_SECONDS, _maintain_partitions, exclusive=False)
"""Hourly rather than daily: a run costs nothing when there is nothing to make or drop."""
