"""What each step does besides moving the status, by its name in the table."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select

from casework.deadlines import TimeLimit, due
from chassis.errors import RoleMissing
from dossier.desk.models import InnerRequestRow
from dossier.desk.papers import apology_slip, refusal_slip
from dossier.desk.step import Effect, Step, certain
from dossier.desk.table import DESK, LEADER
from dossier.payments import requests as payments
from dossier.results import service as results
from dossier.supplements import service as supplements

NO_INSPECTION = "consultation"


async def tell(step: Step) -> None:
    """Only say why."""
    step.note = step.ask.reason


async def accept(step: Step) -> None:
    """Take the dossier in; papers that were waited for are there now."""
    if step.case.open_round is not None:
        await supplements.take_answer(step)
    step.note = step.ask.reason


async def refuse(step: Step) -> None:
    """Refuse at intake, with slip 03."""
    step.note = f"{step.ask.reason} (căn cứ: {step.ask.legal_basis})"
    refusal_slip(step)


async def assign(step: Step) -> None:
    """Give the dossier to an officer: anyone takes it for oneself, a leader gives it to others.

    Raises: RoleMissing.
    """
    wanted = step.body.officer_id if step.body is not None else None
    officer = wanted or UUID(step.subject)
    roles = step.actor.roles if step.actor is not None else frozenset()
    if str(officer) != step.subject and not roles & {LEADER, DESK}:
        raise RoleMissing(action="assign")
    step.case.dossier.assigned_to = officer


async def forward(step: Step) -> None:
    """Hand the dossier to another organisation; it is nobody's there yet."""
    dossier, office = step.case.dossier, certain(certain(step.body).office)
    step.details = {"from": dossier.agency_code, "to": office}
    dossier.agency_code, dossier.assigned_to = office, None
    step.note = step.ask.reason


async def consult(step: Step) -> None:
    """Ask another body, a council or an inspection; the clock runs on."""
    body = certain(step.body)
    days = body.limit_days
    limit = TimeLimit(days, "working_day", "set by the officer") if days else step.tools.limits.consultation
    deadline = due(limit, start_at=step.now, calendar=step.tools.calendar)
    known = select(func.count()).where(InnerRequestRow.dossier_id == step.case.dossier.dossier_id)
    number = int((await step.db.execute(known)).scalar_one()) + 1
    kind = body.kind if step.transition.action == "inspect" else NO_INSPECTION
    step.db.add(
        InnerRequestRow(
            dossier_id=step.case.dossier.dossier_id,
            number=number,
            kind=kind or NO_INSPECTION,
            body=certain(body.body),
            question=body.question,
            asked_at=step.now,
            asked_by=step.subject,
            due_at=deadline.due_at,
            deadline=deadline.document(),
        )
    )
    step.details = {"number": number, "kind": kind, "due_on": deadline.due_on.isoformat()}


async def apologise(step: Step) -> None:
    """Promise a new day before the old one has passed, with slip 04."""
    dossier = step.case.dossier
    step.note = step.ask.reason
    step.details = {
        "old_due_on": certain(dossier.due_on).isoformat(),
        "new_due_on": certain(step.ask.new_due_on).isoformat(),
    }
    apology_slip(step, certain(dossier.due_at))


EFFECTS: Mapping[str, Effect] = {
    "accept_at_counter": accept,
    "accept_by_post": accept,
    "refuse_on_arrival": refuse,
    "request_supplement_on_arrival": supplements.ask,
    "accept": accept,
    "refuse": refuse,
    "request_supplement": supplements.ask,
    "extend_supplement": supplements.extend,
    "amend_supplement": supplements.amend,
    "answer_before_acceptance": supplements.take_answer,
    "answer_in_processing": supplements.take_answer,
    "stop_not_brought": supplements.close_unanswered,
    "stop_void": supplements.close_unanswered,
    "request_payment": payments.ask,
    "confirm_payment_before_acceptance": payments.told_of_payment,
    "confirm_payment_in_processing": payments.told_of_payment,
    "stop": tell,
    "confirm_withdrawal": tell,
    "decline_withdrawal": tell,
    "start": tell,
    "assign": assign,
    "forward": forward,
    "consult": consult,
    "inspect": consult,
    "apologise": apologise,
    "propose": results.propose,
    "sign": results.sign,
    "deny": results.sign,
    "publish": results.publish,
    "return_result": tell,
    "replace_result": results.replace,
    "revoke_result": results.revoke,
}
"""The applicant's own steps (drafts, submission, withdrawal) are not here: they belong to `dossiers`."""
