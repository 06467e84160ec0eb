"""Supplement rounds: asked, extended, amended, answered, closed. Each effect runs inside one step."""

from datetime import datetime, timedelta

from casework.deadlines import due, legal_day
from casework.time_limits import start_of
from chassis.errors import FieldError, Invalid, Text
from contracts.case_status import NationalStatus
from dossier.desk.papers import supplement_slip
from dossier.desk.step import Step, certain
from dossier.supplements.models import SupplementRoundRow

BEFORE_ACCEPTANCE = frozenset({0, int(NationalStatus.SUBMITTED)})


async def ask(step: Step) -> None:
    """Open a round: one complete list, with the applicant's own deadline."""
    case, dossier = step.case, step.case.dossier
    limit = case.rule.applicant or step.tools.limits.applicant
    deadline = due(limit, start_at=step.now, calendar=step.tools.calendar)
    row = SupplementRoundRow(
        dossier_id=dossier.dossier_id,
        round=dossier.supplement_round + 1,
        revision=1,
        asked_before_acceptance=dossier.status in BEFORE_ACCEPTANCE,
        asked_at=step.now,
        asked_by=step.subject,
        asked_by_organisation=step.organisation,
        reason=step.ask.reason,
        items=list(step.ask.items),
        due_on=deadline.due_on,
        due_at=deadline.due_at,
        deadline=deadline.document(),
        extensions=0,
        answered_at=None,
        closed_at=None,
    )
    step.db.add(row)
    case.rounds.append(row)
    dossier.supplement_round = row.round
    dossier.applicant_due_at = row.due_at
    step.note = _told(row)
    step.details = {"round": row.round, "due_on": row.due_on.isoformat(), "rule": case.rule.rule_id}
    supplement_slip(step, row)


async def extend(step: Step) -> None:
    """Give the applicant more time: until the day named, at most once more the whole time.

    Raises: Invalid for a day that is not after the present one, or further than the whole time once more.
    """
    row = _open(step)
    limit = step.case.rule.applicant or step.tools.limits.applicant
    longest = due(limit, start_at=row.due_at - timedelta(seconds=1), calendar=step.tools.calendar)
    wanted = step.body.new_due_on if step.body is not None else None
    old = row.due_on
    if wanted is None or wanted == longest.due_on:
        row.due_on, row.due_at, row.deadline = longest.due_on, longest.due_at, longest.document()
    elif row.due_on < wanted < longest.due_on:
        row.due_on, row.due_at = wanted, start_of(wanted + timedelta(days=1))
        row.deadline = {
            **row.deadline,
            "due_on": wanted.isoformat(),
            "due_at": row.due_at.isoformat().replace("+00:00", "Z"),
        }
    else:
        text = Text(
            vi=f"Ngày mới phải sau {old} và không quá {longest.due_on}.",
            en=f"The new day lies after {old} and not after {longest.due_on}.",
        )
        raise Invalid(errors=[FieldError("/new_due_on", "later_due_day", text)])
    row.extensions += 1
    step.case.dossier.applicant_due_at = row.due_at
    step.note = step.ask.reason
    step.details = {"round": row.round, "old_due_on": old.isoformat(), "due_on": row.due_on.isoformat()}


async def amend(step: Step) -> None:
    """Replace the list of the open round; the new slip takes the place of the old one."""
    row = _open(step)
    row.items = list(step.ask.items)
    row.reason = step.ask.reason or row.reason
    row.revision += 1
    step.note = _told(row)
    step.details = {"round": row.round, "revision": row.revision, "replaces_revision": row.revision - 1}
    supplement_slip(step, row)


async def take_answer(step: Step) -> None:
    """Close the round with its answer."""
    row = _open(step)
    row.answered_at = row.closed_at = step.now
    step.note = step.ask.reason
    step.details = {"round": row.round, "asked_on": legal_day(row.asked_at).isoformat()}


async def close_unanswered(step: Step) -> None:
    """Close the round without an answer, and say why the dossier ends."""
    row = _open(step)
    row.closed_at = step.now
    rule = step.case.rule
    if step.transition.action == "stop_void":
        step.note = f"Hồ sơ hết giá trị theo {rule.legal_basis}; phải nộp hồ sơ mới."
    else:
        step.note = f"Không bổ sung đúng hạn (hạn {row.due_on:%d/%m/%Y}); có thể nộp hồ sơ mới."
    step.details = {"round": row.round, "rule": rule.rule_id, "when_exceeded": rule.when_exceeded}


def close(step: Step, at: datetime) -> None:
    """Close the open round, if there is one, since the dossier has ended."""
    row = step.case.open_round
    if row is not None:
        row.closed_at = at


def _open(step: Step) -> SupplementRoundRow:
    return certain(step.case.open_round)


def _told(row: SupplementRoundRow) -> str:
    listed = "; ".join(row.items)
    return f"{row.reason}: {listed}" if row.reason else listed
