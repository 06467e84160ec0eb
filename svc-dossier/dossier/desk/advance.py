"""What happens to a dossier by itself: publication on receipt, payment confirmed, time run out, the result of
a dossier filed online returned.

Each is a row of the table that the role `system` may take; which one is decided by the case as it stands.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.case_status import NationalStatus
from dossier.desk import rules
from dossier.desk.case import Case
from dossier.desk.engine import take
from dossier.desk.table import SYSTEM
from dossier.desk.tools import Tools


def next_step(case: Case, tools: Tools, now: datetime) -> str | None:
    """Return the step that the system takes now, or None."""
    status = case.dossier.status
    if status == NationalStatus.SUBMITTED and case.procedure.is_publication:
        return "publish" if case.is_paid else "request_payment"
    if status == NationalStatus.AWAITING_PAYMENT:
        return _of_payment(case, now)
    if status == NationalStatus.AWAITING_SUPPLEMENT:
        return _of_supplement(case, tools, now)
    if status == NationalStatus.COMPLETED and case.dossier.channel == "online":
        return "return_result"  # at once (T70): it lies in its owner's hands from the signature on
    return None


async def advance(db: AsyncSession, tools: Tools, case: Case) -> bool:
    """Take the system's steps, as long as there is one, on a dossier that the caller has locked.

    Returns whether any was taken. Each step leaves the status that called for it, so it ends.
    """
    has_moved = False
    while (action := next_step(case, tools, tools.clocks.legal_now())) is not None:
        await take(db, tools, case, action, SYSTEM)
        has_moved = True
    return has_moved


def _of_payment(case: Case, now: datetime) -> str | None:
    request = case.open_request
    if request is not None:
        return "stop" if now > request.due_at else None
    if case.procedure.is_publication:
        return "publish"
    asked_first = bool(case.requests) and case.requests[-1].asked_before_acceptance
    return "confirm_payment_before_acceptance" if asked_first else "confirm_payment_in_processing"


def _of_supplement(case: Case, tools: Tools, now: datetime) -> str | None:
    facts = case.facts(tools.calendar)
    if rules.is_void(facts, now):
        return "stop_void"
    if rules.is_refused_after_last_round(facts, now):
        return None  # the law wants a letter, which a person signs
    return "stop_not_brought" if facts.answer_due_at is not None and now > facts.answer_due_at else None
