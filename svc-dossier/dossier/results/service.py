"""Results: what one officer proposes another signs; a correction and a revocation are papers of their own."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import func, select

from casework.numbering import next_number, result_code
from casework.qr import svg
from casework.signing import Signature
from casework.slip_forms import day_in_words
from chassis.clock import LEGAL_ZONE
from chassis.errors import UpstreamUnavailable
from chassis.ids import new_id
from chassis.keys import KeyUnavailable
from dossier.desk.case import PROPOSAL_KIND
from dossier.desk.papers import applicant_of, lookup_url
from dossier.desk.step import Step, certain
from dossier.results.models import ProposalRow, ResultRow

Kind = Literal["granted", "refused", "published", "revocation"]

TEMPLATE = Path(__file__).parent / "templates" / "result.typ"
CONTENT_KIND, DOCUMENT_KIND = "results.content", "results.document"
MINISTRY = "bo-y-te"
_TITLES: dict[Kind, str] = {
    "granted": "Kết quả giải quyết thủ tục hành chính",
    "refused": "Văn bản từ chối cấp",
    "published": "Số công bố",
    "revocation": "Quyết định thu hồi kết quả",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What a signed paper says."""

    kind: Kind
    content: str
    reason: str | None = None
    legal_basis: str | None = None
    replaces: ResultRow | None = None


async def propose(step: Step) -> None:
    """Propose a result; a later proposal takes the place of an earlier one."""
    case = step.case
    if case.proposal is not None:
        case.proposal.closed_at = step.now
        await step.db.flush()
    count = select(func.count()).where(ProposalRow.dossier_id == case.dossier.dossier_id)
    number = int((await step.db.execute(count)).scalar_one()) + 1
    content = {
        "reason": step.ask.reason,
        "legal_basis": step.ask.legal_basis,
        "content": step.body.content if step.body is not None else None,
    }
    step.db.add(
        ProposalRow(
            dossier_id=case.dossier.dossier_id,
            number=number,
            kind=step.ask.kind,
            proposed_by=step.subject,
            proposed_at=step.now,
            content=step.tools.vault.seal_json(content, PROPOSAL_KIND, case.dossier.dossier_id),
            closed_at=None,
        )
    )
    step.details = {"proposal": number, "kind": step.ask.kind}


async def sign(step: Step) -> None:
    """Sign what was proposed: granted, or refused on the merits, which is a result too."""
    proposal, row = certain(step.case.proposed), certain(step.case.proposal)
    row.closed_at = step.now
    if proposal.kind == "refused":
        reason, basis = step.ask.reason or proposal.reason, step.ask.legal_basis or proposal.legal_basis
        paper = Paper("refused", proposal.content or "", reason, basis)
        step.note = f"{reason} (căn cứ: {basis})"
    else:
        paper = Paper("granted", proposal.content or "Chấp thuận đề nghị trong hồ sơ.")
    await _issue(step, paper)


async def publish(step: Step) -> None:
    """Give the number of a publication on receipt, under the agency's seal alone."""
    await _issue(step, Paper("published", "Công bố có hiệu lực từ ngày tiếp nhận."))


async def replace(step: Step) -> None:
    """Sign a corrected result; the old one is no longer in force."""
    old = certain(step.case.result)
    old.state = "replaced"
    await step.db.flush()
    content = step.body.content if step.body is not None else None
    earlier = step.tools.vault.open_json(old.content, CONTENT_KIND, old.result_id)
    kind: Kind = "refused" if old.kind == "refused" else "granted"
    await _issue(step, Paper(kind, content or earlier["content"], step.ask.reason, replaces=old))
    step.note = step.ask.reason


async def revoke(step: Step) -> None:
    """Revoke the result by a decision of its own."""
    old = certain(step.case.result)
    old.state = "revoked"
    await step.db.flush()
    paper = Paper(
        "revocation", f"Thu hồi kết quả số {old.code}.", step.ask.reason, step.ask.legal_basis, replaces=old
    )
    await _issue(step, paper)
    step.note = step.ask.reason


async def _issue(step: Step, paper: Paper) -> None:
    """Number, print, sign and keep a paper. Raises: UpstreamUnavailable when there is no key to sign with."""
    tools, case = step.tools, step.case
    series = f"KQ.{tools.result_prefix}"
    code = result_code(tools.result_prefix, await next_number(step.db, series, ""))
    pdf = await tools.printer.print(TEMPLATE, _data(step, paper, code))
    try:
        signed = await tools.signer.sign(pdf, *_signatures(step, paper))
    except KeyUnavailable as missing:
        raise UpstreamUnavailable(peer="signing", reason=str(missing)) from missing
    row = ResultRow(
        result_id=new_id(),
        dossier_id=case.dossier.dossier_id,
        code=code,
        kind=paper.kind,
        state="valid",
        replaces_id=paper.replaces.result_id if paper.replaces is not None else None,
        issued_at=step.now,
        signed_by=step.subject,
        signer_organisation=step.organisation,
        signature_level=signed.level,
        content=b"",
        document=b"",
        sha256=hashlib.sha256(signed.content).digest(),
    )
    said = {"content": paper.content, "reason": paper.reason, "legal_basis": paper.legal_basis}
    row.content = tools.vault.seal_json(said, CONTENT_KIND, row.result_id)
    row.document = tools.vault.seal_bytes(signed.content, DOCUMENT_KIND, row.result_id)
    step.db.add(row)
    case.result = None if paper.kind == "revocation" else row
    step.details = {"result_code": code, "kind": paper.kind} | (
        {"replaces": paper.replaces.code} if paper.replaces is not None else {}
    )


def _signatures(step: Step, paper: Paper) -> tuple[Signature, ...]:
    reason = f"{_TITLES[paper.kind]} {step.case.dossier.code}"
    if paper.kind == "published":
        return (Signature(by=f"{MINISTRY}.seal", field="seal", reason=reason, certify=True),)
    return (
        Signature(by=f"{step.organisation}.leader", field="leader", reason=reason, certify=True),
        Signature(by=f"{step.organisation}.seal", field="seal", reason=reason),
    )


def _data(step: Step, paper: Paper, code: str) -> dict[str, Any]:  # Any: JSON values of the template
    day = step.now.astimezone(LEGAL_ZONE).date()
    return {
        "title": _TITLES[paper.kind],
        "agency": step.tools.offices.name_of(step.organisation)["vi"],
        "code": code,
        "dossier_code": step.case.dossier.code or "",
        "applicant": applicant_of(step.case.dossier, step.tools),
        "procedure": step.case.procedure.name,
        "content": paper.content,
        "reason": paper.reason or "",
        "legal_basis": paper.legal_basis or "",
        "replaces": paper.replaces.code if paper.replaces is not None else "",
        "is_revocation": paper.kind == "revocation",
        "issued_day": day_in_words(day),
        "issued_on": {"year": day.year, "month": day.month, "day": day.day},
        "lookup_url": lookup_url(step.tools),
        "lookup_qr": svg(lookup_url(step.tools)),
    }
