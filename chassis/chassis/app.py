"""Builds a service's FastAPI app: everything wired by hand in one place, nothing at import.

`app.state` carries what handlers, consumers and timers use: `settings database bus clocks keys cipher
verifier tokens client_keys http cursors readiness`, and what the service's own `resources` add.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from chassis import handlers, openapi
from chassis import health as health_routes
from chassis.access import access_table, public
from chassis.auth import RemoteKeys, Revocations, TokenVerifier
from chassis.bus import Bus
from chassis.client_keys import ClientKeys
from chassis.clock import Clocks
from chassis.consumer import Consumer
from chassis.crypto import Cipher
from chassis.db import Database
from chassis.edge import Edge
from chassis.errors import Problem
from chassis.health import Readiness
from chassis.http import new_client
from chassis.idempotency import require_keys
from chassis.keys import FileKeyProvider, KeyProvider
from chassis.paging import Cursors
from chassis.service_tokens import ServiceTokens
from chassis.settings import ServiceSettings
from chassis.timers import Timer
from chassis.worker import Worker

Resources = Callable[[FastAPI], AbstractAsyncContextManager[None]]
"""Opens what a service adds to `app.state`, after the chassis's own parts and before the first request."""


def create_service_app(
    settings: ServiceSettings,
    *,
    title: str,
    routers: Sequence[APIRouter],
    description: str = "",
    version: str = "0.1.0",
    consumers: Sequence[Consumer] = (),
    timers: Sequence[Timer] = (),
    resources: Resources | None = None,
    problems: Iterable[type[Problem]] = (),
    clocks: Clocks | None = None,
    keys: KeyProvider | None = None,
    verifier: TokenVerifier | None = None,
) -> FastAPI:
    """Return the app; nothing is opened before its lifespan.

    `problems` are the service's own problem classes. `clocks`, `keys` and `verifier` replace the real ones
    in tests. With `app.state.run_worker` set before start, relay, consumers and timers run too.

    Raises: RouteWithoutAccess when a route names nobody who may call it; CommandWithoutIdempotency when a
    command under /v1 neither takes an idempotency key nor says that it needs none.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _open(app, settings, stack)
            if resources is not None:
                await stack.enter_async_context(resources(app))
            if app.state.run_worker:
                worker = Worker(settings, app.state, consumers, timers)
                worker.start()
                stack.push_async_callback(worker.stop)
            readiness.begin()
            yield

    app = FastAPI(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        generate_unique_id_function=lambda route: route.name,
    )
    readiness = Readiness()
    app.state.settings = settings
    app.state.clocks = clocks or Clocks.real()
    app.state.keys = keys or FileKeyProvider(
        settings.key_directory / settings.service, create=settings.is_sandbox
    )
    app.state.verifier = verifier
    app.state.readiness = readiness
    app.state.consumers = tuple(consumers)
    app.state.run_worker = False
    app.add_middleware(
        Edge,
        readiness=readiness,
        max_header_bytes=settings.max_header_bytes,
        max_held_body_bytes=settings.max_held_body_bytes,
    )
    handlers.install(app)
    openapi.install(app, problems)
    for router in (health_routes.router, _document_router(app), *routers):
        app.include_router(router, max_body_size=settings.max_body_bytes)
    access_table(app)
    require_keys(app)
    return app


async def _open(app: FastAPI, settings: ServiceSettings, stack: AsyncExitStack) -> None:
    """Open the chassis's parts in the order in which they need each other; they close in reverse."""
    state = app.state
    state.cipher = Cipher(state.keys)
    state.cursors = Cursors(state.keys.secret("cursors"))
    state.database = await Database.connect(
        settings.database_url.get_secret_value(),
        settings.pool_size,
        application_name=f"lienthong-{settings.service}",
    )
    stack.push_async_callback(state.database.close)
    state.readiness.add("database", state.database.ping)
    state.http = new_client()
    stack.push_async_callback(state.http.aclose)
    state.tokens = ServiceTokens(
        client_id=f"svc-{settings.service}",
        key_file=settings.client_key_file,
        token_url=f"{settings.identity_url}/oauth2/token",
        issuer=settings.public_url,
        client=state.http,
        clocks=state.clocks,
    )
    state.client_keys = ClientKeys(state.http, state.tokens, settings.identity_url)
    if state.verifier is None:
        keys = RemoteKeys(f"{settings.identity_url}/oauth2/jwks", state.http)
        audiences = (settings.public_url, settings.internal_audience)
        state.verifier = TokenVerifier(
            keys, issuer=settings.public_url, audience=audiences, clocks=state.clocks
        )
    state.bus = None
    if settings.nats_url is not None:
        password = settings.nats_password.get_secret_value() if settings.nats_password else None
        state.bus = Bus(settings.nats_url, settings.nats_user, password, name=f"svc-{settings.service}")
        await state.bus.start()
        stack.push_async_callback(state.bus.close)
        _follow(stack, "revocations", Revocations(state.verifier).follow(state.bus))
        if settings.is_sandbox:
            _follow(stack, "legal-clock", state.clocks.follow(state.bus))


def _follow(stack: AsyncExitStack, name: str, following: Any) -> None:  # Any: a coroutine without a result
    """Keep a follower of the bus running until the app closes."""
    task = asyncio.create_task(following, name=name)

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _document_router(app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json", dependencies=[public("the contract is public")])
    async def get_openapi_document() -> Response:
        """Answer this service's part of the contract; the gateway merges the parts."""
        return Response(openapi.encoded(app), media_type="application/json")

    return router
