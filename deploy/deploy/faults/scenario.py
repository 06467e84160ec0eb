"""The fault run: what is killed when, and what is waited for. Bounded in count and in time throughout."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from deploy.cli.stack import RunningStack, services_named
from deploy.cli.tokens import token_for
from deploy.faults.broker import ConsumerState, all_caught_up, consumer_states, durable_states
from deploy.faults.comparison import Check, Holdings, compare, read_holdings
from deploy.faults.load import Hospital
from deploy.local.child_stack import ChildStack
from deploy.local.environment import remembered
from deploy.sandbox.town import town

VICTIMS = ("health-book", "identity", "postgres", "nats", "gateway")
VISITS_BEFORE = 25
VISITS_AFTER = 25
BACK_SECONDS = 120.0
SETTLED_SECONDS = 240.0
PEOPLE = 100  # fewer than visits, so that everybody is known when identity is stopped
WIPED_VISITS = 40


class Unmet(Exception):
    """Something did not happen in time; the message says what."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One kill: seconds until the part was ready again, the longest silence, visits acknowledged after it."""

    victim: str
    back_seconds: float
    silence_seconds: float
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Wipe:
    """The loss of NATS's store: what it held, what the outbox brought back, and in which time."""

    held: int
    restored: int
    unread: int
    caught_up_seconds: float
    consumers: tuple[ConsumerState, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All figures of a run."""

    outages: tuple[Outage, ...]
    answers: dict[str, int]
    retries: int
    checks: tuple[Check, ...]
    wipe: Wipe
    checks_after_wipe: tuple[Check, ...]
    fault_lines: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in (*self.checks, *self.checks_after_wipe))


class Narrator(Protocol):
    """Who is told how the run goes on."""

    def __call__(self, text: str) -> None: ...


class FaultRun:
    """One run against a stack of its own that has just been started."""

    def __init__(
        self, stack: ChildStack, say: Narrator, *, rounds: int = 1, per_second: float = 25.0
    ) -> None:
        self.stack = stack
        self.say = say
        self.rounds = rounds
        self._running = RunningStack(stack.layout)
        self._monitoring_port = remembered(stack.layout, {}).ports.nats_monitoring
        self._hospital = Hospital(
            stack.url,
            lambda: token_for(self._running, "his-99999"),
            town()[:PEOPLE],
            series="FAULT",
            per_second=per_second,
        )

    async def run(self) -> Outcome:
        """Kill every victim while visits flow, compare, lose NATS's store, compare again.

        Raises:
            Unmet: a part did not come back, or events did not arrive in time.
            Refused: a visit was refused for good.
        """
        self._hospital.start()
        outages = [await self._kill(victim) for _ in range(self.rounds) for victim in VICTIMS]
        await self._hospital.stop()
        ledger = self._hospital.ledger
        self.say(f"every one of {len(ledger.sent)} visits is acknowledged; waiting until all has arrived")
        checks = compare(ledger, await self._settled())
        wipe = await self._lose_store()
        after = compare(ledger, await self._settled())
        return Outcome(
            outages=tuple(outages),
            answers=dict(ledger.answers),
            retries=ledger.retries,
            checks=tuple(checks),
            wipe=wipe,
            checks_after_wipe=tuple(after),
            fault_lines=tuple(self._log_lines(ledger.faults)),
        )

    async def _kill(self, victim: str) -> Outage:
        if not await self._hospital.send_until(VISITS_BEFORE, BACK_SECONDS):
            raise Unmet(f"visits did not flow before {victim} was killed")
        self.say(f"SIGKILL {victim}")
        start = time.monotonic()
        pid = self.stack.kill(victim)
        await self._wait(lambda: self.stack.is_back(victim, pid), BACK_SECONDS, f"{victim} did not come back")
        back = time.monotonic() - start
        if not await self._hospital.send_until(VISITS_AFTER, BACK_SECONDS):
            raise Unmet(f"visits did not flow again after {victim} was killed")
        end = time.monotonic()
        ledger = self._hospital.ledger
        return Outage(victim, back, ledger.longest_silence(start, end), ledger.since(start))

    async def _lose_store(self) -> Wipe:
        """Delete the whole store while the consumer is stopped and has not read the latest events."""
        before = consumer_states(self._monitoring_port)
        known = set((await self._holdings()).notifications)
        self.say("stopping identity (SIGSTOP), so that the next events stay unread")
        identity = self.stack.kill("identity", signal.SIGSTOP)
        try:
            self._hospital.start()
            if not await self._hospital.send_until(WIPED_VISITS, BACK_SECONDS):
                raise Unmet("visits did not flow while identity was stopped")
            await self._hospital.stop()
            await self._wait_async(self._all_published, SETTLED_SECONDS, "events were not published")
            unread = len(set((await self._holdings()).claims.values()) - known)
            held = _messages(consumer_states(self._monitoring_port))
            self.say(f"deleting NATS's store ({held} events, {unread} of them unread) and killing NATS")
            # Moved first, under the running server: a new one must not find a part of it.
            store = self.stack.layout.nats / "jetstream"
            store.rename(store.with_name("jetstream.lost"))
            start = time.monotonic()
            nats = self.stack.kill("nats")
            await self._wait(lambda: self.stack.is_back("nats", nats), BACK_SECONDS, "nats did not come back")
        finally:
            self.stack.resume(identity)
        self.say("NATS is back, empty; identity goes on")
        await self._wait(
            lambda: (
                len(before) > 0
                and all_caught_up(consumer_states(self._monitoring_port))
                and self._restored(held)
            ),
            SETTLED_SECONDS,
            "the consumers did not catch up",
        )
        took = time.monotonic() - start
        states = consumer_states(self._monitoring_port)
        return Wipe(held, _messages(states), unread, took, durable_states(states))

    def _log_lines(self, traces: list[str]) -> Iterator[str]:
        """What the processes logged as errors about these traces; the logs go with the stack."""
        wanted = [trace for trace in traces if trace]
        for log in sorted(self.stack.layout.logs.glob("*.log")):
            for line in log.read_text(errors="replace").splitlines():
                if '"level":"error"' in line and any(trace in line for trace in wanted):
                    yield line

    def _restored(self, held: int) -> bool:
        return _messages(consumer_states(self._monitoring_port)) >= held

    async def _all_published(self) -> bool:
        return (await self._holdings()).unpublished == 0

    async def _settled(self) -> Holdings:
        found: list[Holdings] = []

        async def look() -> bool:
            found[:] = [await self._holdings()]
            return found[0].is_settled

        # Not settled in time is no error here: the comparison that follows says what is missing.
        await _until(look, SETTLED_SECONDS)
        return found[0]

    async def _holdings(self) -> Holdings:
        health_book, identity = services_named("health-book")[0], services_named("identity")[0]
        return await read_holdings(
            self._running.database_url(health_book), self._running.database_url(identity)
        )

    async def _wait(self, condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
        async def look() -> bool:
            return condition()

        await self._wait_async(look, seconds, otherwise)

    @staticmethod
    async def _wait_async(condition: Callable[[], Awaitable[bool]], seconds: float, otherwise: str) -> None:
        if not await _until(condition, seconds):
            raise Unmet(f"{otherwise} within {seconds:.0f} s")


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(0.1)
    return True


def _messages(states: dict[str, ConsumerState]) -> int:
    """How many events the streams that somebody consumes hold."""
    return sum({state.stream: state.messages for state in states.values()}.values())
