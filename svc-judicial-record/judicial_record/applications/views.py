"""Applications as they are shown; pure functions over rows and what the vault has opened."""

from collections.abc import Sequence
from typing import Any, cast

from chassis.errors import Text
from contracts.case_status import NationalStatus
from contracts.events.judicial_record import ApplicationStatus
from judicial_record.applications.journal import OVERDUE
from judicial_record.applications.models import ApplicationRow, StepRow, SupplementRow
from judicial_record.applications.reference import done_texts, offices, status_words
from judicial_record.applications.schemas import (
    ApplicationOut,
    ApplicationOverviewOut,
    CertificateOut,
    NationalStatusOut,
    NextOut,
    StepOut,
    SupplementOut,
    WhoOut,
    WordsOut,
)
from judicial_record.applications.vault import ApplicationVault

_ROLES = {
    "applicant": Text(vi="Người yêu cầu", en="Applicant"),
    "system": Text(vi="Hệ thống", en="System"),
    "office": Text(vi="Cơ quan cấp Phiếu", en="Issuing office"),
    "judicial_officer": Text(vi="Chuyên viên", en="Officer"),
    "judicial_leader": Text(vi="Lãnh đạo", en="Leader"),
    "other_body": Text(vi="Cơ quan được đề nghị xác minh", en="Body asked to verify"),
    "nobody": Text(vi="Không ai", en="Nobody"),
}
_OF_THE_OFFICE = frozenset({"office", "judicial_officer", "judicial_leader"})
_OVERDUE_TEXT = Text(vi="Quá hạn giải quyết", en="The day has passed")


def national_out(number: int) -> NationalStatusOut:
    """Return a national status in words."""
    status = NationalStatus(number)
    return NationalStatusOut(number=int(status), name=status.slug, label=words(status.label))


def words(text: Text | dict[str, str]) -> WordsOut:
    """Return a text as a wire shape."""
    return WordsOut(vi=text["vi"], en=text["en"])


def who_out(role: str, office: str) -> WhoOut:
    """Return a role in words, with the office where the role is one of it."""
    named = words(offices()[office].name) if role in _OF_THE_OFFICE and office in offices() else None
    return WhoOut(role=role, label=words(_ROLES[role]), office=named)


def what_of(action: str) -> Text:
    """Return what is said of an action once it is done."""
    return _OVERDUE_TEXT if action == OVERDUE else done_texts()[action]


def overview_of(row: ApplicationRow) -> ApplicationOverviewOut:
    """Return an application as a line of a list."""
    return ApplicationOverviewOut(**_overview(row))


def application_out(
    row: ApplicationRow,
    steps: Sequence[StepRow],
    supplements: Sequence[SupplementRow],
    vault: ApplicationVault,
    certificate: CertificateOut | None = None,
) -> ApplicationOut:
    """Return an application in full, as its applicant may see it."""
    holder = vault.open_holder(row.holder, row.application_id)
    return ApplicationOut(
        **_overview(row),
        purpose=holder.purpose,
        purpose_code=row.purpose_code,
        delivery=cast("Any", row.delivery),
        copies=row.copies,
        include_bans=row.include_bans,
        office=words(offices()[row.office].name),
        fee=vault.open("fee", row.application_id, row.fee),
        submitted_at=row.submitted_at,
        accepted_at=row.accepted_at,
        finished_at=row.finished_at,
        deadline=row.deadline,
        reason=vault.open("reason", row.application_id, row.reason),
        certificate=certificate,
        next=next_out(row),
        supplements=[_supplement(one, vault) for one in supplements],
        steps=[step_out(step, vault) for step in steps if step.is_public],
    )


def next_out(row: ApplicationRow) -> NextOut:
    """Return what happens next; no end is told where nobody has to act."""
    of_status = status_words()[row.status]
    until = row.waits_until if of_status.next_who == "applicant" else row.due_at
    return NextOut(
        who=who_out(of_status.next_who, row.office),
        text=words(of_status.next_text),
        until=None if of_status.next_who == "nobody" else until,
    )


def step_out(step: StepRow, vault: ApplicationVault) -> StepOut:
    """Return a step; a note that is no sentence is for the office and not told."""
    note = vault.open("note", step.application_id, step.note)
    return StepOut(
        at=step.at,
        action=step.action,
        what=words(what_of(step.action)),
        who=who_out(step.role, step.office),
        status=cast("ApplicationStatus", step.status),
        national_status=national_out(step.national_path[-1]),
        note=note if isinstance(note, str) else None,
        due_at=step.due_at,
    )


def _overview(row: ApplicationRow) -> dict[str, Any]:
    return {
        "id": row.application_id,
        "code": row.code,
        "form": row.form,
        "status": row.status,
        "status_label": words(status_words()[row.status].label),
        "national_status": national_out(row.national_status),
        "created_at": row.created_at,
        "due_at": row.due_at,
        "is_overdue": row.overdue_at is not None,
        "version": row.version,
    }


def _supplement(row: SupplementRow, vault: ApplicationVault) -> SupplementOut:
    return SupplementOut(
        round=row.round,
        asked_for=vault.open("asked_for", row.application_id, row.asked_for),
        asked_at=row.asked_at,
        answered_at=row.answered_at,
    )
