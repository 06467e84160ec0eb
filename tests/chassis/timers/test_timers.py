"""Recurring work: one worker at a time, failures told and survived, a clean stop."""

import asyncio
from types import SimpleNamespace
from typing import Any

from prometheus_client import REGISTRY

from chassis.db import Database
from chassis.timers import Timer, TimerLoop, run_once
from tests.support.databases import ServiceDatabase
from tests.support.waiting import until


def runs(timer: str, outcome: str) -> float:
    value = REGISTRY.get_sample_value("lienthong_timer_runs_total", {"timer": timer, "outcome": outcome})
    return value or 0.0


async def test_failing_run_is_counted_and_does_not_stop_the_timer() -> None:
    calls: list[int] = []

    async def fail_once(state: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError

    loop = TimerLoop(Timer("fails-once", 0.01, fail_once, exclusive=False), SimpleNamespace())
    task = asyncio.create_task(loop.run())
    await until(lambda: len(calls) >= 3, what="three runs")
    loop.stop()
    await asyncio.wait_for(task, 5)

    assert runs("fails-once", "failed") == 1
    assert runs("fails-once", "done") >= 2


async def test_stop_waits_for_the_run_in_hand_and_not_for_the_interval() -> None:
    entered, release, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(state: Any) -> None:
        entered.set()
        await release.wait()
        finished.set()

    loop = TimerLoop(Timer("slow", 3600, slow, exclusive=False), SimpleNamespace())
    task = asyncio.create_task(loop.run())
    await asyncio.wait_for(entered.wait(), 5)
    loop.stop()
    release.set()
    await asyncio.wait_for(task, 5)

    assert finished.is_set()


async def test_exclusive_timer_runs_in_one_worker_at_a_time(
    database: Database, chassis_database: ServiceDatabase
) -> None:
    other = await Database.connect(chassis_database.url, pool_size=2)
    entered, release = asyncio.Event(), asyncio.Event()
    calls: list[str] = []

    async def first(state: Any) -> None:
        calls.append("first")
        entered.set()
        await release.wait()

    async def second(state: Any) -> None:
        calls.append("second")

    running = asyncio.create_task(run_once(Timer("shared", 1, first), SimpleNamespace(database=database)))
    await asyncio.wait_for(entered.wait(), 5)
    try:
        await run_once(Timer("shared", 1, second), SimpleNamespace(database=other))
        assert calls == ["first"]
        release.set()
        await asyncio.wait_for(running, 5)
        await run_once(Timer("shared", 1, second), SimpleNamespace(database=other))
        assert calls == ["first", "second"]
    finally:
        await other.close()
