"""Builds the gateway by hand, in one place, and runs it: pools, verifier, documents, pages, two listeners."""

import asyncio
import gc
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version

import uvicorn

from chassis import metrics as process_metrics
from chassis.auth import RemoteKeys, Revocations, TokenVerifier
from chassis.bus import Bus
from chassis.http import new_client
from chassis.logging import get_logger
from gateway import metrics
from gateway.application import Gateway
from gateway.calls import Receive, Scope, Send
from gateway.documents.problem_codes import ProblemCodes
from gateway.documents.sources import OpenApiSources
from gateway.forwarding.breaker import Breaker, BreakerState
from gateway.forwarding.forward import Forwarder
from gateway.forwarding.pool import Pool
from gateway.health import Health, readiness
from gateway.own_routes import OwnRoutes
from gateway.pages.assets import Assets
from gateway.pages.render import Pages
from gateway.pages.verify import VerifyPage
from gateway.routes import ROUTES, RoutingTable, Service
from gateway.server import EdgeLimits, Listener, edge_protocol, keep_quiet_about_cut_answers
from gateway.settings import GatewaySettings
from gateway.tracing import Tracing

log = get_logger(__name__)


class Assembly:
    """The parts of one running gateway."""

    def __init__(self, gateway: Gateway, health: Health, pools: dict[Service, Pool]) -> None:
        self.gateway = gateway
        self.health = health
        self.pools = pools


@asynccontextmanager
async def assembled(
    settings: GatewaySettings, *, verifier: TokenVerifier | None = None
) -> AsyncIterator[Assembly]:
    """Give a gateway with everything open; `verifier` replaces the real one in tests."""
    async with AsyncExitStack() as stack:
        table = RoutingTable(ROUTES, sandbox=settings.is_sandbox)
        pools = {service: _pool(service, url, settings) for service, url in settings.upstreams().items()}
        for pool in pools.values():
            stack.push_async_callback(pool.close)
        client = new_client()
        stack.push_async_callback(client.aclose)
        if verifier is None:
            verifier = TokenVerifier(
                RemoteKeys(f"{settings.identity_url}/oauth2/jwks", client),
                issuer=settings.public_url,
                audience=settings.public_url,
            )
        await _follow_revocations(verifier, settings, stack)
        health = Health(pools, client)
        openapi = OpenApiSources(
            pools,
            client,
            table,
            public_url=settings.public_url,
            version=version("lienthong-gateway"),
            refresh_seconds=settings.openapi_refresh_seconds,
        )
        assets = Assets()
        pages = Pages(assets, sandbox=settings.is_sandbox)
        gateway = Gateway(
            settings=settings,
            table=table,
            forwarder=Forwarder(
                pools,
                forwarded_lines=_forwarded_lines(settings),
                client_timeout_seconds=settings.client_timeout_seconds,
            ),
            own_routes=OwnRoutes(
                health=health,
                openapi=openapi,
                pages=pages,
                assets=assets,
                problems=ProblemCodes(openapi),
                verify=VerifyPage(pages, client, settings.judicial_record_url),
            ),
            verifier=verifier,
            tracing=Tracing(recording=settings.otlp_endpoint is not None),
        )
        _show_figures(gateway, pools)
        yield Assembly(gateway, health, pools)


