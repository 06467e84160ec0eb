"""Asking for payment and settling what was asked. Each effect runs inside one step."""

from dataclasses import asdict
from datetime import datetime

from casework.deadlines import due
from casework.payments.platform import PaymentLine
from contracts.case_status import NationalStatus
from dossier.desk.procedure import Procedure
from dossier.desk.schemas import ActionIn
from dossier.desk.step import Step
from dossier.payments.models import PaymentRequestRow


def lines_of(body: ActionIn | None, procedure: Procedure, status: int) -> tuple[PaymentLine, ...]:
    """Return what is to be paid: what the officer lists, else the procedure's fees of this stage."""
    if body is not None and body.lines:
        return tuple(PaymentLine(line.code, line.label, line.amount_vnd) for line in body.lines)
    if status == NationalStatus.SUBMITTED:
        return procedure.fees_before or procedure.fees_after
    return procedure.fees_after or procedure.fees_before


async def ask(step: Step) -> None:
    """Ask for payment, with its own deadline told in the request."""
    case, dossier = step.case, step.case.dossier
    lines = lines_of(step.body, case.procedure, dossier.status)
    deadline = due(step.tools.limits.payment, start_at=step.now, calendar=step.tools.calendar)
    row = PaymentRequestRow(
        dossier_id=dossier.dossier_id,
        number=len(case.requests) + 1,
        asked_before_acceptance=dossier.status == NationalStatus.SUBMITTED,
        asked_at=step.now,
        asked_by=step.subject,
        reason=step.ask.reason,
        lines=[asdict(line) for line in lines],
        amount_vnd=sum(line.amount_vnd for line in lines),
        due_at=deadline.due_at,
        deadline=deadline.document(),
        paid_at=None,
        closed_at=None,
    )
    step.db.add(row)
    case.requests.append(row)
    dossier.applicant_due_at = row.due_at
    step.note = step.ask.reason or f"Nộp {row.amount_vnd:,} đồng".replace(",", ".")
    step.details = {
        "request": row.number,
        "amount_vnd": row.amount_vnd,
        "due_on": deadline.due_on.isoformat(),
    }


async def told_of_payment(step: Step) -> None:
    """Say in the history what was paid; the request is closed by who took the notice."""
    row = step.case.requests[-1]
    step.note = f"Đã nộp {row.amount_vnd:,} đồng".replace(",", ".")
    step.details = {"request": row.number, "amount_vnd": row.amount_vnd}


async def stop_unpaid(step: Step) -> None:
    """Close the request unpaid."""
    close(step, step.now)
    step.note = step.ask.reason or "Hết hạn nộp phí, lệ phí"


def close(step: Step, at: datetime) -> None:
    """Close the open request, if there is one."""
    row = step.case.open_request
    if row is not None:
        row.closed_at = at
