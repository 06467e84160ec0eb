"""Puts the officers' side together, by hand and in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from casework.calendar import WorkCalendar
from casework.deadlines import TimeLimit
from casework.payments.platform import PlatformClient
from casework.seals import FileSeals
from casework.signing import DocumentSigner
from casework.slips import SlipPrinter
from chassis.client_keys import ClientKeys
from dossier.clocks.rules import intake_deadline
from dossier.desk.advance import advance
from dossier.desk.case import load_case
from dossier.desk.offices import Offices
from dossier.desk.tools import UNVERIFIED, Limits, Tools
from dossier.dossiers.models import DossierRow
from dossier.dossiers.submission import AfterSubmission
from dossier.settings import DossierSettings
from dossier.supplements.reference import SupplementRules


@asynccontextmanager
async def open_tools(state: Any, settings: DossierSettings) -> AsyncIterator[Tools]:  # Any: starlette's State
    """Give the tools of one process, over the parts that the chassis has opened."""
    state.client_keys = ClientKeys(state.http, state.tokens, settings.identity_url)
    seals = FileSeals(settings.key_directory / settings.service / "seals")
    signer = DocumentSigner(seals, time_stamping_url=settings.time_stamping_url)
    try:
        yield Tools(
            database=state.database,
            clocks=state.clocks,
            calendar=WorkCalendar.vietnam(),
            rules=SupplementRules.from_csv(default_rounds=settings.default_supplement_rounds),
            offices=Offices.from_csv(),
            vault=state.vault,
            printer=SlipPrinter(),
            signer=signer,
            platform=PlatformClient(state.http, settings.payment_platform_url),
            public_url=settings.public_url,
            result_prefix=settings.result_prefix,
            limits=_limits(settings),
        )
    finally:
        signer.close()


def after_submission(tools: Tools) -> AfterSubmission:
    """Return what happens at once to a dossier filed online: its intake clock, and publication on receipt."""

    async def receive(db: AsyncSession, dossier: DossierRow) -> None:
        if dossier.submitted_at is not None:
            intake = intake_deadline(tools.limits.intake, dossier.submitted_at, tools.calendar)
            dossier.intake_due_at = intake.due_at
        await db.flush()
        await advance(db, tools, await load_case(db, dossier, tools.rules, tools.vault))

    return receive


def _limits(settings: DossierSettings) -> Limits:
    return Limits(
        intake=TimeLimit(settings.intake_working_hours, "working_hour", f"intake ({UNVERIFIED})"),
        applicant=TimeLimit(settings.applicant_days, "day", f"time to supplement ({UNVERIFIED})"),
        payment=TimeLimit(settings.payment_days, "day", f"time to pay ({UNVERIFIED})"),
    )
