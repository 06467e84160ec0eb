"""The sandbox of national peers as one ASGI application.

Not `chassis.app`: the sandbox stands for systems that are not ours, has no database and takes no token. It
shares only what must be shared, the bus that tells legal time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from chassis.bus import Bus
from chassis.http import new_client
from deploy.sandbox import control, overview
from deploy.sandbox.clock import LegalClock
from deploy.sandbox.courts import routes as court_routes
from deploy.sandbox.courts.routes import Courts
from deploy.sandbox.courts.sender import CourtSender
from deploy.sandbox.exchange import Exchange
from deploy.sandbox.faults import FaultLayer, Faults
from deploy.sandbox.payments import pages as payment_pages
from deploy.sandbox.payments import routes as payment_routes
from deploy.sandbox.payments.notices import CLIENT_ID, Notifier
from deploy.sandbox.payments.store import IntentStore
from deploy.sandbox.register import Register
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.state import State
from deploy.sandbox.town import town
from deploy.sandbox.tsa import routes as tsa_routes
from deploy.sandbox.tsa.authority import Authority
from deploy.sandbox.vneid import pages as vneid_pages
from deploy.sandbox.vneid import routes as vneid_routes
from deploy.sandbox.vneid.clients import Clients
from deploy.sandbox.vneid.keys import SigningKeys
from deploy.sandbox.vneid.provider import Provider
from deploy.sandbox.web import FOLDER


class NotInProduction(Exception):
    """The sandbox was started with a profile other than `sandbox`."""


def create_app(settings: SandboxSettings, *, now: Callable[[], float] = time.time) -> FastAPI:
    """Build the application; `now` is real time in seconds since 1970.

    Raises:
        NotInProduction: in any profile but `sandbox`; here everybody may sign in as anybody.
    """
    if settings.profile != "sandbox":
        raise NotInProduction("the sandbox of national peers runs in the sandbox profile only")
    state = State(settings.state_directory / "sandbox.sqlite3")
    register = Register(state, size=settings.town_size, seed=settings.town_seed)
    clock = LegalClock(state)
    faults = Faults(state)
    exchange = Exchange(settings, state, faults)
    provider = Provider(
        issuer=settings.issuer,
        clients=Clients(
            public_url=settings.public_url.rstrip("/"),
            clients_directory=settings.clients_directory,
            registrations=settings.vneid_clients_file,
        ),
        keys=SigningKeys(settings.state_directory / "vneid-keys.json"),
        register=register,
        state=state,
        now=now,
    )

    intents = IntentStore(settings.state_directory / "payments.sqlite3")
    client = new_client(timeout=httpx2.Timeout(10.0))
    notifier = Notifier(
        intents,
        state,
        faults,
        key_file=settings.clients_directory / f"{CLIENT_ID}.jwk",
        client=client,
        now=now,
    )
    courts = Courts(town(settings.town_size, settings.town_seed), state, faults, now)
    court_sender = CourtSender(settings.public_url, settings.clients_directory, client, state)
    authority = Authority(settings.tsa_key_file) if settings.tsa_key_file else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with _clock_broadcast(settings, clock), _running(notifier.run(), "payment-notices"):
            yield
        await client.aclose()
        intents.close()
        await exchange.close()
        state.close()

    app = FastAPI(
        title="Liên Thông sandbox of national peers",
        version="1.0.0",
        lifespan=lifespan,
        openapi_url="/sandbox/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(control.routes(register, clock, faults, state, now))
    app.include_router(overview.pages(register, clock, faults, state, now))
    app.include_router(vneid_routes.routes(provider))
    app.include_router(vneid_pages.pages(provider, is_https=settings.public_url.startswith("https:")))
    app.include_router(payment_routes.routes(intents, notifier, state, public_url=settings.public_url))
    app.include_router(payment_pages.pages(intents, notifier, state))
    app.include_router(tsa_routes.routes(authority, state, now))
    app.include_router(court_routes.routes(courts, court_sender))
    for router in exchange.routers:
        app.include_router(router)
    app.mount("/sandbox/static", StaticFiles(directory=FOLDER / "static"), name="static")

    @app.get("/healthz", include_in_schema=False)
    @app.get("/readyz", include_in_schema=False)
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.middleware("http")
    async def refuse_foreign_forms(request: Request, call_next: Callable[..., Response]) -> Response:
        """Refuse what a page of another site makes a browser send: it must not move the clock."""
        site = request.headers.get("sec-fetch-site", "none")
        if request.method not in ("GET", "HEAD") and site in ("cross-site", "same-site"):
            return JSONResponse({"error": "cross_site_request"}, 403)
        return await call_next(request)  # type: ignore[misc,no-any-return]  # Starlette leaves call_next untyped

    app.add_middleware(FaultLayer, faults=faults, state=state)
    return app


@asynccontextmanager
async def _clock_broadcast(settings: SandboxSettings, clock: LegalClock) -> AsyncIterator[None]:
    """Tell legal time on NATS as long as the application lives; nothing without an address of NATS."""
    if settings.nats_url is None:
        yield
        return
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    bus = Bus(settings.nats_url, settings.nats_user, password, name="sandbox")
    await bus.start()
    try:
        async with _running(clock.keep_published(bus), "legal-clock"):
            yield
    finally:
        await bus.close()


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Let work go on beside the application, and end it with the application."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