async def serve(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Raises: OSError when a port is taken."""
    keep_quiet_about_cut_answers()
    public, operations = bind(settings.host, settings.port), bind(settings.host, settings.metrics_port)
    stop = _stop_on_signals()
    async with assembled(settings) as assembly:
        server = Listener(public_config(settings, assembly.gateway))
        gc.collect()
        gc.freeze()  # what is there now stays: no reason to look through it again with every collection
        gc.set_threshold(20_000, 20, 50)
        async with (
            Listener(_operations_config(assembly.health)).listening(operations),
            server.listening(public),
        ):
            process_metrics.READY.set(1)
            log.info("gateway.serving", port=settings.port, profile=settings.profile)
            await stop.wait()
            assembly.health.is_draining = True
            process_metrics.READY.set(0)
            log.info("gateway.draining", grace_seconds=settings.drain_seconds)
            await asyncio.sleep(settings.drain_seconds)
    log.info("gateway.stopped")


def _stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; the second signal has its usual effect again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take() -> None:
        stop.set()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, take)
    return stop


def public_config(settings: GatewaySettings, gateway: Gateway) -> uvicorn.Config:
    """Return uvicorn's configuration of the public listener."""
    limits = EdgeLimits(
        max_head_bytes=settings.max_header_bytes + settings.max_request_line_bytes,
        max_request_line_bytes=settings.max_request_line_bytes,
        header_timeout_seconds=settings.header_timeout_seconds,
        client_timeout_seconds=settings.client_timeout_seconds,
        max_connections=settings.max_connections,
    )
    return uvicorn.Config(
        gateway,
        host=settings.host,
        port=settings.port,
        http=edge_protocol(limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port. Raises: OSError, naming it, when it is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as failure:
        listener.close()
        raise OSError(failure.errno, f"cannot listen on {host}:{port}: {failure.strerror}") from failure
    return listener


def _pool(service: Service, url: str, settings: GatewaySettings) -> Pool:
    def changed(state: BreakerState) -> None:
        for each in BreakerState:
            metrics.BREAKER_STATE.labels(service.value, each.value).set(each is state)
        log.warning("breaker.changed", peer=service.value, state=state.value)

    for each in BreakerState:
        metrics.BREAKER_STATE.labels(service.value, each.value).set(each is BreakerState.CLOSED)
    breaker = Breaker(
        clock=time.monotonic,
        threshold=settings.breaker_threshold,
        first_seconds=settings.breaker_first_seconds,
        longest_seconds=settings.breaker_longest_seconds,
        on_change=changed,
    )
    return Pool(
        url,
        breaker=breaker,
        max_connections=settings.connections_per_service,
        connect_timeout_seconds=settings.connect_timeout_seconds,
    )


async def _follow_revocations(
    verifier: TokenVerifier, settings: GatewaySettings, stack: AsyncExitStack
) -> None:
    """Hear of revoked tokens for as long as the gateway runs; without NATS tokens still end within
    minutes.
    """
    if settings.nats_url is None:
        return
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    bus = Bus(settings.nats_url, settings.nats_user, password, name="gateway")
    await bus.start()
    stack.push_async_callback(bus.close)
    following = asyncio.create_task(Revocations(verifier).follow(bus), name="revocations")

    async def end() -> None:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    stack.push_async_callback(end)


def _forwarded_lines(settings: GatewaySettings) -> bytes:
    """Return what every forwarded request says of the public side: from the settings, never from `Host`."""
    scheme, _, authority = settings.public_url.partition("://")
    return f"x-forwarded-proto: {scheme}\r\nx-forwarded-host: {authority.rstrip('/')}\r\n".encode("ascii")


def _show_figures(gateway: Gateway, pools: dict[Service, Pool]) -> None:
    process_metrics.REQUESTS_IN_FLIGHT.set_function(lambda: gateway.in_flight)
    metrics.QUOTA_KEYS.set_function(lambda: gateway.quota_keys)
    for service, pool in pools.items():
        connections = metrics.UPSTREAM_CONNECTIONS
        connections.labels(service.value, "open").set_function(partial(getattr, pool, "open_connections"))
        connections.labels(service.value, "idle").set_function(partial(getattr, pool, "idle_connections"))


def _operations_config(health: Health) -> uvicorn.Config:
    """Return the listener for operators: `/metrics`, `/healthz`, `/readyz` of this process, nothing else."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        status, content_type, body = 404, "text/plain", b"not found"
        if scope["path"] == "/metrics":
            status, content_type, body = 200, process_metrics.CONTENT_TYPE, process_metrics.exposition()
        elif scope["path"] == "/healthz":
            status, content_type, body = 200, "application/json", b'{"status":"ok"}'
        elif scope["path"] == "/readyz":
            status, body = readiness(health.own())
            content_type = "application/json"
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
