"""The measures of cases: certificates, dossiers and what the national portal is told of them."""

from dataclasses import dataclass
from pathlib import Path

from casework.qr import svg
from deploy.bench import backlog, cases, flows, papers, peers, rivals
from deploy.bench.load import hammer
from deploy.bench.report import Line, Report
from deploy.cli.stack import RunningStack, services_named
from deploy.demo.dossier import SMALL_PDF
from judicial_record.certificates.paper import verification_address

ISSUING = "Certificates issued: number, PDF, two signatures with time stamps, commit (to reach: 20/s)"
VERIFYING = "Certificates verified (to reach: 1,000/s)"
FILING = "Dossiers filed: draft, two attachments, submission"
TELLING = f"Statuses told to the national portal, {backlog.DELAY_MS} ms an answer (to reach: 350/s)"
SECONDS = 5
STATUSES = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """What every measure needs."""

    stack: RunningStack
    report: Report
    folder: Path
    gateway: peers.Peer
    people: list[flows.Reader]


def certificates(run: Run) -> None:
    """Measure issuing, then checking what was issued."""
    seals = run.stack.layout.keys / "judicial-record" / "seals"
    address = verification_address(run.stack.public_url, "0001/2026/G01-LLTP", "0000-0000-0000-0000")
    alone = papers.print_and_sign(seals, str(svg(address)), SECONDS)
    run.report.add(ISSUING, Line("typst + pyHanko alone", "PDFs/s", alone))
    people = run.people + flows.applicants(run.stack)
    run.report.says(f"{len(people)} people apply for both forms, an officer proposes, the leader approves")
    figure, issued = cases.issue(run.stack, run.gateway, people, seconds=12.0)
    run.report.add(
        ISSUING, Line("ours", "approvals/s", figure.per_second, figure, of="typst + pyHanko alone")
    )
    _verifying(run, issued)


def _verifying(run: Run, issued: list[cases.Issued]) -> None:
    roots = run.stack.layout.keys / "pki" / "roots.pem"
    alone = papers.verify(issued[0].pdf, roots, 2.0)
    run.report.add(VERIFYING, Line("pyHanko alone", "files/s", alone))
    files = cases.file_requests(run.gateway, issued)
    size = len(issued[0].pdf) >> 10
    settings = run.stack.environment_of("gateway")
    with (
        peers.upstream(run.folder) as target,
        peers.gateway(settings, run.folder, services=target.url) as plain,
    ):
        limit = hammer(
            plain.url,
            cases.file_requests(plain, issued),
            connections=32,
            seconds=3,
            pids={"gateway": plain.pid},
        )
        name = f"our gateway, {size} KB to a plain answer"
        run.report.add(VERIFYING, Line(name, "answers/s", limit.per_second, limit))
    for line, requests, of in (
        ("ours, by file, beside the gateway", files, name),
        ("ours, by file, beside pyHanko", files, "pyHanko alone"),
        ("ours, by number and code", cases.code_requests(run.gateway, issued), name),
    ):
        figure = cases.verify(run.stack, run.gateway, requests, SECONDS)
        run.report.add(VERIFYING, Line(line, "answers/s", figure.per_second, figure, of=of))


def filing(run: Run, owner_url: str) -> None:
    """Measure whole dossiers, four requests each."""
    limit = rivals.asyncpg_writes(owner_url, 3)
    run.report.add(FILING, Line("raw asyncpg, one commit", "inserts/s", limit))
    run.report.says(f"each with two papers of {len(SMALL_PDF)} bytes, on 16 connections")
    figure = cases.file_dossiers(run.stack, run.gateway, run.people, seconds=SECONDS + 1)
    line = Line(
        "ours, four requests each", "dossiers/s", figure.per_second, figure, of="raw asyncpg, one commit"
    )
    run.report.add(FILING, line)


def portal(run: Run) -> None:
    """Measure how a backlog is worked off, and the sender's memory meanwhile."""
    url = run.stack.database_url(services_named("national-portal-sync")[0])
    with backlog.slow_portal(run.stack.public_url):
        drained = backlog.drain(url, flows.pids_of(run.stack, run.gateway), least=STATUSES)
    one_by_one = 1000 / (2 * backlog.DELAY_MS)
    run.report.add(TELLING, Line("one dossier after the other, at best", "statuses/s", one_by_one))
    figure = drained.figure
    line = Line("ours", "statuses/s", figure.per_second, figure, of="one dossier after the other, at best")
    run.report.add(TELLING, line)
    run.report.says(
        f"{figure.answers} in rounds of {drained.backlog}; the sender grew by {drained.grown_mib:.1f} MiB"
    )
