"""`python -m deploy.bench [--json]`: measure the running stack beside peers and limits, under four minutes.

Exit code 1 when nothing runs or an answer was an error: figures of a failing system mean nothing.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from deploy.bench import flows, peers, rivals, sections_of_cases
from deploy.bench.load import Figure, hammer, has_wrk, request_to
from deploy.bench.report import Line, Report
from deploy.cli.stack import CommandFailed, RunningStack
from deploy.local.environment import remembered
from deploy.local.parts import SERVICES

WRITING = "Hospitals send visits"
READING = "Citizens open their book"
FORWARDING = "Forwarding an answer of 1 KB, 50 connections, one worker each"
SECTIONS = ("writing", "reading", "certificates", "filing", "portal", "forwarding")
CASES = frozenset({"certificates", "filing", "portal"})
SECONDS = 5


def measure(stack: RunningStack, report: Report, folder: Path, sections: Collection[str]) -> None:
    """Run the measures in turn; nothing else is measured meanwhile, the stack itself keeps running."""
    app_url = stack.environment_of("health-book")["LIENTHONG_HEALTH_BOOK_DATABASE_URL"]
    owner_url = _owner_url(stack)
    report.says("twelve townspeople get twenty visits each and sign in through VNeID")
    people = flows.readers(stack)
    citizens = [person.citizen_id for person in people]
    own = stack.environment_of("gateway")
    with rivals.scratch(owner_url, citizens), peers.gateway(own, folder) as gateway:
        if "writing" in sections:
            _writing(stack, report, folder, gateway, app_url, owner_url)
        if "reading" in sections:
            _reading(stack, report, folder, gateway, owner_url, people)
        if CASES & set(sections):
            run = sections_of_cases.Run(stack, report, folder, gateway, people)
            if "certificates" in sections:
                sections_of_cases.certificates(run)
            if "filing" in sections:
                sections_of_cases.filing(run, owner_url)
            if "portal" in sections:
                sections_of_cases.portal(run)
    if "forwarding" in sections:
        _forwarding(stack, report, folder, people[0].token)


def _owner_url(stack: RunningStack) -> str:
    """Return the address of the health book's database as its owner, who may make a schema for rivals."""
    service = next(one for one in SERVICES if one.name == "health-book")
    known = remembered(stack.layout).environment_of(service, migrating=True)
    return known["LIENTHONG_HEALTH_BOOK_MIGRATOR_DATABASE_URL"]


def _writing(
    stack: RunningStack, report: Report, folder: Path, gateway: peers.Peer, app_url: str, owner_url: str
) -> None:
    report.says("visits through the gateway, each new, read, checked, stored and announced")
    limit = rivals.asyncpg_writes(owner_url, SECONDS)
    report.add(WRITING, Line("raw asyncpg", "inserts/s", limit))
    pgbench = rivals.pgbench_writes(owner_url, SECONDS, folder)
    if pgbench is not None:
        report.add(WRITING, Line("pgbench", "inserts/s", pgbench, of="raw asyncpg"))
    for name, files, each in (("ours, one by one", 5_000, 1), ("ours, files of 50", 60, 50)):
        sent = flows.submissions(stack, gateway, app_url, files=files, visits_in_file=each, seconds=SECONDS)
        line = Line(name, "visits/s", sent.visits_per_second, sent.figure, of="raw asyncpg", done=sent.visits)
        report.add(WRITING, line)
        seconds = asyncio.run(flows.drain(app_url))
        report.says(f"the outbox was empty {seconds:.1f} s later")


def _reading(
    stack: RunningStack,
    report: Report,
    folder: Path,
    gateway: peers.Peer,
    owner_url: str,
    people: list[flows.Reader],
) -> None:
    report.says("twenty visits of one citizen, in turns")
    citizens = [person.citizen_id for person in people]
    limit = rivals.asyncpg_reads(owner_url, citizens, SECONDS)
    report.add(READING, Line("raw asyncpg", "pages/s", limit))
    pgbench = rivals.pgbench_reads(owner_url, len(citizens), SECONDS, folder)
    if pgbench is not None:
        report.add(READING, Line("pgbench", "pages/s", pgbench, of="raw asyncpg"))
    for name, path in (
        ("ours, 20 visits", "/v1/me/health-book/visits?limit=20"),
        ("ours, the book's first page", "/v1/me/health-book"),
    ):
        figure = flows.books(stack, gateway, people, path, seconds=SECONDS)
        report.add(READING, Line(name, "answers/s", figure.per_second, figure, of="raw asyncpg"))


def _forwarding(stack: RunningStack, report: Report, folder: Path, token: str) -> None:
    report.says("the same small service behind each proxy")

    def forwarded(peer: peers.Peer, path: str, **headers: str) -> Figure:
        request = [request_to(peer.url, path, headers=headers)]
        hammer(peer.url, request, connections=50, seconds=1)
        return hammer(peer.url, request, connections=50, seconds=SECONDS, pids={"proxy": peer.pid})

    def add(name: str, figure: Figure, of: str | None = None) -> None:
        report.add(FORWARDING, Line(name, "answers/s", figure.per_second, figure, of=of))

    open_path, own_path = "/sandbox/clock", "/v1/me/health-book"
    with peers.upstream(folder) as target:
        add("no proxy", forwarded(target, open_path))
        with peers.nginx(target.url, folder) as reference:
            base = "no proxy" if reference is None else "nginx"
            if reference is not None:
                add("nginx", forwarded(reference, open_path))
        with peers.gateway(stack.environment_of("gateway"), folder, services=target.url) as ours:
            add("our gateway, open path", forwarded(ours, open_path), base)
            figure = forwarded(ours, own_path, Authorization=f"Bearer {token}")
            add("our gateway, token checked", figure, base)
        with peers.plain_proxy(target.url, folder) as plain:
            add("FastAPI + httpx2", forwarded(plain, open_path), base)


def main() -> int:
    """Measure, print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="measure these alone")
    options = parser.parse_args()
    report = Report()
    began = time.monotonic()
    try:
        stack = RunningStack.of_this_clone()
        report.says(
            f"load by {'wrk' if has_wrk() else 'our own client (wrk is not installed)'} on {stack.public_url}"
        )
        with tempfile.TemporaryDirectory(prefix="bench-", dir=stack.layout.var) as folder:
            measure(stack, report, Path(folder), options.only)
    except CommandFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    report.print()
    report.says(f"measured in {time.monotonic() - began:.0f} s; ratios hold for this machine and this run")
    if options.json:
        print(report.as_json())
    return 1 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
