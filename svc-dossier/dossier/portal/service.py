"""A dossier in the shape of `contracts.portal`, built from the same case that officers work with."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access_log import AccessEntry, record
from chassis.auth import Actor
from chassis.errors import NotFound
from contracts.case_status import NationalStatus
from contracts.portal import PortalDossier, PortalFee, PortalOwner, PortalResult, PortalStep, PortalSupplement
from dossier.desk.case import Case, load_case
from dossier.desk.engine import owner_for_log
from dossier.desk.table import label_of, transitions
from dossier.desk.tools import Tools
from dossier.dossiers.models import DossierRow, HistoryRow
from dossier.dossiers.people import PARTIES, Json, shown
from dossier.dossiers.repository import DossierRepository
from dossier.procedures.schemas import ProcedureContent
from dossier.procedures.service import ProcedureService
from dossier.results.models import ResultRow
from dossier.results.papers import Papers

_PURPOSE = "national_portal_synchronisation"
_GROUND = "Decree 118/2025/NĐ-CP (synchronisation of dossiers)"
_LABELS = {row.transition_id: label_of(row)["vi"] for row in transitions().rows}
_ROLES = {
    "receiving_desk": "Bộ phận một cửa",
    "dossier_officer": "Chuyên viên",
    "dossier_leader": "Lãnh đạo",
}
_KINDS = {"granted": "granted", "published": "granted", "refused": "refused", "revocation": "revoked"}
_NAMES = {
    "granted": "Kết quả giải quyết thủ tục hành chính",
    "published": "Số công bố",
    "refused": "Văn bản từ chối cấp",
    "revocation": "Quyết định thu hồi kết quả",
}


@dataclass(frozen=True, slots=True)
class PortalDossiers:
    """Use case of the synchronisation, in the request's unit of work."""

    db: AsyncSession
    tools: Tools

    async def get(self, actor: Actor, dossier_id: UUID) -> PortalDossier:
        """Return a filed dossier as it stands; the reading leaves a trace. Raises: NotFound."""
        row = await DossierRepository(self.db).get(dossier_id)
        if row.code is None or row.parties is None or row.submitted_at is None:
            raise NotFound(reason="draft")
        case = await load_case(self.db, row, self.tools.rules, self.tools.vault)
        procedures = ProcedureService(self.db, self.tools.clocks)
        content = (await procedures.require(row.procedure_code, row.procedure_version)).content
        results = await Papers(self.db, self.tools.vault).results(dossier_id)
        parties = self.tools.vault.open_json(row.parties, PARTIES, dossier_id)
        await record(self.db, _entry(actor, row))
        office = self.tools.offices.find(row.agency_code)
        unit = self.tools.offices.name_of(row.agency_code)["vi"]
        return PortalDossier(
            code=row.code,
            version=row.version,
            procedure_code=content.national_code or row.procedure_code,
            procedure_name=content.name,
            field_code=content.field.code,
            field_name=content.field.name,
            agency_code=office.national_code if office is not None else row.code.split("-")[0],
            unit=unit,
            channel=row.channel,
            status=row.status,
            status_reason=row.status_reason,
            owner=_owner(row, parties),
            summary=f"{content.name} - {shown(parties)}",
            submitted_at=row.submitted_at,
            accepted_at=row.accepted_at,
            due_at=row.due_at,
            refused_at=row.finished_at if row.status == NationalStatus.NOT_ACCEPTED else None,
            finished_at=row.finished_at,
            returned_at=row.returned_at,
            fees=_fees(case, content),
            supplements=self._supplements(case, unit),
            results=self._results(results),
            steps=self._steps(case.history, unit),
        )

    def _supplements(self, case: Case, unit: str) -> list[PortalSupplement]:
        return [
            PortalSupplement(
                round=one.round,
                asked_by=self._unit(one.asked_by_organisation) or unit,
                asked_for="; ".join(one.items),
                asked_at=one.asked_at,
                answered_at=one.answered_at,
                due_before_at=None,
                due_after_at=case.dossier.due_at if one.answered_at is not None else None,
            )
            for one in case.rounds
        ]

    def _results(self, results: Sequence[ResultRow]) -> list[PortalResult]:
        codes = {one.result_id: one.code for one in results}
        return [
            PortalResult.model_validate(
                {
                    "code": one.code,
                    "name": _NAMES[one.kind],
                    "kind": _KINDS[one.kind],
                    "issued_at": one.issued_at,
                    "signed_by": self._unit(one.signer_organisation),
                    "replaces": codes.get(one.replaces_id) if one.replaces_id else None,
                }
            )
            for one in results
        ]

    def _steps(self, history: Sequence[HistoryRow], unit: str) -> list[PortalStep]:
        return [
            PortalStep(
                sequence=number,
                status=row.to_status,
                done=_LABELS.get(row.transition_id, row.action),
                actor=_actor(row),
                role=_actor(row),
                unit=self._unit(row.actor_organisation if row.actor_kind == "staff" else None) or unit,
                at=row.at,
            )
            for number, row in enumerate(history, 1)
        ]

    def _unit(self, organisation: str | None) -> str | None:
        return self.tools.offices.name_of(organisation)["vi"] if organisation else None


def _owner(row: DossierRow, parties: Json) -> PortalOwner:
    acting = parties.get("acting")
    return PortalOwner(
        kind=row.owner_kind,
        name=parties["owner"]["name"],
        personal_id=parties["owner"].get("personal_id"),
        tax_code=parties["owner"].get("tax_code"),
        acting_name=acting["name"] if acting else None,
    )


def _fees(case: Case, content: ProcedureContent) -> list[PortalFee]:
    """Return what was asked for with when it was paid; before anything was asked, the procedure's fees."""
    if case.requests:
        return [
            PortalFee(
                code=line["code"], name=line["label"], amount_vnd=line["amount_vnd"], paid_at=request.paid_at
            )
            for request in case.requests
            for line in request.lines
        ]
    return [PortalFee(code=fee.code, name=fee.name, amount_vnd=fee.amount_vnd) for fee in content.fees]


def _actor(row: HistoryRow) -> str:
    if row.is_automatic:
        return "Hệ thống"
    return _ROLES.get(row.actor_role or "", "Công chức") if row.actor_kind == "staff" else "Người nộp hồ sơ"


def _entry(actor: Actor, row: DossierRow) -> AccessEntry:
    return AccessEntry(
        citizen_id=owner_for_log(row),
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role="service",
        actor_organisation=actor.organisation,
        purpose=_PURPOSE,
        legal_ground=_GROUND,
        sections=("parties", "history", "results"),
        outcome="allowed",
        resource=f"dossiers/{row.dossier_id}",
    )
