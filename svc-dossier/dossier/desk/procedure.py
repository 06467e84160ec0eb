"""What the officers' side needs to know of the procedure version that a dossier was filed under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

from sqlalchemy.ext.asyncio import AsyncSession

from casework.deadlines import TimeLimit, Unit
from casework.payments.platform import PaymentLine
from chassis.errors import NotFound
from dossier.procedures.models import ProcedureRow

INSPECTING_ROLE, ONE_STEP = "dossier_officer", 3
"""A procedure of at most three steps (receive, decide, return) has no review of its own."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of a procedure."""

    code: str
    name: str
    agency_code: str
    limit: TimeLimit | None
    """None where the limit is not known, or the procedure publishes on receipt."""
    is_publication: bool
    has_inspection: bool
    is_single_step: bool
    supplement_rule: str
    fees_before: tuple[PaymentLine, ...]
    fees_after: tuple[PaymentLine, ...]
    required_slots: Mapping[str, str]
    """Names of the mandatory papers, by slot."""

    @classmethod
    def of(cls, row: ProcedureRow) -> Self:
        """Return the procedure of a row of the catalogue."""
        document = row.document
        steps = document.get("steps", ())
        return cls(
            code=row.code,
            name=row.name,
            agency_code=row.agency_code,
            limit=_limit(document.get("deadline") or {}),
            is_publication=document.get("kind") == "publication",
            has_inspection=any(not step["is_online"] and step["role"] == INSPECTING_ROLE for step in steps),
            is_single_step=0 < len(steps) <= ONE_STEP,
            supplement_rule=document["supplement_rule"],
            fees_before=_fees(document, "before_acceptance"),
            fees_after=_fees(document, "after_acceptance"),
            required_slots={
                paper["slot"]: paper["name"] for paper in document.get("papers", ()) if paper["is_required"]
            },
        )

    @property
    def due_first_vnd(self) -> int:
        """What is to be paid before acceptance, in whole dong."""
        return sum(line.amount_vnd for line in self.fees_before)


async def get_procedure(db: AsyncSession, code: str, version: int) -> Procedure:
    """Return one version of a procedure. Raises: NotFound."""
    row = await db.get(ProcedureRow, (code, version))
    if row is None:
        raise NotFound
    return Procedure.of(row)


def _limit(deadline: Mapping[str, Any]) -> TimeLimit | None:  # Any: JSON members
    value, unit = deadline.get("value"), deadline.get("unit")
    if not value or unit in (None, "immediate"):
        return None
    source = deadline.get("note") or f"time limit of the procedure ({deadline.get('confidence', 'none')})"
    return TimeLimit(int(value), cast("Unit", unit), source=source)


def _fees(document: Mapping[str, Any], due: str) -> tuple[PaymentLine, ...]:  # Any: JSON members
    fees: Sequence[Mapping[str, Any]] = document.get("fees", ())
    return tuple(
        PaymentLine(code=fee["code"], label=fee["name"], amount_vnd=fee["amount_vnd"])
        for fee in fees
        if fee["due"] == due and fee["amount_vnd"] > 0
    )
