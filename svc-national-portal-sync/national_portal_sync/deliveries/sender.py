"""The worker that empties the queues: many dossiers of a peer at once, each dossier in order.

A lane per peer takes leases in small batches, as many as it can work on, so memory is bounded by the number
of calls under way and not by the backlog; a slow peer has a lane of its own and holds up nobody else.
"""

import asyncio
import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prometheus_client import Counter, Gauge

from chassis import telemetry
from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from national_portal_sync.clients.sources import SourceFailed
from national_portal_sync.deliveries import repository
from national_portal_sync.deliveries.carriers import Carried, Carrier
from national_portal_sync.deliveries.repository import Job
from national_portal_sync.deliveries.rules import SOURCE_MISSING, Failure, Patience, next_step
from national_portal_sync.peers.results import OutcomeUnknown, PeerAway, PeerFailure

log = get_logger(__name__)

DELIVERIES = Counter(
    "lienthong_deliveries_total", "Attempts to tell a peer, by how they ended.", ["kind", "end"]
)
UNDER_WAY = Gauge("lienthong_deliveries_under_way", "Deliveries being made now.", ["kind"])

_IDLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a peer is left alone: after `threshold` failures in a row, for a doubling time."""

    threshold: int = 5
    first_seconds: float = 1.0
    longest_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Route:
    """How deliveries of one kind of peer are made. `kind` is a bounded label: never an endpoint's id."""

    kind: str
    carrier: Carrier
    patience: Patience
    concurrency: int
    breaker: Breaker = Breaker()


