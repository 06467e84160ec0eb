"""Dossiers as their owners see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.errors import Text
from dossier.attachments.service import AttachmentService
from dossier.desk.table import label_of, transitions
from dossier.dossiers.models import DossierRow, HistoryRow
from dossier.dossiers.people import PARTIES, shown
from dossier.dossiers.schemas import (
    ChangeOut,
    DossierOut,
    DossierOverviewOut,
    Labels,
    PartiesOut,
    ProcedureRefOut,
)
from dossier.dossiers.status import status_out
from dossier.procedures.service import ProcedureService
from dossier.vault import Vault

FORM = "dossiers.form"
_LABELS: dict[str, Text] = {row.transition_id: label_of(row) for row in transitions().rows}


@dataclass(frozen=True, slots=True)
class DossierViews:
    """Builds what the owner is shown; reads names of procedures from the catalogue."""

    vault: Vault
    procedures: ProcedureService
    attachments: AttachmentService

    async def overview(self, row: DossierRow) -> DossierOverviewOut:
        """Return a dossier as a line of the list."""
        return DossierOverviewOut.model_validate(await self._common(row))

    async def whole(self, row: DossierRow) -> DossierOut:
        """Return a dossier with its form and files."""
        own = {
            name: getattr(row, name)
            for name in (
                "version",
                "agency_code",
                "channel",
                "status_reason",
                "previous_dossier_id",
                "intake_due_at",
                "accepted_at",
                "due_at",
                "deadline",
                "applicant_due_at",
                "finished_at",
                "returned_at",
                "updated_at",
            )
        }
        return DossierOut.model_validate(
            {
                **await self._common(row),
                **own,
                "owner": self._owner(row),
                "form": self.vault.open_json(row.form, FORM, row.dossier_id),
                "attachments": await self.attachments.list_out(row.dossier_id),
                "tracking_pin": self.vault.open_pin(row.pin, row.dossier_id) if row.pin else None,
            }
        )

    async def _common(self, row: DossierRow) -> dict[str, Any]:  # Any: members of several types
        procedure = await self.procedures.require(row.procedure_code, row.procedure_version)
        return {
            "id": row.dossier_id,
            "code": row.code,
            "procedure": ProcedureRefOut(
                code=row.procedure_code, version=row.procedure_version, name=procedure.content.name
            ),
            "status": status_out(row.status),
            "created_at": row.created_at,
            "submitted_at": row.submitted_at,
            "due_on": row.due_on,
        }

    def _owner(self, row: DossierRow) -> PartiesOut:
        parties = (
            self.vault.open_json(row.parties, PARTIES, row.dossier_id) if row.parties is not None else None
        )
        owner = parties["owner"] if parties else {}
        acting = (parties or {}).get("acting")
        return PartiesOut(
            kind=row.owner_kind,
            name=owner.get("name"),
            tax_code=row.owner_organisation,
            acting_name=acting["name"] if acting else None,
            shown_as=shown(parties) if parties else None,
        )


def changes(rows: Sequence[HistoryRow], first: int) -> list[ChangeOut]:
    """Return rows of a history, oldest first, numbered from `first`."""
    return [_change(row, number) for number, row in enumerate(rows, first)]


def _change(row: HistoryRow, number: int) -> ChangeOut:
    words = _LABELS.get(row.transition_id)
    return ChangeOut(
        sequence=number,
        action=row.action,
        label=Labels(**words) if words else Labels(vi=row.action, en=row.action),
        from_status=status_out(row.from_status),
        to_status=status_out(row.to_status),
        by="system" if row.is_automatic else "officer" if row.actor_kind == "staff" else "applicant",
        role=row.actor_role if row.actor_kind == "staff" else None,
        organisation=row.actor_organisation if row.actor_kind == "staff" else None,
        note=row.note,
        at=row.at,
    )
