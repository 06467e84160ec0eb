"""Submission: a complete draft becomes a filed dossier with a national code, once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access import vneid_level
from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.errors import FieldError, InsufficientUserAuthentication, Invalid, Text
from contracts.case_status import NationalStatus
from dossier.attachments.repository import AttachmentRepository
from dossier.clients.identity import IdentityClient
from dossier.desk.table import APPLICANT, key_of, transitions
from dossier.dossiers.filing import give_code
from dossier.dossiers.forms import form_errors
from dossier.dossiers.models import DossierRow
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.parties import Owner, owner_of
from dossier.dossiers.people import PARTIES, parties_of
from dossier.dossiers.service import Move, change_status
from dossier.dossiers.status import DRAFT
from dossier.dossiers.views import FORM
from dossier.procedures.schemas import ProcedureContent
from dossier.procedures.service import ProcedureService
from dossier.vault import Vault

AfterSubmission = Callable[[AsyncSession, DossierRow], Awaitable[None]]
"""What the agency's side does at once with a filed dossier, in the same transaction."""


_MISSING = Text(vi="Thiếu thành phần hồ sơ bắt buộc này.", en="This paper is required and missing.")


@dataclass(frozen=True, slots=True)
class SubmissionService:
    """Use case of filing, in the request's unit of work."""

    db: AsyncSession
    clocks: Clocks
    vault: Vault
    own: OwnDossiers
    procedures: ProcedureService
    identity: IdentityClient
    code_prefix: str
    after: AfterSubmission

    async def submit(self, actor: Actor, dossier_id: UUID) -> tuple[DossierRow, bool]:
        """File a draft; return the dossier and whether it was filed by this call.

        A dossier that is filed already is returned as it stands: twice gives the same code. The version of
        the procedure in force today is the one that it is filed under from now on.

        Raises:
            NotFound, InsufficientUserAuthentication: the procedure asks for a higher level than the token's.
            Invalid: each field of the form and each missing paper is pointed at.
            UpstreamUnavailable: identity cannot say who files; nothing was filed.
        """
        seen = await self.own.require(actor, dossier_id)
        if seen.status != DRAFT:
            return seen, False
        owner = owner_of(actor)
        parties = await parties_of(self.identity, owner)  # before the lock: nobody waits for identity
        row = await self.own.require(actor, dossier_id, for_update=True)
        if row.status != DRAFT:
            return row, False
        procedure = await self.procedures.require(row.procedure_code)
        _require_level(actor, procedure.content.filing_level)
        await self._require_complete(row, procedure.content)
        row.procedure_version = procedure.version
        row.agency_code = procedure.content.agency.code
        await self.file(row, owner, parties, actor)
        return row, True

    async def file(
        self, row: DossierRow, owner: Owner, parties: dict[str, object], actor: Actor | None
    ) -> None:
        """Give a locked and complete draft its code, and move it to status 1 and on from there."""
        row.parties = self.vault.seal_json(parties, PARTIES, row.dossier_id)
        row.acting_citizen_id = owner.acting
        await give_code(self.db, row, self.vault, self.clocks, self.code_prefix)
        step = transitions().find(key_of(DRAFT), "submit", APPLICANT)
        move = Move(step.transition_id, step.action, NationalStatus.SUBMITTED)
        await change_status(self.db, row, move, actor, None, self.clocks)
        await self.after(self.db, row)

    async def _require_complete(self, row: DossierRow, content: ProcedureContent) -> None:
        form = self.vault.open_json(row.form, FORM, row.dossier_id)
        files = await AttachmentRepository(self.db).list_current(row.dossier_id)
        errors = [*form_errors(content.form, form), *missing_papers(content, [one.slot for one in files])]
        if errors:
            raise Invalid(errors=errors)


def missing_papers(content: ProcedureContent, slots: Sequence[str]) -> list[FieldError]:
    """Return an error per required paper whose slot is empty, pointing at `/attachments/<slot>`."""
    return [
        FieldError(f"/attachments/{paper.slot}", "missing", _MISSING)
        for paper in content.papers
        if paper.is_required and paper.slot not in slots
    ]


def _require_level(actor: Actor, level: int) -> None:
    if vneid_level(actor.acr) < level:
        challenge = (
            'Bearer error="insufficient_user_authentication", acr_values="urn:vneid:level:' + f'{level}"'
        )
        raise InsufficientUserAuthentication(headers={"www-authenticate": challenge})
