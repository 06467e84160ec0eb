"""The second run: parts are killed at each step of pay, decide, issue and push, while the portal is down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

from deploy.cli.stack import RunningStack, services_named
from deploy.cli.tokens import token_for
from deploy.faults.case_comparison import SERVICES, CaseHoldings, Seen, compare_cases, read_cases
from deploy.faults.cases import (
    APPLICATIONS,
    CLERK,
    DESK,
    DOSSIERS,
    JUDICIAL_LEADER,
    LEADER,
    OFFICER,
    Case,
    Step,
    make_cases,
    take_step,
)
from deploy.faults.client import FlowClient, Json
from deploy.faults.comparison import Check
from deploy.faults.load import Refused
from deploy.local.child_stack import ChildStack

PHASES: tuple[tuple[Step, tuple[str, ...]], ...] = (
    ("file", ("postgres",)),
    ("pay", ("sandbox", "judicial-record", "dossier")),
    ("decide", ("nats", "judicial-record", "dossier")),
    ("issue", ("judicial-record", "dossier")),
)
PUSHED = ("national-portal-sync", "nats")
DOSSIERS_IN_FLIGHT = 6
PAUSE_SECONDS = 0.3
BACK_SECONDS = 120.0
SETTLED_SECONDS = 120.0
PORTAL, AT_PORTAL, OPERATOR = "dvcqg", "/sandbox/api/dvcqg/dossiers", "ops"


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: in which step, how many of the cases had it behind them then, seconds until back."""

    step: str
    victim: str
    done: int
    back_seconds: float


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """All figures of the run."""

    cases: int
    kills: tuple[Kill, ...]
    answers: dict[str, int]
    retries: int
    seconds: float
    checks: tuple[Check, ...]
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


class CaseRun:
    """One run against a stack that runs and has no cases yet."""

    def __init__(self, stack: ChildStack, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._say = say
        self._running = RunningStack(stack.layout)
        self._cases = make_cases(DOSSIERS_IN_FLIGHT)
        self._kills: list[Kill] = []

    async def run(self) -> CaseOutcome:
        """File, pay, decide and issue with kills in each step, then let the portal catch up; compare.

        Raises:
            Refused: a step was refused for good, or a part did not come back.
        """
        timeout = httpx2.Timeout(15.0, connect=2.0)
        url = self._stack.url
        async with httpx2.AsyncClient(base_url=url, timeout=timeout, trust_env=False) as http:
            client = FlowClient(http, self._token)
            await client.sign_in((OFFICER, JUDICIAL_LEADER, DESK, CLERK, LEADER, OPERATOR))
            began = time.monotonic()
            await self._fault(http, fail_next=1_000_000)
            for step, victims in PHASES:
                self._say(f"{step} {len(self._cases)} cases, portal down; SIGKILL {', '.join(victims)}")
                await self._while_killing(step, victims, self._take_all(client, step))
            await self._fault(http)
            self._say(f"push: the portal is back; SIGKILL {', '.join(PUSHED)}")
            await self._while_killing("push", PUSHED, self._pushed(client))
            found = await self._settled()
            seen = await self._seen(client, http)
            return CaseOutcome(
                cases=len(self._cases),
                kills=tuple(self._kills),
                answers=dict(client.answers),
                retries=client.retries,
                seconds=time.monotonic() - began,
                checks=tuple(compare_cases(self._cases, found, seen)),
                faults=tuple(client.faults),
            )

    def _token(self, name: str) -> str:
        person, _, owner = name.partition("@")
        return token_for(self._running, person, acting_for=owner or None)

    async def _take_all(self, client: FlowClient, step: Step) -> None:
        await asyncio.gather(*(take_step(client, case, step) for case in self._cases))

    async def _while_killing(self, step: str, victims: tuple[str, ...], work: Awaitable[None]) -> None:
        working = asyncio.ensure_future(work)
        try:
            for victim in victims:
                await asyncio.sleep(PAUSE_SECONDS)
                await self._kill(step, victim)
            await working
        finally:
            working.cancel()

    async def _kill(self, step: str, victim: str) -> None:
        least = min(case.done for case in self._cases)
        done = sum(case.done > least for case in self._cases)
        start, pid = time.monotonic(), self._stack.kill(victim)
        while not self._stack.is_back(victim, pid):
            if time.monotonic() - start > BACK_SECONDS:
                raise Refused(f"{victim} did not come back")
            await asyncio.sleep(0.1)
        self._kills.append(Kill(step, victim, done, time.monotonic() - start))

    async def _pushed(self, client: FlowClient) -> None:
        """Wait until the portal has what each case came to."""
        for case in self._cases:
            status = await self._status(client, case)
            await client.look(f"{AT_PORTAL}/{case.code}", None, _stands_at(status))

    async def _status(self, client: FlowClient, case: Case) -> str:
        if case.kind == "application":
            shown = await client.look(f"{APPLICATIONS}/{case.id}", case.name, lambda one: True)
            return str(shown["national_status"]["number"])
        shown = await client.look(f"{DOSSIERS}/{case.id}", case.name, lambda one: True)
        return str(shown["status"]["number"])

    async def _settled(self) -> CaseHoldings:
        """Return what is stored once nothing waits, or after so long: the comparison says what is missing."""
        urls = {name: self._running.database_url(services_named(name)[0]) for name in SERVICES}
        end = time.monotonic() + SETTLED_SECONDS
        while True:
            found = await read_cases(urls, self._cases)
            if found.is_settled or time.monotonic() > end:
                return found
            await asyncio.sleep(0.25)

    async def _seen(self, client: FlowClient, http: httpx2.AsyncClient) -> Seen:
        ours = {case.code: await self._status(client, case) for case in self._cases}
        portal = {
            case.code: _rows((await http.get(f"{AT_PORTAL}/{case.code}")).json()) for case in self._cases
        }
        today = (await http.get("/sandbox/clock")).json()["legal_today"]
        asked = {"peer": PORTAL, "day": today, "repair": False}
        said = await client.post("/v1/sync/reconciliations", OPERATOR, asked)
        verified = 0
        for case in self._cases:
            if case.kind == "application":
                verified += await self._verifies(client, case)
        return Seen(len(client.faults), verified, ours, portal, said["difference_count"])

    async def _verifies(self, client: FlowClient, case: Case) -> bool:
        pdf = await client.send("GET", f"{APPLICATIONS}/{case.id}/certificate.pdf", case.name)
        headers = {"content-type": "application/pdf"}
        said = await client.send(
            "POST", "/v1/certificate-verifications", content=pdf.content, headers=headers
        )
        return bool(said.json()["status"] == "valid")

    @staticmethod
    async def _fault(http: httpx2.AsyncClient, **switches: int) -> None:
        (await http.put(f"/sandbox/api/faults/{PORTAL}", json=switches)).raise_for_status()


def _rows(found: Json) -> list[tuple[str, str, str]]:
    return [(row["ThoiDiemXuLy"], row["TrangThai"], str(row)) for row in found.get("TienDo", [])]


def _stands_at(status: str) -> Callable[[Json], bool]:
    return lambda found: bool(found["HoSo"]["TrangThaiHoSo"] == status)
