"""Dependencies of the routes, by name of what they give."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.db import Db
from dossier.assembly import applicant_side
from dossier.desk.arrivals import Arrivals
from dossier.desk.service import DeskService
from dossier.desk.tools import Tools
from dossier.documents.service import DocumentService
from dossier.dossiers.applicant import ApplicantSide
from dossier.dossiers.receipts import ReceiptService
from dossier.payments.service import DossierPayments
from dossier.procedures.service import ProcedureService
from dossier.statistics.service import StatisticsService
from dossier.trackings.service import TrackingService


async def _procedures(request: Request, db: Db) -> ProcedureService:
    return ProcedureService(db, request.app.state.clocks)


async def _filing(request: Request, db: Db) -> ApplicantSide:
    return applicant_side(request.app.state, db)


async def _trackings(request: Request, db: Db) -> TrackingService:
    return TrackingService(db, request.app.state.vault)


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.desk_tools
    return tools


async def _desk(request: Request, db: Db) -> DeskService:
    return DeskService(db, request.app.state.desk_tools)


async def _arrivals(request: Request, db: Db) -> Arrivals:
    state = request.app.state
    return Arrivals(db, state.desk_tools, state.identity, state.settings.code_prefix)


async def _payments(request: Request) -> DossierPayments:
    return DossierPayments(request.app.state.desk_tools)


async def _statistics(request: Request, db: Db) -> StatisticsService:
    return StatisticsService(db, request.app.state.clocks)


async def _documents(request: Request, db: Db) -> DocumentService:
    return DocumentService(db, request.app.state.vault)


async def _receipts(request: Request, db: Db) -> ReceiptService:
    return ReceiptService(db, request.app.state.desk_tools)


Documents = Annotated[DocumentService, Depends(_documents, scope="function")]
Receipts = Annotated[ReceiptService, Depends(_receipts, scope="function")]
Procedures = Annotated[ProcedureService, Depends(_procedures, scope="function")]
Filing = Annotated[ApplicantSide, Depends(_filing, scope="function")]
Trackings = Annotated[TrackingService, Depends(_trackings, scope="function")]
ArrivalsOfDesk = Annotated[Arrivals, Depends(_arrivals, scope="function")]
DeskTools = Annotated[Tools, Depends(_tools)]
DeskWork = Annotated[DeskService, Depends(_desk, scope="function")]
PaymentsOfDossiers = Annotated[DossierPayments, Depends(_payments)]
Statistics = Annotated[StatisticsService, Depends(_statistics, scope="function")]
