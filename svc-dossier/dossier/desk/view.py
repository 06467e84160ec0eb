"""A case as officers see it."""

from collections.abc import Sequence
from typing import Any

from casework.deadlines import Deadline
from chassis.auth import Actor
from contracts.case_status import NationalStatus
from dossier.attachments.models import AttachmentRow
from dossier.clocks import rules as clocks
from dossier.desk.case import Case
from dossier.desk.control_sheet import ControlStep, control_sheet
from dossier.desk.models import InnerRequestRow
from dossier.desk.schemas import ControlOut, DossierWorkOut, RoundOut, StepOut
from dossier.desk.table import key_of, label_of, transitions
from dossier.desk.tools import Tools
from dossier.dossiers.schemas import Labels
from dossier.dossiers.status import status_out
from dossier.results.models import ResultRow
from dossier.supplements.models import SupplementRoundRow
from dossier.supplements.reference import SupplementRule

Json = dict[str, Any]  # Any: JSON members
SYSTEM_NAME = Labels(vi="Hệ thống", en="The system")
APPLICANT_NAME = Labels(vi="Người nộp hồ sơ", en="The applicant")
_NOT_OF_OFFICERS = "("


def work_out(
    case: Case,
    tools: Tools,
    actor: Actor,
    *,
    attachments: Sequence[AttachmentRow],
    inner_requests: Sequence[InnerRequestRow],
    results: Sequence[ResultRow],
) -> DossierWorkOut:
    """Return a dossier with everything that decides about it and explains its days."""
    dossier, vault, now = case.dossier, tools.vault, tools.clocks.legal_now()
    due_at = dossier.due_at if dossier.accepted_at is not None else dossier.intake_due_at
    running = dossier.status in (NationalStatus.SUBMITTED, NationalStatus.ACCEPTED, NationalStatus.PROCESSING)
    return DossierWorkOut(
        id=dossier.dossier_id,
        code=dossier.code or "",
        version=dossier.version,
        procedure_code=dossier.procedure_code,
        procedure_name=case.procedure.name,
        status=status_out(dossier.status),
        status_reason=dossier.status_reason,
        channel=dossier.channel,
        office=Labels(**tools.offices.name_of(dossier.agency_code)),
        office_code=dossier.agency_code,
        assigned_to=dossier.assigned_to,
        owner_kind=dossier.owner_kind,
        parties=vault.open_json(dossier.parties, "dossiers.parties", dossier.dossier_id)
        if dossier.parties
        else {},
        form=vault.open_json(dossier.form, "dossiers.form", dossier.dossier_id),
        attachments=[_attachment(row, tools) for row in attachments],
        submitted_at=dossier.submitted_at,
        accepted_at=dossier.accepted_at,
        finished_at=dossier.finished_at,
        intake_deadline=_intake(case, tools),
        deadline=dossier.deadline,
        is_overdue=running and due_at is not None and now > due_at,
        is_on_time=clocks.is_on_time(
            finished_at=dossier.finished_at,
            due_at=dossier.due_at,
            rounds=dossier.supplement_round,
            apologies=sum(row.action == "apologise" for row in case.history),
            now=now,
        ),
        supplements=[round_out(row, case.rule) for row in case.rounds],
        payment_requests=[
            {
                "number": row.number,
                "reason": row.reason,
                "lines": row.lines,
                "amount_vnd": row.amount_vnd,
                "asked_at": row.asked_at,
                "deadline": row.deadline,
                "paid_at": row.paid_at,
            }
            for row in case.requests
        ],
        inner_requests=[
            {
                "number": row.number,
                "kind": row.kind,
                "body": row.body,
                "question": row.question,
                "asked_at": row.asked_at,
                "deadline": row.deadline,
            }
            for row in inner_requests
        ],
        proposal=_proposal(case),
        results=[result_document(row) for row in results],
        control_sheet=[_control(step, tools) for step in control_sheet(case.history)],
        steps=[
            StepOut(
                action=row.facts["api_action"].partition(" ")[0],
                label=Labels(**label_of(row)),
                to_status=row.to_status,
            )
            for row in transitions().allowed(key_of(dossier.status), actor.roles)
            if not row.facts["api_action"].startswith(_NOT_OF_OFFICERS)
        ],
    )


def round_out(row: SupplementRoundRow, rule: SupplementRule) -> RoundOut:
    """Return a round with the rule that it stands under."""
    return RoundOut(
        round=row.round,
        revision=row.revision,
        reason=row.reason,
        items=row.items,
        asked_at=row.asked_at,
        deadline=row.deadline,
        answered_at=row.answered_at,
        rule_id=rule.rule_id,
        max_rounds=rule.max_rounds,
        when_exceeded=rule.when_exceeded,
        legal_basis=rule.legal_basis,
    )


def result_document(row: ResultRow) -> Json:
    """Return a signed paper without its file."""
    return {
        "id": row.result_id,
        "code": row.code,
        "kind": row.kind,
        "state": row.state,
        "replaces_id": row.replaces_id,
        "issued_at": row.issued_at,
        "organisation": row.signer_organisation,
        "signature_level": row.signature_level,
        "sha256": row.sha256.hex(),
    }


def _intake(case: Case, tools: Tools) -> Json | None:
    if case.dossier.submitted_at is None or case.dossier.channel != "online":
        return None
    deadline: Deadline = clocks.intake_deadline(
        tools.limits.intake, case.dossier.submitted_at, tools.calendar, case.waits
    )
    return deadline.document()


def _attachment(row: AttachmentRow, tools: Tools) -> Json:
    return {
        "id": row.attachment_id,
        "slot": row.slot,
        "name": tools.vault.open_text(row.name, "attachments.name", row.attachment_id),
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "sha256": row.sha256.hex(),
        "round": row.round,
        "origin": row.origin,
    }


def _proposal(case: Case) -> Json | None:
    proposed = case.proposed
    if proposed is None or case.proposal is None or case.proposal.closed_at is not None:
        return None
    return {
        "kind": proposed.kind,
        "proposed_by": proposed.proposed_by,
        "proposed_at": proposed.proposed_at,
        "reason": proposed.reason,
        "legal_basis": proposed.legal_basis,
        "content": proposed.content,
    }


def _control(step: ControlStep, tools: Tools) -> ControlOut:
    row = step.row
    name = SYSTEM_NAME if row.is_automatic else APPLICANT_NAME
    if row.actor_kind == "staff" and row.actor_organisation is not None:
        name = Labels(**tools.offices.name_of(row.actor_organisation))
    return ControlOut(
        position=step.position,
        action=row.action,
        actor=name,
        role=row.actor_role,
        received_at=step.received_at,
        begun_at=step.begun_at,
        ended_at=step.ended_at,
        queue_seconds=int((step.begun_at - step.received_at).total_seconds()),
        work_seconds=int((step.ended_at - step.begun_at).total_seconds()),
        is_automatic=row.is_automatic,
        standing=step.standing,
    )
