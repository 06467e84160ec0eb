"""Applications as the office sees them; pure functions over rows and what the vault has opened."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from judicial_record.applications.desk_schemas import (
    HolderOut,
    LookUpOut,
    OfficeApplicationOut,
    OfficeOverviewOut,
    OfficeStepOut,
)
from judicial_record.applications.models import ApplicationRow, StepRow, SupplementRow
from judicial_record.applications.reference import transitions
from judicial_record.applications.vault import ApplicationVault
from judicial_record.applications.views import application_out, overview_of


def office_overview(row: ApplicationRow, vault: ApplicationVault) -> OfficeOverviewOut:
    """Return an application as a line of the inbox."""
    return OfficeOverviewOut(
        **dict(overview_of(row)),
        name=vault.open_holder(row.holder, row.application_id).name,
        lane=cast("Any", row.lane),
        claimed_by=row.claimed_by,
    )


def office_application(
    row: ApplicationRow,
    steps: Sequence[StepRow],
    supplements: Sequence[SupplementRow],
    vault: ApplicationVault,
    roles: Collection[str],
) -> OfficeApplicationOut:
    """Return an application in full."""
    holder = vault.open_holder(row.holder, row.application_id)
    look_up = vault.open("look_up", row.application_id, row.look_up)
    proposal = vault.open("proposal", row.application_id, row.proposal)
    return OfficeApplicationOut(
        **dict(application_out(row, steps, supplements, vault)),
        citizen_id=row.citizen_id,
        holder=HolderOut(
            name=holder.name,
            personal_id=holder.personal_id,
            born_on=holder.born_on,
            is_year_only=holder.is_year_only,
            sex=holder.sex,
            nationality=holder.nationality,
            residence=holder.residence,
        ),
        fee_group=vault.open("fee", row.application_id, row.fee)["group"],
        lane=cast("Any", row.lane),
        look_up=None if look_up is None else LookUpOut(**look_up),
        answers=[vault.open("answer", row.application_id, one.answer) for one in supplements],
        proposed_content=None if proposal is None else proposal["content"],
        claimed_by=row.claimed_by,
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        allowed_actions=sorted({one.action for one in transitions().allowed(row.status, roles)}),
        office_steps=[
            OfficeStepOut(
                at=step.at,
                action=step.action,
                role=step.role,
                actor=step.actor,
                note=vault.open("note", step.application_id, step.note),
            )
            for step in steps
        ],
    )
