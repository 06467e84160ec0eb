"""An application as the synchronisation with the national portal reads it, by a token of its own."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Actor
from chassis.errors import NotFound
from contracts.portal import (
    PortalDossier,
    PortalFee,
    PortalOwner,
    PortalResult,
    PortalStep,
    PortalSupplement,
)
from judicial_record.applications import access
from judicial_record.applications.models import ApplicationRow, StepRow, SupplementRow
from judicial_record.applications.reference import offices, procedure_of
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.service import Parts
from judicial_record.applications.vault import Holder
from judicial_record.applications.views import what_of, who_out

_PURPOSE = "national_portal_synchronisation"
_NEEDS_REASON = frozenset({3, 5, 8})


class PortalDossiers:
    """Applications in the shape of `contracts.portal`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def get(self, db: AsyncSession, actor: Actor, application_id: UUID) -> PortalDossier:
        """Return the application as it stands; the reading leaves a trace. Raises: NotFound."""
        repository = ApplicationRepository(db)
        key = await repository.find_key(application_id)
        row = key and await repository.find(key.citizen_id, application_id)
        if not row:
            raise NotFound
        await access.record_reading(db, actor, row, ("form", "holder", "history"), _PURPOSE)
        steps = [one for one in await repository.list_steps(row.citizen_id, application_id) if one.is_public]
        rounds = list(await repository.list_supplements(row.citizen_id, application_id))
        holder = self._parts.vault.open_holder(row.holder, application_id)
        paid_at = next((step.at for step in steps if step.action == "confirm_payment"), None)
        office, procedure = offices()[row.office], procedure_of(row.form)
        return PortalDossier(
            code=row.code,
            version=row.version,
            procedure_code=procedure.procedure_code,
            procedure_name=procedure.procedure_name,
            field_code=procedure.field_code,
            field_name=procedure.field_name,
            agency_code=office.agency_code,
            unit=office.unit["vi"],
            channel="online",
            status=row.national_status,
            status_reason=self._reason(row, steps, rounds),
            owner=PortalOwner(kind="citizen", name=holder.name, personal_id=holder.personal_id),
            summary=_summary(row, holder),
            submitted_at=row.submitted_at or row.created_at,
            accepted_at=row.accepted_at,
            due_at=row.due_at if row.accepted_at is not None else None,
            refused_at=row.finished_at if row.status == "refused" else None,
            finished_at=row.finished_at,
            returned_at=row.finished_at if row.national_status == 10 else None,
            fees=[
                PortalFee(
                    code=line["code"],
                    name=line["label"]["vi"],
                    amount_vnd=line["amount_vnd"],
                    paid_at=paid_at,
                )
                for line in self._parts.vault.open("fee", application_id, row.fee)["lines"]
                if line["amount_vnd"]
            ],
            supplements=[self._supplement(one, office.unit["vi"]) for one in rounds],
            results=self._results(row, steps),
            steps=_steps(steps, office.unit["vi"]),
        )

    def _reason(self, row: ApplicationRow, steps: list[StepRow], rounds: list[SupplementRow]) -> str | None:
        """Return why, where the portal wants to know: refused, stopped, withdrawn, more asked for."""
        if row.national_status not in _NEEDS_REASON:
            return None
        if row.national_status == 5:
            asked: str = self._parts.vault.open("asked_for", row.application_id, rounds[-1].asked_for)
            return asked
        reason: str | None = self._parts.vault.open("reason", row.application_id, row.reason)
        return reason or what_of(steps[-1].action)["vi"]

    def _results(self, row: ApplicationRow, steps: list[StepRow]) -> list[PortalResult]:
        """Return the certificate, or the reasoned refusal on the merits, which is a result too."""
        if row.finished_at is None or row.national_status not in (9, 10):
            return []
        signed_by = offices()[row.office].name["vi"]
        if row.status == "refused":
            name = "Văn bản từ chối cấp Phiếu lý lịch tư pháp"
            return [
                PortalResult(
                    code=row.code, name=name, kind="refused", issued_at=row.finished_at, signed_by=signed_by
                )
            ]
        issued = self._parts.vault.open("note", row.application_id, steps[-1].note)
        return [
            PortalResult(
                code=issued["certificate_number"],
                name=f"Phiếu lý lịch tư pháp số {row.form}",
                issued_at=row.finished_at,
                signed_by=signed_by,
            )
        ]

    def _supplement(self, row: SupplementRow, unit: str) -> PortalSupplement:
        return PortalSupplement(
            round=row.round,
            asked_by=unit,
            asked_for=self._parts.vault.open("asked_for", row.application_id, row.asked_for),
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            due_before_at=row.due_before_at,
            due_after_at=row.due_after_at,
        )


def _summary(row: ApplicationRow, holder: Holder) -> str:
    return f"Cấp Phiếu lý lịch tư pháp số {row.form} cho {holder.name}"


def _steps(steps: list[StepRow], unit: str) -> list[PortalStep]:
    """Return the public steps, each once per national status gone through, numbered without gaps."""
    found: list[PortalStep] = []
    for step in steps:
        role = who_out(step.role, step.office).label.vi
        for number in step.national_path:
            found.append(
                PortalStep(
                    sequence=len(found) + 1,
                    status=number,
                    done=what_of(step.action)["vi"],
                    actor=role,
                    role=role,
                    unit=unit,
                    at=step.at,
                    due_at=step.due_at,
                )
            )
    return found
