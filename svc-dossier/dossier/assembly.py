"""Puts the parts of one unit of work together, for requests and for events alike."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dossier.attachments.service import AttachmentService
from dossier.dossiers.applicant import ApplicantSide
from dossier.dossiers.drafts import DraftService
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.ratings import RatingService
from dossier.dossiers.submission import SubmissionService
from dossier.dossiers.views import DossierViews
from dossier.dossiers.withdrawals import WithdrawalService
from dossier.procedures.service import ProcedureService
from dossier.settings import DossierSettings


def applicant_side(state: Any, db: AsyncSession) -> ApplicantSide:  # Any: starlette's State
    """Return the applicant's side over one session."""
    settings: DossierSettings = state.settings
    clocks, vault = state.clocks, state.vault
    own = OwnDossiers(db, state.database)
    procedures = ProcedureService(db, clocks)
    attachments = AttachmentService(db, vault, clocks, settings.max_attachment_bytes)
    return ApplicantSide(
        db=db,
        own=own,
        drafts=DraftService(db, clocks, vault, own, procedures, attachments),
        attachments=attachments,
        submissions=SubmissionService(
            db=db,
            clocks=clocks,
            vault=vault,
            own=own,
            procedures=procedures,
            identity=state.identity,
            code_prefix=settings.code_prefix,
            after=state.after_submission,
        ),
        withdrawals=WithdrawalService(db, clocks),
        ratings=RatingService(db, clocks, vault),
        views=DossierViews(vault, procedures, attachments),
    )
