"""A hospital that sends one visit after another and does not give up; what it sent, what was acknowledged.

It behaves as a good client: after an unknown outcome it sends the same file with the same idempotency key
until it gets an answer. So every visit sent is in the end acknowledged, and must then be there exactly
once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import httpx2

from deploy.cli.stack import CommandFailed
from deploy.sandbox.people import Person
from deploy.sandbox.samples import make_submission, town_dossiers

FACILITY = "99999"
REQUEST_SECONDS = 15.0
PAUSE_SECONDS = 0.2
TOKEN_SECONDS = 240.0
RETRIED = frozenset({401, 409, 429, 500, 502, 503, 504})


class Refused(Exception):
    """An answer that no patience mends: the run itself is wrong."""


@dataclass
class Ledger:
    """What one run sent. Times are `time.monotonic()`; `acknowledged` maps visit code to (visit id, time)."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, tuple[str, float]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    faults: list[str] = field(default_factory=list)
    """Trace ids of answers 500: a part that is away is 503, so each of these is a fault of ours."""

    def since(self, instant: float) -> int:
        """How many visits were acknowledged since then."""
        return sum(at >= instant for _, at in self.acknowledged.values())

    def longest_silence(self, start: float, end: float) -> float:
        """The longest time between two acknowledgements from `start` to `end`, in seconds."""
        instants = [start, *sorted(at for _, at in self.acknowledged.values() if start <= at <= end), end]
        return max(later - earlier for earlier, later in pairwise(instants))


class Hospital:
    """Sends visits of `people`, one file each, from several connections, until told to stop."""

    def __init__(
        self,
        url: str,
        get_token: Callable[[], str],
        people: Sequence[Person],
        *,
        series: str,
        connections: int = 4,
        per_second: float = 25.0,
        most: int = 5000,
    ) -> None:
        self.ledger = Ledger()
        self._url = url
        self._get_token = get_token
        self._people = people
        self._series = series
        self._connections = connections
        self._interval = connections / per_second
        self._most = most
        self._next = 0
        self._stopping = asyncio.Event()
        self._token = ("", 0.0)
        self._token_lock = asyncio.Lock()
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to send."""
        self._stopping.clear()
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._connections)]

    async def stop(self) -> None:
        """Begin no new visit, and wait until every one begun is acknowledged.

        Raises:
            Refused: a visit was refused for good.
        """
        self._stopping.set()
        await asyncio.gather(*self._workers)

    async def send_until(self, count: int, seconds: float) -> bool:
        """Wait until `count` more visits are acknowledged; False when the time is over.

        Raises:
            Refused: a visit was refused for good.
        """
        start = time.monotonic()
        while self.ledger.since(start) < count:
            for worker in self._workers:
                if worker.done():
                    worker.result()
            if time.monotonic() - start > seconds:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _work(self) -> None:
        timeout = httpx2.Timeout(REQUEST_SECONDS, connect=2.0)
        async with httpx2.AsyncClient(base_url=self._url, timeout=timeout, trust_env=False) as client:
            while not self._stopping.is_set() and self._next < self._most:
                number, self._next = self._next, self._next + 1
                began = time.monotonic()
                await self._send(client, number)
                await asyncio.sleep(max(0.0, self._interval - (time.monotonic() - began)))

    async def _send(self, client: httpx2.AsyncClient, number: int) -> None:
        dossiers = town_dossiers(FACILITY, 1, series=self._series, first=number, people=self._people)
        code, file = dossiers[0].code, make_submission(FACILITY, dossiers)
        self.ledger.sent.add(code)
        while True:
            answer = await self._try(client, code, file)
            if answer is not None and answer.status_code == 201:
                (visit,) = answer.json()["visits"]
                self.ledger.acknowledged[code] = (visit["visit_id"], time.monotonic())
                return
            if answer is not None and answer.status_code not in RETRIED:
                raise Refused(f"{code}: {answer.status_code} {answer.text[:300]}")
            self.ledger.retries += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _try(self, client: httpx2.AsyncClient, code: str, file: bytes) -> httpx2.Response | None:
        """Send once; None when no answer came, which says nothing about what happened."""
        try:
            headers = {
                "authorization": f"Bearer {await self._bearer()}",
                "content-type": "application/xml",
                "idempotency-key": code,
            }
            answer = await client.post("/v1/facility-submissions", content=file, headers=headers)
        except (httpx2.HTTPError, CommandFailed) as failure:
            self.ledger.answers[type(failure).__name__] += 1
            return None
        self.ledger.answers[str(answer.status_code)] += 1
        if answer.status_code == 500:
            self.ledger.faults.append(answer.json().get("trace_id", "") if answer.content else "")
        if answer.status_code == 401:
            self._token = ("", 0.0)
        return answer

    async def _bearer(self) -> str:
        async with self._token_lock:
            token, until = self._token
            if time.monotonic() >= until:
                token = await asyncio.to_thread(self._get_token)
                self._token = (token, time.monotonic() + TOKEN_SECONDS)
            return token
