"""Requests that arrive together share one round trip, and each gets its own answer.

Nobody waits for a batch to fill: what arrives while one is under way makes up the next, so a lone request
goes at once and a burst is shared. A timer that collects for some milliseconds was rejected: it slows the
quiet hours.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Runs items in batches; `run` answers one value or exception per item, in order.

    `limit` is the most items of a batch, `flights` the most batches under way at once. An exception that
    `run` raises goes to every item of its batch.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Awaitable[Sequence[Answer | Exception]]],
        *,
        limit: int,
        flights: int = 1,
    ) -> None:
        self._run = run
        self._limit = limit
        self._free = flights
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Answer:
        """Return the item's answer. Raises: the item's exception."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._free:
            self._free -= 1
            # An empty context: a batch belongs to no single request's trace.
            task = asyncio.create_task(self._fly(), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _fly(self) -> None:
        try:
            while self._waiting:
                await self._run_next()
        finally:
            self._free += 1

    async def _run_next(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._run([item for item, _ in batch])
        except Exception as failure:
            answers = [failure] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():  # whoever asked has gone
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
