"""Drafts: begun, filled in step by step, given their files, thrown away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import FieldError, IllegalTransition, Invalid, NotFound, Text
from chassis.etag import etag_of
from chassis.ids import new_id
from chassis.logging import get_logger
from contracts.case_status import NationalStatus
from dossier.attachments.repository import AttachmentRepository
from dossier.attachments.service import AttachmentService, Upload
from dossier.dossiers.errors import TooManyDrafts
from dossier.dossiers.forms import Json, cleaned, patched
from dossier.dossiers.models import DossierRow
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.parties import owner_of
from dossier.dossiers.repository import DossierRepository
from dossier.dossiers.schemas import AttachmentOut, DossierIn
from dossier.dossiers.service import ENDED
from dossier.dossiers.status import DRAFT
from dossier.dossiers.views import FORM
from dossier.procedures.service import Procedure, ProcedureService
from dossier.vault import Vault

MAX_FORM_BYTES = 256 << 10
MOST_DRAFTS = 50
BATCH = 200
_REFILED = ENDED | {NationalStatus.RETURNED}
_UNKNOWN_PROCEDURE = Text(
    vi="Không có thủ tục này đang còn hiệu lực.", en="No procedure of this code is in force."
)
_TOO_LARGE = Text(vi="Biểu mẫu quá lớn.", en="The form is too large.")
_NOT_ENDED = Text(
    vi="Hồ sơ được nộp lại phải là hồ sơ của bạn đã bị từ chối hoặc đã kết thúc.",
    en="Only your own dossier that was refused or has ended is filed again.",
)


async def discard_abandoned(database: Database, clocks: Clocks, days: int) -> None:
    """Delete the drafts that nobody touched for so many legal days, with their files. For a timer."""
    before = clocks.legal_now() - timedelta(days=days)
    discarded = BATCH
    while discarded == BATCH:
        async with database.transaction() as db:
            discarded = await DossierRepository(db).discard_abandoned(before, BATCH)
        if discarded:
            log.info("drafts.discarded", discarded_count=discarded)


def _elsewhere(path: str) -> Text:
    return Text(vi=f"Thủ tục này không nộp tại đây mà tại {path}.", en=f"This procedure is filed at {path}.")


log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DraftService:
    """Use cases of drafts, in the request's unit of work."""

    db: AsyncSession
    clocks: Clocks
    vault: Vault
    own: OwnDossiers
    procedures: ProcedureService
    attachments: AttachmentService

    async def create(self, actor: Actor, wanted: DossierIn) -> DossierRow:
        """Return a new draft under the version of the procedure in force. Raises: Invalid, TooManyDrafts."""
        owner = owner_of(actor)
        procedure = await self._procedure(wanted.procedure_code)
        form = cleaned(wanted.form or {})
        _require_small(form)
        if wanted.previous_dossier_id is not None:
            await self._require_ended(actor, wanted)
        if await DossierRepository(self.db).count_drafts(owner) >= MOST_DRAFTS:
            raise TooManyDrafts
        now, dossier_id = self.clocks.legal_now(), new_id()
        row = DossierRow(
            dossier_id=dossier_id,
            version=1,
            procedure_code=procedure.code,
            procedure_version=procedure.version,
            agency_code=procedure.content.agency.code,
            channel="online",
            status=DRAFT,
            owner_kind=owner.kind,
            owner_id=owner.owner_id,
            owner_organisation=owner.organisation,
            acting_citizen_id=owner.acting,
            form=self.vault.seal_json(form, FORM, dossier_id),
            previous_dossier_id=wanted.previous_dossier_id,
            created_at=now,
            updated_at=now,
            supplement_round=0,
        )
        self.db.add(row)
        await self.db.flush()
        return row

    async def patch(self, row: DossierRow, patch: Json, require_match: Callable[[str], None]) -> None:
        """Apply a merge patch to the form of a locked draft.

        Raises: IllegalTransition once it is filed, StaleVersion, Invalid.
        """
        require_draft(row)
        require_match(etag_of(row.version))
        form = patched(self.vault.open_json(row.form, FORM, row.dossier_id), cleaned(patch))
        _require_small(form)
        row.form = self.vault.seal_json(form, FORM, row.dossier_id)
        await self._touch(row)

    async def put_file(self, row: DossierRow, slot: str, upload: Upload) -> tuple[AttachmentOut, bool]:
        """Put a file into a slot of a locked draft, or of a dossier that waits for a supplement.

        Returns it and whether the slot held none before. Raises: NotFound where the procedure has no such
        slot, IllegalTransition, and what `AttachmentService.put` raises.
        """
        if row.status not in (DRAFT, NationalStatus.AWAITING_SUPPLEMENT):
            raise IllegalTransition
        procedure = await self.procedures.require(row.procedure_code, row.procedure_version)
        paper = next((paper for paper in procedure.content.papers if paper.slot == slot), None)
        if paper is None:
            raise NotFound(reason="slot")
        before = await AttachmentRepository(self.db).list_current(row.dossier_id)
        file, is_other = await self.attachments.put(row, paper, upload)
        if is_other:
            await self._touch(row)
        return self.attachments.out(file), slot not in {one.slot for one in before}

    async def remove_file(self, row: DossierRow, slot: str) -> None:
        """Take a file out of a locked draft. Raises: NotFound, IllegalTransition."""
        require_draft(row)
        if not await AttachmentRepository(self.db).remove(row.dossier_id, slot):
            raise NotFound(reason="slot")
        await self._touch(row)

    async def discard(self, row: DossierRow) -> None:
        """Delete a locked draft with its files. Raises: IllegalTransition once it is filed."""
        require_draft(row)
        await AttachmentRepository(self.db).remove(row.dossier_id)
        await self.db.delete(row)
        await self.db.flush()

    async def _touch(self, row: DossierRow) -> None:
        row.version += 1
        row.updated_at = self.clocks.legal_now()
        await self.db.flush()

    async def _procedure(self, code: str) -> Procedure:
        try:
            procedure = await self.procedures.require(code)
        except NotFound as missing:
            raise Invalid(
                errors=[FieldError("/procedure_code", "unknown_procedure", _UNKNOWN_PROCEDURE)]
            ) from missing
        if procedure.content.filed_at is not None:
            words = _elsewhere(procedure.content.filed_at)
            raise Invalid(errors=[FieldError("/procedure_code", "filed_elsewhere", words)])
        return procedure

    async def _require_ended(self, actor: Actor, wanted: DossierIn) -> None:
        assert wanted.previous_dossier_id is not None  # noqa: S101 - asked by the caller
        error = FieldError("/previous_dossier_id", "not_ended", _NOT_ENDED)
        try:
            previous = await self.own.require(actor, wanted.previous_dossier_id)
        except NotFound as missing:
            raise Invalid(errors=[error]) from missing
        if previous.status not in _REFILED:
            raise Invalid(errors=[error])


def require_draft(row: DossierRow) -> None:
    """Hold that a dossier is not filed yet. Raises: IllegalTransition."""
    if row.status != DRAFT:
        raise IllegalTransition


def _require_small(form: Json) -> None:
    if len(orjson.dumps(form)) > MAX_FORM_BYTES:
        raise Invalid(errors=[FieldError("/form", "form_too_large", _TOO_LARGE)])
