"""The slips that a step issues: printed when the new deadline is known, kept sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from casework.slip_forms import Apology, Refusal, Slip, SupplementRequest
from dossier.desk.case import Case
from dossier.desk.step import Step
from dossier.desk.tools import Tools
from dossier.dossiers.models import DossierRow, SlipRow
from dossier.supplements.models import SupplementRoundRow

SLIP_KIND = "dossier_slips.content"
SUPPLEMENT, REFUSAL, APOLOGY = "02", "03", "04"


def applicant_of(dossier: DossierRow, tools: Tools) -> str:
    """Return the name of who owns the dossier, as its parties give it."""
    if dossier.parties is None:
        return ""
    parties = tools.vault.open_json(dossier.parties, "dossiers.parties", dossier.dossier_id)
    owner: dict[str, Any] = parties.get("owner", parties)  # Any: JSON members
    return str(owner.get("name", ""))


def lookup_url(tools: Tools) -> str:
    """Return where the public looks a dossier up."""
    return f"{tools.public_url}/v1/dossier-trackings"


def supplement_slip(step: Step, row: SupplementRoundRow) -> None:
    """Have slip 02 of a round issued."""

    def make() -> Slip:
        why = row.reason or ""
        return SupplementRequest(
            **_common(step),
            round_number=row.round,
            items=tuple((item, why) for item in row.items),
            add_by=row.due_on,
            contact=step.tools.offices.name_of(step.organisation)["vi"],
            lookup_url=lookup_url(step.tools),
        )

    step.slips.append((SUPPLEMENT, make))


def refusal_slip(step: Step) -> None:
    """Have slip 03 issued."""

    def make() -> Slip:
        return Refusal(**_common(step), reason=step.ask.reason or "", legal_basis=step.ask.legal_basis or "")

    step.slips.append((REFUSAL, make))


def apology_slip(step: Step, old_due_at: datetime) -> None:
    """Have slip 04 issued; the new day is the one that the case has when it is printed."""

    def make() -> Slip:
        new_due_at = step.case.dossier.due_at or old_due_at
        return Apology(
            **_common(step), old_due_at=old_due_at, new_due_at=new_due_at, reason=step.ask.reason or ""
        )

    step.slips.append((APOLOGY, make))


async def issue(step: Step) -> None:
    """Print and keep what the step has to issue."""
    for kind, make in step.slips:
        slip = make()
        content = await step.tools.printer.print(type(slip).template, slip.data())
        await keep(step.db, step.tools, step.case, kind, content, step.now)


async def keep(
    db: AsyncSession, tools: Tools, case: Case, kind: str, content: bytes, issued_at: datetime
) -> int:
    """Keep a slip under the next number of its kind; return the number."""
    dossier_id: UUID = case.dossier.dossier_id
    latest = await db.scalar(
        select(func.max(SlipRow.number)).where(SlipRow.dossier_id == dossier_id, SlipRow.kind == kind)
    )
    number = (latest or 0) + 1
    sealed = tools.vault.seal_bytes(content, SLIP_KIND, dossier_id)
    db.add(SlipRow(dossier_id=dossier_id, kind=kind, number=number, content=sealed, issued_at=issued_at))
    return number


def _common(step: Step) -> dict[str, Any]:  # Any: the members that every slip has
    dossier = step.case.dossier
    organisation = step.tools.offices.name_of(step.organisation)["vi"]
    return {
        "agency": organisation,
        "code": dossier.code or "",
        "applicant": applicant_of(dossier, step.tools),
        "procedure": step.case.procedure.name,
        "officer": organisation,
        "issued_at": step.now,
    }
