"""Requests that arrive together share a batch; none waits for one to fill, none gets another's answer."""

import asyncio

import pytest

from health_book.batching import Batcher


class Doubler:
    """Doubles numbers, notes its batches, fails on 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, items: list[int]) -> list[int | Exception]:
        self.batches.append(items)
        await self.gate.wait()
        if 99 in items:
            raise RuntimeError("whole batch")
        return [ValueError("unlucky") if item == 13 else item * 2 for item in items]


async def test_lone_item_goes_at_once() -> None:
    run = Doubler()

    assert await Batcher(run, limit=10).submit(4) == 8
    assert run.batches == [[4]]


async def test_items_that_arrive_meanwhile_share_the_next_batch_up_to_its_limit() -> None:
    run = Doubler()
    run.gate.clear()
    batcher = Batcher(run, limit=3)
    tasks = [asyncio.create_task(batcher.submit(n)) for n in range(6)]
    await asyncio.wait(tasks, timeout=0.01)

    run.gate.set()

    assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8, 10]
    assert [len(batch) for batch in run.batches] == [3, 3]


async def test_failure_of_one_item_is_its_own() -> None:
    batcher = Batcher(Doubler(), limit=10)

    answers = await asyncio.gather(*(batcher.submit(n) for n in (1, 13, 2)), return_exceptions=True)

    assert (answers[0], answers[2]) == (2, 4)
    assert isinstance(answers[1], ValueError)


async def test_failure_of_a_batch_reaches_everyone_in_it_and_nobody_after() -> None:
    batcher = Batcher(Doubler(), limit=10)

    answers = await asyncio.gather(*(batcher.submit(n) for n in (1, 99)), return_exceptions=True)

    assert all(isinstance(answer, RuntimeError) for answer in answers)
    assert await batcher.submit(5) == 10


async def test_who_leaves_does_not_disturb_the_others() -> None:
    run = Doubler()
    run.gate.clear()
    batcher = Batcher(run, limit=10)
    leaving, staying = (asyncio.create_task(batcher.submit(n)) for n in (1, 2))
    await asyncio.wait({leaving}, timeout=0.01)

    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    run.gate.set()

    assert await staying == 4


async def test_flights_run_side_by_side() -> None:
    run = Doubler()
    run.gate.clear()
    batcher = Batcher(run, limit=1, flights=2)
    tasks = [asyncio.create_task(batcher.submit(n)) for n in range(3)]
    await asyncio.wait(tasks, timeout=0.01)

    assert run.batches == [[0], [1]]
    run.gate.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4]
