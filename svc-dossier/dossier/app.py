"""The dossier service: its app and its three verbs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.auth import TokenVerifier
from chassis.clock import Clocks
from chassis.consumer import Consumer
from chassis.keys import KeyProvider
from chassis.runner import ServiceDefinition
from chassis.timers import Timer
from contracts.events.national_portal_sync import InboundDossierReceivedV1
from dossier.attachments import routes as attachment_routes
from dossier.attachments.errors import DigestMismatch, FileTypeRefused
from dossier.clients.identity import IdentityClient
from dossier.clients.portal_sync import PortalSyncClient
from dossier.desk import routes as desk_routes
from dossier.desk import timers
from dossier.desk.assembly import after_submission, open_tools
from dossier.desk.errors import ConditionNotMet, SamePerson
from dossier.documents import routes as document_routes
from dossier.dossiers import routes as dossier_routes
from dossier.dossiers.drafts import discard_abandoned
from dossier.dossiers.errors import NotAcceptedYet, TooManyDrafts
from dossier.inbound.subscribers import on_inbound_received
from dossier.payments import routes as payment_routes
from dossier.payments.service import DossierPayments
from dossier.portal import routes as portal_routes
from dossier.procedures import routes as procedure_routes
from dossier.procedures.loading import load_procedures
from dossier.results import routes as result_routes
from dossier.settings import DossierSettings
from dossier.statistics import routes as statistics_routes
from dossier.supplements import routes as supplement_routes
from dossier.trackings import routes as tracking_routes
from dossier.vault import Vault

HOUR_SECONDS = 3600.0
CONSUMERS = (Consumer(purpose="inbound", events={InboundDossierReceivedV1: on_inbound_received}),)


def create_app(
    settings: DossierSettings,
    *,
    clocks: Clocks | None = None,
    keys: KeyProvider | None = None,
    verifier: TokenVerifier | None = None,
) -> FastAPI:
    """Return the app; `clocks`, `keys` and `verifier` replace the real ones in tests."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.vault = Vault(state.keys)
        state.identity = IdentityClient(state.http, state.tokens, settings.identity_url)
        state.portal_sync = PortalSyncClient(state.http, state.tokens, settings.national_portal_sync_url)
        async with open_tools(state, settings) as tools:
            state.desk_tools = tools
            state.after_submission = after_submission(tools)
            yield

    return create_service_app(
        settings,
        title="Public-service dossiers",
        description="The catalogue of procedures, and the dossiers filed under them.",
        routers=(
            procedure_routes.router,
            procedure_routes.portal_router,
            dossier_routes.router,
            attachment_routes.router,
            tracking_routes.router,
            document_routes.router,
            portal_routes.router,
            desk_routes.router,
            supplement_routes.router,
            payment_routes.router,
            result_routes.router,
            statistics_routes.router,
        ),
        consumers=CONSUMERS,
        timers=_timers(settings),
        resources=resources,
        problems=(
            FileTypeRefused,
            DigestMismatch,
            NotAcceptedYet,
            TooManyDrafts,
            ConditionNotMet,
            SamePerson,
        ),
        clocks=clocks,
        keys=keys,
        verifier=verifier,
    )


def _timers(settings: DossierSettings) -> list[Timer]:
    async def advance(state: Any) -> None:  # Any: starlette's State
        await timers.advance_all(state.desk_tools)

    async def mark_deadlines(state: Any) -> None:  # Any: as above
        await timers.mark_deadlines(state.desk_tools)

    async def settle_payments(state: Any) -> None:  # Any: as above
        await DossierPayments(state.desk_tools).settle_open()

    async def discard_drafts(state: Any) -> None:  # Any: as above
        await discard_abandoned(state.database, state.clocks, settings.draft_days)

    # Payments are claimed by row and shared; the others look through one list and lock what they find.
    return [
        Timer("advance-dossiers", settings.timer_seconds, advance),
        Timer("mark-deadlines", settings.timer_seconds, mark_deadlines),
        Timer("discard-drafts", HOUR_SECONDS, discard_drafts),
        Timer("settle-dossier-payments", settings.settle_seconds, settle_payments, exclusive=False),
    ]


SERVICE = ServiceDefinition(
    name="dossier",
    settings_class=DossierSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
    after_migrate=load_procedures,
)
