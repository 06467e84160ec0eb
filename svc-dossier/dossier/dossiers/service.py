"""What every change of a filed dossier goes through: status, history row, version and event in one place.

The applicant's use cases are in `drafts.py`, `submission.py` and `withdrawals.py`, the officers' in `desk`;
all of them lock the dossier by `load_for_update` and change it by `change_status`, so that positions in the
outbox follow the order of commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import outbox
from chassis.auth import Actor
from chassis.clock import Clocks
from contracts.case_status import NationalStatus
from contracts.events.dossier import DossierChangedV1
from dossier.dossiers.models import DossierRow, HistoryRow
from dossier.dossiers.repository import DossierRepository

ENDED = frozenset({NationalStatus.NOT_ACCEPTED, NationalStatus.STOPPED, NationalStatus.COMPLETED})
_REASONED = frozenset(
    {
        NationalStatus.NOT_ACCEPTED,
        NationalStatus.AWAITING_SUPPLEMENT,
        NationalStatus.AWAITING_PAYMENT,
        NationalStatus.STOPPED,
    }
)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a dossier: a row of the table of transitions with its target worked out.

    `to_status` may be the status that the dossier is in: assigning, an apology, a result replaced.
    """

    transition_id: str
    action: str
    to_status: int


async def load_for_update(db: AsyncSession, dossier_id: UUID) -> DossierRow:
    """Return a dossier locked until the transaction ends, whoever owns it. Raises: NotFound."""
    return await DossierRepository(db).get(dossier_id, for_update=True)


async def change_status(
    db: AsyncSession,
    dossier: DossierRow,
    move: Move,
    actor: Actor | None,
    note: str | None,
    clocks: Clocks,
    *,
    details: Mapping[str, Any] | None = None,  # Any: JSON members
) -> HistoryRow:
    """Move a locked dossier and return its new history row; version, event and instants come with it.

    `actor` is None where the system moves it by itself. `note` is told to the applicant and is the reason
    of the status where that needs one. Whether the move is allowed is the caller's to ask of the table of
    transitions. Further columns of the row (deadline, officer) are set before: they are flushed together.
    """
    now = clocks.legal_now()
    before = dossier.status
    dossier.version += 1
    dossier.status = move.to_status
    if before != move.to_status:
        if NationalStatus.WITHDRAWAL_REQUESTED not in (before, move.to_status) or move.to_status in ENDED:
            dossier.status_reason = note if move.to_status in _REASONED else None
        _keep_way_back(dossier, before)
        _set_instants(dossier, clocks)
    dossier.updated_at = now
    row = HistoryRow(
        dossier_id=dossier.dossier_id,
        version=dossier.version,
        transition_id=move.transition_id,
        action=move.action,
        from_status=before,
        to_status=move.to_status,
        is_automatic=actor is None,
        note=note,
        details=dict(details) if details else None,
        at=now,
        recorded_at=clocks.real_now(),
        **_who(actor),
    )
    db.add(row)
    await db.flush()
    await outbox.add(db, _event(dossier, move.action, row))
    return row


def _keep_way_back(dossier: DossierRow, before: int) -> None:
    asked = dossier.status == NationalStatus.WITHDRAWAL_REQUESTED
    dossier.status_before = before if asked else None


def _set_instants(dossier: DossierRow, clocks: Clocks) -> None:
    now, status = clocks.legal_now(), dossier.status
    if status == NationalStatus.ACCEPTED and dossier.accepted_at is None:
        dossier.accepted_at = now
    if status in ENDED:
        dossier.finished_at = now
    if status == NationalStatus.RETURNED:
        dossier.returned_at = now


def _who(actor: Actor | None) -> dict[str, str | None]:
    if actor is None:
        return {"actor_kind": "service", "actor_subject": "dossier"}
    acting = actor.act.get("sub") if actor.act else None
    return {
        "actor_kind": actor.kind,
        "actor_subject": actor.subject,
        "acting_subject": str(acting) if acting else None,
        "actor_role": next(iter(sorted(actor.roles)), None) if actor.kind == "staff" else "applicant",
        "actor_organisation": actor.organisation,
    }


def _event(dossier: DossierRow, action: str, row: HistoryRow) -> DossierChangedV1:
    assert dossier.code is not None  # noqa: S101  (held by the database for all but drafts)
    return DossierChangedV1(
        dossier_id=dossier.dossier_id,
        code=dossier.code,
        procedure_code=dossier.procedure_code,
        owner_kind=dossier.owner_kind,
        owner_id=dossier.owner_id,
        acting_citizen_id=dossier.acting_citizen_id,
        action=action,
        status=dossier.status,
        version=dossier.version,
        changed_at=row.at,
        detail_url=f"/v1/me/dossiers/{dossier.dossier_id}",
    )