class Sender:
    """All lanes of one process. `tick` starts those that have work; `close` ends them."""

    def __init__(
        self,
        database: Database,
        clocks: Clocks,
        route_of: Callable[[str], Route | None],
        *,
        lease_seconds: float = 120.0,
    ) -> None:
        self._database = database
        self._clocks = clocks
        self._route_of = route_of
        self._lease = timedelta(seconds=lease_seconds)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._is_stopping = False

    async def tick(self) -> None:
        """Start a lane for every peer that has something due and none yet."""
        async with self._database.statement() as connection:
            rows = await connection.fetch(repository.DUE_PEERS, self._clocks.real_now())
        for row in rows:
            peer = row["peer"]
            route = self._route_of(peer)
            if route is not None and peer not in self._lanes and not self._is_stopping:
                task = asyncio.create_task(self._run_lane(peer, route), name=f"lane:{peer}")
                self._lanes[peer] = task
                task.add_done_callback(functools.partial(self._forget_lane, peer))

    def _forget_lane(self, peer: str, _: asyncio.Task[None]) -> None:
        self._lanes.pop(peer, None)

    async def drain(self) -> None:
        """Work until nothing is due; what is postponed waits for its time."""
        await self.tick()
        while self._lanes:
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)
            await self.tick()

    async def close(self, seconds: float = 10.0) -> None:
        """Take nothing more; give what is under way `seconds`, then leave it to its lease."""
        self._is_stopping = True
        if self._lanes:
            _, late = await asyncio.wait(self._lanes.values(), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run_lane(self, peer: str, route: Route) -> None:
        tasks: set[asyncio.Task[None]] = set()
        batch = max(1, route.concurrency // 4)
        has_room = asyncio.Event()

        def ended(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            if route.concurrency - len(tasks) >= batch or not tasks:
                has_room.set()

        try:
            while not self._is_stopping:
                jobs = await self._claim(peer, route, len(tasks))
                for job in jobs:
                    task = asyncio.create_task(self._deliver(job, route))
                    tasks.add(task)
                    task.add_done_callback(ended)
                if not tasks:
                    return
                has_room.clear()
                try:
                    async with asyncio.timeout(None if jobs and len(tasks) >= batch else _IDLE_SECONDS):
                        await has_room.wait()
                except TimeoutError:
                    continue
            if tasks:
                await asyncio.wait(tasks)
        except Exception:
            log.exception("deliveries.lane_failed", peer=peer)
        finally:
            for task in tasks:
                task.cancel()

    async def _claim(self, peer: str, route: Route, under_way: int) -> list[Job]:
        """Lease as many queues as there is room for; one alone to try a peer whose breaker was open."""
        now = self._clocks.real_now()
        room = route.concurrency - under_way
        async with self._database.connection() as connection:
            row = await connection.fetchrow(repository.FAILURES, peer)
            if row is None or (row["open_until"] is not None and row["open_until"] > now):
                return []
            if row["failures"] >= route.breaker.threshold:
                room = 0 if under_way else 1
            if room < 1:
                return []
            return await repository.claim(connection, peer, now=now, until=now + self._lease, limit=room)

    async def _deliver(self, job: Job, route: Route) -> None:
        UNDER_WAY.labels(route.kind).inc()
        try:
            with telemetry.consumer_span(f"deliver {route.kind}", job.traceparent):
                await self._attempt(job, route)
        except Exception:  # the lease ends by itself and the delivery is asked about
            log.exception("deliveries.attempt_failed", delivery_id=str(job.delivery_id))
        finally:
            UNDER_WAY.labels(route.kind).dec()

    async def _attempt(self, job: Job, route: Route) -> None:
        try:
            async with asyncio.timeout(self._lease.total_seconds() * 0.8):
                carried = await route.carrier.carry(job)
        except SourceFailed as failure:
            kind: Failure = "refused" if failure.code == SOURCE_MISSING else "source"
            await self._postpone(job, route, kind, failure.code, "")
        except (PeerAway, TimeoutError) as failure:
            # A time-out of the whole attempt may have come after the peer took it.
            is_away = isinstance(failure, PeerAway)
            code = failure.code if isinstance(failure, PeerAway) else "too_slow"
            detail = failure.detail if isinstance(failure, PeerAway) else ""
            await self._postpone(job, route, "away" if is_away else "unknown", code, detail)
        except OutcomeUnknown as failure:
            await self._postpone(job, route, "unknown", failure.code, failure.detail)
        except PeerFailure as failure:
            kind = "final" if failure.is_final else "refused"
            await self._postpone(job, route, kind, failure.code, failure.detail)
        else:
            await self._finish(job, route, carried)

    async def _finish(self, job: Job, route: Route, carried: Carried) -> None:
        told = carried.told
        arguments: tuple[Any, ...] = (
            job.delivery_id,
            job.lease_id,
            carried.outcome,
            carried.covers,
            told.is_known if told else None,
            told.version if told else None,
            told.steps if told else None,
            told.digest if told else None,
            carried.told_on,
            self._clocks.real_now(),
        )
        async with self._database.statement() as connection:
            is_ours = await connection.fetchval(repository.FINISH, *arguments)
        DELIVERIES.labels(route.kind, carried.outcome if is_ours else "lease_lost").inc()

    async def _postpone(self, job: Job, route: Route, failure: Failure, code: str, detail: str) -> None:
        now = self._clocks.real_now()
        # What was under way when it was leased stays unsettled until the peer has been asked.
        is_open = job.previous_state in ("unknown", "sending") and failure in ("away", "source")
        step = next_step(
            "unknown" if is_open else failure,
            attempts=job.attempts,
            refusals=job.refusals + (failure == "refused"),
            first_attempt_at=job.first_attempt_at,
            now=now,
            chance=random.random(),  # noqa: S311  (spreads retries; guards nothing)
            patience=route.patience,
        )
        async with self._database.statement() as connection:
            await connection.fetchval(
                repository.POSTPONE,
                job.delivery_id,
                job.lease_id,
                step.state,
                step.next_attempt_at,
                code,
                detail or None,
                failure in ("refused", "final"),
                failure == "unknown",
                now,
            )
            if failure in ("away", "unknown"):
                breaker = route.breaker
                await connection.execute(
                    repository.COUNT_FAILURE,
                    job.peer,
                    code,
                    breaker.threshold,
                    breaker.first_seconds,
                    breaker.longest_seconds,
                    now,
                )
        DELIVERIES.labels(route.kind, step.state).inc()
        log.warning(
            "delivery.postponed", delivery_id=str(job.delivery_id), peer=job.peer, state=step.state, code=code
        )
