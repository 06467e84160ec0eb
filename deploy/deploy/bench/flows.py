"""What the country does, measured through the gateway: hospitals send visits, citizens open books."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import httpx2

from deploy.bench.load import Figure, hammer, request_to
from deploy.bench.peers import Peer
from deploy.cli.sign_in import Wish, sign_in
from deploy.cli.stack import RunningStack
from deploy.cli.tokens import token_for
from deploy.cli.typists import VNeIDHolder
from deploy.sandbox.people import Person
from deploy.sandbox.personas import Persona
from deploy.sandbox.samples import make_submission, town_dossiers
from deploy.sandbox.town import town

FACILITY, HOSPITAL = "99999", "his-99999"
READERS = 12
APPLICANTS = 18
SCOPES = ("openid", "profile", "health.read", "judicial.apply", "dossier.file")
VISITS_OF_A_READER = 20
DRAIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Reader:
    """A townsperson who opens the book."""

    citizen_id: UUID
    token: str


def _townsperson(person: Person) -> Persona:
    """Return a persona for a townsperson, named by what the password is made of."""
    return Persona(person.personal_id[-6:], "citizen", person.name, "", "", person)


def readers(stack: RunningStack) -> list[Reader]:
    """Sign townspeople in through VNeID, after their visits were sent; each has 20 of them."""
    people = _adults()[:READERS]
    series = f"BR{uuid.uuid4().hex[:8].upper()}"
    body = make_submission(
        FACILITY, town_dossiers(FACILITY, READERS * VISITS_OF_A_READER, series=series, people=people)
    )
    headers = _headers(token_for(stack, HOSPITAL))
    with httpx2.Client(base_url=stack.public_url, timeout=120, trust_env=False) as http:
        http.post("/v1/facility-submissions", content=body, headers=headers).raise_for_status()
    return [_signed_in(stack, person) for person in people]


def applicants(stack: RunningStack) -> list[Reader]:
    """Sign further townspeople in, who have no visits of their own."""
    return [_signed_in(stack, person) for person in _adults()[READERS : READERS + APPLICANTS]]


def _adults() -> list[Person]:
    return [person for person in town() if person.level == 2 and person.born_on.year <= 2007]


def _signed_in(stack: RunningStack, person: Person) -> Reader:
    with httpx2.Client(timeout=20, trust_env=False) as browser:
        holder = VNeIDHolder(_townsperson(person), 2)
        token = sign_in(browser, stack.public_url, Wish(holder, SCOPES, 2))
        me = browser.get(f"{stack.public_url}/v1/me", headers={"Authorization": f"Bearer {token}"})
        return Reader(UUID(me.raise_for_status().json()["id"]), token)


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/xml",
        "Idempotency-Key": uuid.uuid4().hex,
    }


@dataclass(frozen=True, slots=True)
class Sent:
    """How sending went: the client's figure, and how many visits the book holds more than before."""

    figure: Figure
    visits: int

    @property
    def visits_per_second(self) -> float:
        return self.visits / self.figure.seconds


def submissions(
    stack: RunningStack, gateway: Peer, database_url: str, *, files: int, visits_in_file: int, seconds: int
) -> Sent:
    """Send `files` new files, each once, for so long; what counts is what the database holds afterwards."""
    token = token_for(stack, HOSPITAL)
    series = f"BS{uuid.uuid4().hex[:8].upper()}"
    dossiers = town_dossiers(FACILITY, files * visits_in_file, series=series)
    requests = [
        request_to(
            gateway.url,
            "/v1/facility-submissions",
            headers=_headers(token),
            body=make_submission(FACILITY, dossiers[at : at + visits_in_file]),
        )
        for at in range(0, len(dossiers), visits_in_file)
    ]
    before = asyncio.run(count_visits(database_url))
    figure = hammer(
        gateway.url,
        requests,
        connections=32 if visits_in_file == 1 else 4,
        seconds=seconds,
        pids=pids_of(stack, gateway),
    )
    return Sent(figure, asyncio.run(count_visits(database_url)) - before)


def pids_of(stack: RunningStack, gateway: Peer) -> dict[str, int]:
    """Return the stack's processes by name, with the gateway that is measured in place of the stack's own."""
    status = stack.status() or {}
    known = {one["name"]: one["pid"] for one in status.get("processes", ()) if one.get("pid")}
    return known | {"gateway": gateway.pid}


def books(stack: RunningStack, gateway: Peer, people: list[Reader], path: str, *, seconds: int) -> Figure:
    """Return the figure of citizens who open `path` of their own book, taking turns."""
    requests = [
        request_to(gateway.url, path, headers={"Authorization": f"Bearer {one.token}"}) for one in people
    ]
    pids = pids_of(stack, gateway)
    return hammer(gateway.url, requests, connections=50, seconds=seconds, pids=pids)


async def count_visits(url: str) -> int:
    """Return how many visits the book holds, waiting for their person or not."""
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("select count(*) from visit_claims"))
    finally:
        await connection.close()


async def drain(url: str) -> float:
    """Wait, twenty seconds at most, until every event of the outbox is published; return the seconds."""
    connection = await asyncpg.connect(url)
    began = time.monotonic()
    try:
        while time.monotonic() - began < DRAIN_SECONDS:
            if not await connection.fetchval("select exists (select from outbox where published_at is null)"):
                break
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return time.monotonic() - began
