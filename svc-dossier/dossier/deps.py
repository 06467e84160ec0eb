"""Dependencies of the routes, by name of what they give."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.db import Db
from dossier.attachments.service import AttachmentService
from dossier.desk.service import DeskService
from dossier.desk.tools import Tools
from dossier.dossiers.applicant import ApplicantSide
from dossier.dossiers.drafts import DraftService
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.ratings import RatingService
from dossier.dossiers.submission import SubmissionService
from dossier.dossiers.views import DossierViews
from dossier.dossiers.withdrawals import WithdrawalService
from dossier.payments.service import DossierPayments
from dossier.procedures.service import ProcedureService
from dossier.settings import DossierSettings
from dossier.statistics.service import StatisticsService
from dossier.trackings.service import TrackingService


async def _procedures(request: Request, db: Db) -> ProcedureService:
    return ProcedureService(db, request.app.state.clocks)


async def _filing(request: Request, db: Db) -> ApplicantSide:
    state = request.app.state
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
            db,
            clocks,
            vault,
            own,
            procedures,
            state.identity,
            settings.code_prefix,
            state.after_submission,
        ),
        withdrawals=WithdrawalService(db, clocks),
        ratings=RatingService(db, clocks, vault),
        views=DossierViews(vault, procedures, attachments),
    )


async def _trackings(request: Request, db: Db) -> TrackingService:
    return TrackingService(db, request.app.state.vault)


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.desk_tools
    return tools


async def _desk(request: Request, db: Db) -> DeskService:
    return DeskService(db, request.app.state.desk_tools)


async def _payments(request: Request) -> DossierPayments:
    return DossierPayments(request.app.state.desk_tools)


async def _statistics(request: Request, db: Db) -> StatisticsService:
    return StatisticsService(db, request.app.state.clocks)


Procedures = Annotated[ProcedureService, Depends(_procedures, scope="function")]
Filing = Annotated[ApplicantSide, Depends(_filing, scope="function")]
Trackings = Annotated[TrackingService, Depends(_trackings, scope="function")]
DeskTools = Annotated[Tools, Depends(_tools)]
DeskWork = Annotated[DeskService, Depends(_desk, scope="function")]
PaymentsOfDossiers = Annotated[DossierPayments, Depends(_payments)]
Statistics = Annotated[StatisticsService, Depends(_statistics, scope="function")]
