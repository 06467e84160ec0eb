"""The judicial-record service: its app and its three verbs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.auth import TokenVerifier
from chassis.clock import Clocks
from chassis.keys import KeyProvider
from chassis.runner import ServiceDefinition
from chassis.timers import Timer
from judicial_record.applications import (
    desk_routes,
    payment_routes,
    portal_routes,
)
from judicial_record.applications import errors as application_errors
from judicial_record.applications import routes as application_routes
from judicial_record.applications.automation import Automation
from judicial_record.applications.payments import ApplicationPayments
from judicial_record.applications.ports import Certificates, Convictions
from judicial_record.assembly import certificates_open, open_applications
from judicial_record.certificates import errors as certificate_errors
from judicial_record.certificates import routes as certificate_routes
from judicial_record.convictions import errors as conviction_errors
from judicial_record.convictions import routes as conviction_routes
from judicial_record.convictions.peers import SourcePeer
from judicial_record.convictions.wiring import (
    call_back,
    link_waiting_convictions,
    open_convictions,
    send_verifications,
)
from judicial_record.settings import JudicialRecordSettings


def create_app(
    settings: JudicialRecordSettings,
    *,
    clocks: Clocks | None = None,
    keys: KeyProvider | None = None,
    verifier: TokenVerifier | None = None,
    convictions: Convictions | None = None,
    certificates: Certificates | None = None,
    sources: SourcePeer | None = None,
) -> FastAPI:
    """Return the app; nothing is opened before its lifespan. The keywords replace real parts in tests."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        async with certificates_open(app.state, settings):
            base = open_convictions(app.state, settings, sources)
            open_applications(app.state, settings, convictions or base, certificates)
            call_back(app.state, app.state.verifications.answers_are_in)
            yield

    return create_service_app(
        settings,
        title="Judicial record",
        description="Applications for the judicial record certificate, decided by the statutory clock.",
        routers=(
            application_routes.router,
            payment_routes.router,
            desk_routes.router,
            portal_routes.router,
            certificate_routes.router,
            conviction_routes.router,
        ),
        timers=_timers(settings),
        resources=resources,
        problems=[
            *application_errors.PROBLEMS,
            *certificate_errors.PROBLEMS,
            *conviction_errors.PROBLEMS,
        ],
        clocks=clocks,
        keys=keys,
        verifier=verifier,
    )


def _timers(settings: JudicialRecordSettings) -> list[Timer]:
    async def advance(state: Any) -> None:  # Any: starlette's State
        automation: Automation = state.automation
        await automation.advance()

    async def watch_clocks(state: Any) -> None:  # Any: as above
        automation: Automation = state.automation
        await automation.watch_clocks()

    async def settle_payments(state: Any) -> None:  # Any: as above
        payments: ApplicationPayments = state.application_payments
        await payments.settle_open()

    # Not exclusive: cases and payments are taken by row, so several workers share the queue.
    return [
        Timer("advance-applications", settings.advance_interval_seconds, advance, exclusive=False),
        Timer("watch-application-clocks", settings.clock_interval_seconds, watch_clocks, exclusive=False),
        Timer("settle-judicial-payments", settings.settle_interval_seconds, settle_payments, exclusive=False),
        Timer("link-waiting-convictions", settings.link_interval_seconds, link_waiting_convictions),
        Timer(
            "send-verifications",
            settings.verification_interval_seconds,
            send_verifications,
            exclusive=False,
        ),
    ]


SERVICE = ServiceDefinition(
    name="judicial-record",
    settings_class=JudicialRecordSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
)
