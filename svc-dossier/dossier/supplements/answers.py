"""The applicant's answer to a request for supplement: the form mended, files put into their slots, a word.

Files come before the answer, one by one, into their slots (`PUT …/attachments/{slot}`); the answer says that
all is there. The receiving desk gives it for who brings paper to the counter.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Actor
from chassis.errors import FieldError, Invalid, Text
from dossier.attachments.models import AttachmentRow
from dossier.desk.case import Case, load_case
from dossier.desk.engine import take
from dossier.desk.schemas import ActionIn
from dossier.desk.table import APPLICANT
from dossier.desk.tools import Tools
from dossier.dossiers.forms import cleaned, form_errors, patched
from dossier.dossiers.models import DossierRow
from dossier.procedures.models import ProcedureRow

FORM = "dossiers.form"
_NOTHING = Text(
    vi="Chưa có gì được bổ sung: gửi tệp vào các ô giấy tờ, sửa biểu mẫu hoặc giải trình.",
    en="Nothing is supplemented yet: put files into their slots, mend the form, or explain.",
)

Json = dict[str, Any]  # Any: JSON members


@dataclass(frozen=True, slots=True)
class Answers:
    """Use case of answering, in the request's unit of work; the caller has locked the dossier."""

    db: AsyncSession
    tools: Tools

    async def answer(self, actor: Actor, dossier: DossierRow, form: Json | None, note: str | None) -> Case:
        """Answer the open round; return the case as it stands then.

        Raises: IllegalTransition when nothing is asked, ConditionNotMet when the time has passed, Invalid.
        """
        case = await load_case(self.db, dossier, self.tools.rules, self.tools.vault)
        waiting = case.open_round
        first = waiting is not None and waiting.asked_before_acceptance
        action = "answer_before_acceptance" if first else "answer_in_processing"
        roles: Collection[str] = actor.roles if actor.kind == "staff" else {APPLICANT}
        body = ActionIn(action="accept", reason=note) if note else None
        await take(self.db, self.tools, case, action, roles, actor=actor, body=body)
        if form is not None:
            await self._mend(case, form)
        elif not note and not await self._has_new_files(case):
            raise Invalid(errors=[FieldError("", "nothing_supplemented", _NOTHING)])
        await self.db.flush()
        return case

    async def _mend(self, case: Case, patch: Json) -> None:
        dossier, vault = case.dossier, self.tools.vault
        row = await self.db.get(ProcedureRow, (dossier.procedure_code, dossier.procedure_version))
        schema: Json = row.document["form"] if row is not None else {}
        form = patched(vault.open_json(dossier.form, FORM, dossier.dossier_id), cleaned(patch))
        if errors := form_errors(schema, form):
            raise Invalid(errors=errors)
        dossier.form = vault.seal_json(form, FORM, dossier.dossier_id)

    async def _has_new_files(self, case: Case) -> bool:
        dossier_id: UUID = case.dossier.dossier_id
        count = select(func.count()).where(
            AttachmentRow.dossier_id == dossier_id,
            AttachmentRow.round == case.dossier.supplement_round,
            AttachmentRow.replaced_at.is_(None),
        )
        return bool((await self.db.execute(count)).scalar_one())
