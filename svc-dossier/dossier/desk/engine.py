"""Takes one step of a dossier: the row of the table, its conditions, its effect, the move, the clocks, slips.

Everything that moves a filed dossier on the agency's side comes through here: officers, the applicant's
answers and payments, and the timers. The dossier's row is locked, so that of two at once one wins and the
other meets the table in the new status.
"""

from collections.abc import Collection
from typing import NoReturn
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from casework.transitions import PREVIOUS, Transition
from chassis.auth import Actor
from chassis.errors import FieldError, Invalid
from contracts.case_status import NationalStatus
from dossier.clocks import rules as clocks
from dossier.desk import papers, rules
from dossier.desk.case import Case
from dossier.desk.control_sheet import standing_of
from dossier.desk.effects import EFFECTS
from dossier.desk.errors import ConditionNotMet, SamePerson
from dossier.desk.facts import Ask, ResultKind
from dossier.desk.schemas import ActionIn
from dossier.desk.step import Step
from dossier.desk.table import SYSTEM, conditions_of, key_of, transitions
from dossier.desk.tools import Tools
from dossier.dossiers.models import DossierRow, HistoryRow
from dossier.dossiers.service import Move, change_status
from dossier.payments import requests as payments
from dossier.payments.requests import lines_of
from dossier.supplements import service as supplements

ENDS = frozenset({NationalStatus.NOT_ACCEPTED, NationalStatus.STOPPED, NationalStatus.COMPLETED})
_INSPECTING = frozenset({"council", "inspection"})


async def take(
    db: AsyncSession,
    tools: Tools,
    case: Case,
    action: str,
    roles: str | Collection[str],
    *,
    actor: Actor | None = None,
    body: ActionIn | None = None,
    missing_papers: Collection[str] = (),
    from_status: str | None = None,
) -> HistoryRow:
    """Take `action` for a holder of `roles`; return the new row of the history.

    The dossier is locked by the caller. `actor` is None for the system. Idempotent by nothing: a second time
    meets the table in the new status. `from_status` is START for a dossier that the desk enters.

    Raises:
        RoleMissing, IllegalTransition: the table has no such row for this role in this status.
        ConditionNotMet, SamePerson, Invalid: the row's conditions do not hold.
        UpstreamUnavailable: a result cannot be signed now; nothing has changed.
    """
    dossier = case.dossier
    transition = transitions().find(from_status or key_of(dossier.status), _row_action(action, body), roles)
    step = Step(
        db=db,
        tools=tools,
        case=case,
        transition=transition,
        actor=actor,
        body=body,
        ask=_ask(action, actor, body, case, tools, missing_papers),
        now=tools.clocks.legal_now(),
    )
    _require(step)
    await EFFECTS[transition.action](step)
    row = await _move(step)
    case.history.append(row)
    _set_clocks(step)
    await papers.issue(step)
    return row


def _row_action(action: str, body: ActionIn | None) -> str:
    """Return the row's action: consulting a council or an inspection is a row of its own."""
    if action == "consult" and body is not None and body.kind in _INSPECTING:
        return "inspect"
    return action


def _ask(
    action: str,
    actor: Actor | None,
    body: ActionIn | None,
    case: Case,
    tools: Tools,
    missing_papers: Collection[str],
) -> Ask:
    kind: ResultKind = "refused" if action == "deny" or (body and body.kind == "refused") else "granted"
    subject = actor.subject if actor is not None else SYSTEM
    if body is None:
        lines = lines_of(None, case.procedure, case.dossier.status)
        return Ask(subject=subject, amount_vnd=sum(line.amount_vnd for line in lines), kind=kind)
    lines = lines_of(body, case.procedure, case.dossier.status)
    proposed = case.proposed if action == "deny" else None
    return Ask(
        subject=subject,
        reason=body.reason or (proposed.reason if proposed else None),
        legal_basis=body.legal_basis or (proposed.legal_basis if proposed else None),
        items=tuple(body.items or ()),
        amount_vnd=sum(line.amount_vnd for line in lines),
        new_due_on=body.new_due_on,
        body=body.body,
        office_is_known=body.office is not None and tools.offices.find(body.office) is not None,
        papers_missing=tuple(missing_papers),
        kind=kind,
    )


def _require(step: Step) -> None:
    """Hold the conditions of the row. Raises: as `take`."""
    failed = rules.unmet(
        conditions_of(step.transition), step.case.facts(step.tools.calendar), step.ask, step.now
    )
    if not failed:
        return
    if failed[0].condition == "proposed_by_another":
        raise SamePerson(failed[0].text)
    fields = [FieldError(one.pointer, one.condition, one.text) for one in failed if one.pointer is not None]
    standing = [one for one in failed if one.pointer is None]
    if not standing:
        raise Invalid(errors=fields)
    _refuse(standing[0], step.transition)


def _refuse(failed: rules.Unmet, transition: Transition) -> NoReturn:
    raise ConditionNotMet(
        failed.text,
        extensions={"condition": failed.condition, "transition": transition.transition_id},
    )


async def _move(step: Step) -> HistoryRow:
    dossier, transition = step.case.dossier, step.transition
    before = dossier.status
    target = dossier.status_before if transition.to_status == PREVIOUS else int(transition.to_status)
    assert target is not None  # noqa: S101 - the database keeps the status before a withdrawal
    waited_until = {1: dossier.intake_due_at, 2: dossier.due_at, 4: dossier.due_at}.get(
        before, dossier.applicant_due_at
    )
    details = {**step.details, "standing": standing_of(step.now, waited_until)}
    if target in ENDS:
        supplements.close(step, step.now)
        payments.close(step, step.now)
        if step.case.proposal is not None:
            step.case.proposal.closed_at = step.case.proposal.closed_at or step.now
    move = Move(transition.transition_id, transition.action, target)
    return await change_status(
        step.db, dossier, move, step.actor, step.note, step.tools.clocks, details=details
    )


def _set_clocks(step: Step) -> None:
    """Count the days anew from the history, the new row included."""
    case, dossier, calendar = step.case, step.case.dossier, step.tools.calendar
    suspensions = case.waits
    if dossier.accepted_at is None and dossier.submitted_at is not None:
        intake = clocks.intake_deadline(step.tools.limits.intake, dossier.submitted_at, calendar, suspensions)
        dossier.intake_due_at = intake.due_at
    if dossier.accepted_at is not None and case.procedure.limit is not None:
        counted = clocks.processing_deadline(case.procedure.limit, dossier.accepted_at, calendar, suspensions)
        promised = clocks.promise(counted, case.apology, suspensions, calendar)
        dossier.due_on, dossier.due_at, dossier.deadline = (
            promised.due_on,
            promised.due_at,
            promised.document,
        )
    dossier.applicant_due_at = None
    if case.open_request is not None:
        dossier.applicant_due_at = case.open_request.due_at
    if case.open_round is not None:
        ends = (case.open_round.due_at, case.void_at(calendar))
        dossier.applicant_due_at = min(end for end in ends if end is not None)


def owner_for_log(dossier: DossierRow) -> UUID:
    """Return in whose access log a reading stands: the citizen's, or of who filed for the company."""
    if dossier.owner_kind == "citizen":
        return dossier.owner_id
    return dossier.acting_citizen_id or dossier.owner_id
