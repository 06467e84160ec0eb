"""What citizens and offices do with cases: certificates are issued and verified, dossiers are filed."""

import asyncio
import functools
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import orjson
from pypdf import PdfReader

from deploy.bench.flows import Reader, pids_of
from deploy.bench.journeys import Caller, Journey, Refused, play
from deploy.bench.load import Figure, hammer, request_to
from deploy.bench.peers import Peer
from deploy.cli.stack import RunningStack
from deploy.cli.tokens import token_for
from deploy.demo.certificate import CHECKS, LEADER, MINE, OFFICE, OFFICER
from deploy.demo.dossier import COSMETICS, FORM, SMALL_PDF
from deploy.demo.dossier import MINE as MY_DOSSIERS

FORMS = (1, 2)
WAIT_SECONDS = 40.0
VERIFIED = 12
PAPERS = ("paper-1", "paper-2")
_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate as its holder has it."""

    number: str
    code: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class _Case:
    application_id: str
    holder: Reader


def issue(
    stack: RunningStack, gateway: Peer, people: Sequence[Reader], seconds: float
) -> tuple[Figure, list[Issued]]:
    """Let everybody apply for both forms and an officer propose; measure the leader's approvals alone."""
    officer, leader = token_for(stack, OFFICER), token_for(stack, LEADER)

    async def measured() -> tuple[Figure, list[Issued]]:
        cases: list[_Case] = []
        approved: list[_Case] = []
        wanted = [(person, form) for person in people for form in FORMS]
        prepare = (functools.partial(_apply, person, form, cases) for person, form in wanted)
        await _all(gateway.url, prepare)
        await _all(gateway.url, (functools.partial(_propose, case, officer) for case in cases))
        figure = await play(
            gateway.url,
            (functools.partial(_approve, case, leader, approved) for case in cases),
            connections=8,
            seconds=seconds,
            pids=pids_of(stack, gateway),
        )
        issued: list[Issued] = []
        await _all(gateway.url, (functools.partial(_fetch, case, issued) for case in approved[:VERIFIED]))
        return figure, issued

    return asyncio.run(measured())


async def _all(url: str, journeys: Iterator[Journey]) -> None:
    """Do what has to be there before something is measured."""
    figure = await play(url, journeys, connections=6, seconds=120.0)
    if figure.errors:
        raise RuntimeError("what is to be measured could not be prepared")


async def _apply(person: Reader, form: int, cases: list[_Case], caller: Caller) -> None:
    body = {
        "form": form,
        "purpose": "Xin việc làm",
        "delivery": "electronic",
        "copies": 1,
        "include_bans": False,
        "fee_group": "poor_household",
    }
    status, answer = await caller.send("POST", MINE, person.token, body)
    if status == 409:  # an earlier run was broken off half-way
        left = orjson.loads(answer)["application_id"]
        await caller.require("POST", f"{MINE}/{left}/withdrawal", person.token, {"reason": "Nộp lại"})
        status, answer = await caller.send("POST", MINE, person.token, body)
    if status >= 300:
        raise Refused(f"application {status}: {answer[:300]!r}")
    cases.append(_Case(orjson.loads(answer)["id"], person))


async def _propose(case: _Case, officer: str, caller: Caller) -> None:
    end = time.monotonic() + WAIT_SECONDS
    path = f"{MINE}/{case.application_id}"
    while True:
        shown = orjson.loads(await caller.require("GET", path, case.holder.token))
        if shown["status"] == "checking":
            break
        if time.monotonic() > end:
            raise Refused(f"application is {shown['status']} and not looked up")
        await asyncio.sleep(0.2)
    await _act(case, officer, "propose", caller)


async def _approve(case: _Case, leader: str, approved: list[_Case], caller: Caller) -> None:
    await _act(case, leader, "approve", caller)
    approved.append(case)


async def _act(case: _Case, officer: str, action: str, caller: Caller) -> None:
    await caller.require("POST", f"{OFFICE}/{case.application_id}/actions", officer, {"action": action})


async def _fetch(case: _Case, issued: list[Issued], caller: Caller) -> None:
    path = f"{MINE}/{case.application_id}/certificate.pdf"
    pdf = await caller.require("GET", path, case.holder.token)
    status, answer = await caller.send("POST", CHECKS, "", pdf, {"Content-Type": "application/pdf"})
    said = orjson.loads(answer)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    code = _CODE.search(text)
    if status != 200 or said["status"] != "valid" or code is None:
        raise Refused(f"verification {status}: {answer[:300]!r}")
    issued.append(Issued(said["number"], code[0], pdf))


def file_requests(gateway: Peer, certificates: Sequence[Issued]) -> list[bytes]:
    """Return checks of unchanged files."""
    headers = {"Content-Type": "application/pdf"}
    return [request_to(gateway.url, CHECKS, headers=headers, body=one.pdf) for one in certificates]


def code_requests(gateway: Peer, certificates: Sequence[Issued]) -> list[bytes]:
    """Return checks by number and code."""
    headers = {"Content-Type": "application/json"}
    return [
        request_to(
            gateway.url, CHECKS, headers=headers, body=orjson.dumps({"number": one.number, "code": one.code})
        )
        for one in certificates
    ]


def verify(stack: RunningStack, gateway: Peer, requests: Sequence[bytes], seconds: int) -> Figure:
    """Return the figure of verifiers asking in turns."""
    return hammer(gateway.url, requests, connections=32, seconds=seconds, pids=pids_of(stack, gateway))


def file_dossiers(stack: RunningStack, gateway: Peer, people: Sequence[Reader], seconds: float) -> Figure:
    """Return the figure of dossiers drafted, given two papers and submitted, one after the other."""
    turns = itertools.cycle(people)
    journeys = (functools.partial(_file, person) for person in turns)
    return asyncio.run(
        play(gateway.url, journeys, connections=16, seconds=seconds, pids=pids_of(stack, gateway))
    )


async def _file(person: Reader, caller: Caller) -> None:
    body = {"procedure_code": COSMETICS, "form": FORM}
    draft = orjson.loads(await caller.require("POST", MY_DOSSIERS, person.token, body))
    headers = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="paper.pdf"'}
    for slot in PAPERS:
        path = f"{MY_DOSSIERS}/{draft['id']}/attachments/{slot}"
        await caller.require("PUT", path, person.token, SMALL_PDF, headers)
    await caller.require("POST", f"{MY_DOSSIERS}/{draft['id']}/submission", person.token, {})
