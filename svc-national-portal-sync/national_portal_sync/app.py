"""Wires the synchronisation with the national portal, VNeID and the provinces."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from chassis.app import create_service_app
from chassis.auth import TokenVerifier
from chassis.client_keys import ClientKeys
from chassis.clock import Clocks
from chassis.consumer import Consumer
from chassis.http import new_client
from chassis.keys import KeyProvider
from chassis.runner import ServiceDefinition
from chassis.timers import Timer
from contracts.events.dossier import DossierChangedV1
from contracts.events.judicial_record import (
    ApplicationChangedV1,
    CertificateIssuedV1,
    CertificateRevokedV1,
)
from national_portal_sync import reference
from national_portal_sync.clients.sources import Source, Sources
from national_portal_sync.deliveries import repository
from national_portal_sync.deliveries import routes as delivery_routes
from national_portal_sync.deliveries.carriers import CaseCarrier
from national_portal_sync.deliveries.rules import CASES, WEBHOOKS
from national_portal_sync.deliveries.sender import Breaker, Route, Sender
from national_portal_sync.deliveries.subscribers import (
    PORTAL,
    VNEID,
    on_application_changed,
    on_certificate_issued,
    on_certificate_revoked,
    on_dossier_changed,
)
from national_portal_sync.inbound import routes as inbound_routes
from national_portal_sync.inbound.errors import NothingAccepted
from national_portal_sync.peers.portal import NationalPortal
from national_portal_sync.peers.vneid import VneidPush
from national_portal_sync.peers.wire import Wire
from national_portal_sync.reconciliations import routes as reconciliation_routes
from national_portal_sync.settings import NationalPortalSyncSettings
from national_portal_sync.webhooks import routes as webhook_routes
from national_portal_sync.webhooks.carrier import WebhookCarrier
from national_portal_sync.webhooks.errors import TooManyEndpoints, WebhookUrlRefused
from national_portal_sync.webhooks.guard import Guard
from national_portal_sync.webhooks.repository import PREFIX

CONSUMERS = (
    Consumer(
        purpose="deliveries",
        events={
            DossierChangedV1: on_dossier_changed,
            ApplicationChangedV1: on_application_changed,
            CertificateIssuedV1: on_certificate_issued,
            CertificateRevokedV1: on_certificate_revoked,
        },
    ),
)


def create_app(
    settings: NationalPortalSyncSettings,
    *,
    clocks: Clocks | None = None,
    keys: KeyProvider | None = None,
    verifier: TokenVerifier | None = None,
) -> FastAPI:
    """Return the app; `clocks`, `keys` and `verifier` replace the real ones in tests."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.client_keys = ClientKeys(state.http, state.tokens, settings.identity_url)
        state.guard = Guard(allows_loopback=settings.is_sandbox)
        wire = Wire(timeout_seconds=settings.portal_timeout_seconds)
        webhook_http = new_client()
        routes = _case_routes(settings, state, wire)
        webhooks = Route(
            "webhook",
            WebhookCarrier(
                state.database,
                state.cipher,
                state.clocks,
                state.guard,
                webhook_http,
                settings.webhook_timeout_seconds,
            ),
            WEBHOOKS,
            settings.webhook_concurrency,
            Breaker(settings.breaker_threshold, longest_seconds=300.0),
        )
        state.sender = Sender(
            state.database,
            state.clocks,
            lambda peer: webhooks if peer.startswith(PREFIX) else routes.get(peer),
            lease_seconds=settings.delivery_lease_seconds,
        )
        yield
        await state.sender.close()
        await webhook_http.aclose()
        await wire.close()

    return create_service_app(
        settings,
        title="National portal sync",
        description="Keeping step with the national portal, VNeID and the provinces.",
        routers=[
            delivery_routes.router,
            reconciliation_routes.router,
            inbound_routes.router,
            webhook_routes.router,
        ],
        consumers=CONSUMERS,
        timers=[
            # Not exclusive: queues are leased by row, so several workers share a peer's backlog.
            Timer("send-deliveries", settings.delivery_interval_seconds, _send, exclusive=False),
            Timer("forget-deliveries", 600.0, _forget),
        ],
        resources=resources,
        problems=[NothingAccepted, TooManyEndpoints, WebhookUrlRefused],
        clocks=clocks,
        keys=keys,
        verifier=verifier,
    )


def _case_routes(
    settings: NationalPortalSyncSettings, state: Any, wire: Wire
) -> Mapping[str, Route]:  # Any: starlette's State
    """Return the routes of the peers that are set up; deliveries to others wait."""
    urls: dict[Source, str] = {}
    if settings.dossier_url:
        urls["dossier"] = settings.dossier_url
    if settings.judicial_record_url:
        urls["judicial-record"] = settings.judicial_record_url
    sources = Sources(urls, state.tokens, wire)
    breaker = Breaker(settings.breaker_threshold)
    routes: dict[str, Route] = {}
    state.daily_lists = {}
    account, vneid_url = settings.portal_account, settings.vneid_address
    if account is not None:
        portal = NationalPortal(account, wire)
        state.daily_lists[PORTAL] = portal
        routes[PORTAL] = Route(
            "portal", CaseCarrier(portal, sources), CASES, settings.portal_concurrency, breaker
        )
    if vneid_url is not None:
        vneid = VneidPush(vneid_url, wire, reference.provinces())
        routes[VNEID] = Route(
            "vneid", CaseCarrier(vneid, sources), CASES, settings.vneid_concurrency, breaker
        )
    return routes


async def _send(state: Any) -> None:  # Any: starlette's State
    """Start the lanes of the peers that are due something."""
    await state.sender.tick()


async def _forget(state: Any) -> None:  # Any: as above
    """Delete what was delivered long ago, some at a time."""
    before = state.clocks.real_now() - timedelta(days=state.settings.delivered_days)
    async with state.database.statement() as connection:
        await connection.execute(repository.FORGET_OLD, before)


SERVICE = ServiceDefinition(
    name="national-portal-sync",
    settings_class=NationalPortalSyncSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
)
