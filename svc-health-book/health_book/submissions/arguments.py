"""What `record_visit` takes for a visit, whichever format it came in."""

from typing import Any
from uuid import UUID

from chassis.ids import new_id
from health_book.submissions.document import Visit
from health_book.submissions.repository import VisitArguments
from health_book.vault import Vault


def arguments_of(
    vault: Vault, position: int, visit: Visit, citizen_id: UUID | None, state: str
) -> VisitArguments:
    """Return the values of one visit; `state` says how it waits where its person is not known."""
    place = (visit.facility_code, visit.facility_visit_code)
    before = (
        citizen_id,
        new_id(),
        *place,
        visit.is_closed,
        visit.started_at,
        visit.ended_at,
        visit.condition_code,
        visit.condition_text,
        visit.overview.decode(),
        visit.document.decode(),
        vault.seal_patient(visit.patient.administrative, *place),
        vault.seal_sections(visit.sealed, *place),
        visit.digest,
    )
    after: tuple[Any, ...] = (None, None, state)
    if citizen_id is None:
        question = visit.patient.question
        after = (vault.seal_question(question), vault.index_of(question), state)
    return VisitArguments(position, visit.facility_visit_code, before, after)
