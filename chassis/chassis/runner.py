"""The three verbs of every service: `serve` (HTTP), `work` (relay, consumers, timers), `migrate`.

Start: settings, logs, traces, lifespan, listeners. Stop (SIGTERM, SIGINT): readiness drops, the listener
stays for `drain_seconds` so that balancers notice, accepted requests are finished, the worker finishes
what it has in hand, connections close; the metrics port goes last. A second signal ends the process at once.
"""

import argparse
import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import logging as chassis_logging
from chassis import metrics, migrations, telemetry
from chassis.access import RouteWithoutAccess
from chassis.health import Readiness, readiness_answer
from chassis.idempotency import CommandWithoutIdempotency
from chassis.keys import KeyUnavailable
from chassis.logging import get_logger
from chassis.settings import ServiceSettings, SettingsIncomplete, load

log = get_logger(__name__)

_REFUSALS = (
    KeyUnavailable,
    RouteWithoutAccess,
    CommandWithoutIdempotency,
    migrations.MigratorAddressMissing,
    migrations.MigrationHeadMismatch,
    OSError,
)
"""What stops a start with one line that says why."""


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """What the verbs need to know of a service.

    `after_migrate(settings)` loads reference data as the migrator; it must be idempotent.
    """

    name: str
    settings_class: type[ServiceSettings]
    create_app: Callable[[Any], FastAPI]  # Any: the service's own settings class
    migrations_directory: Path
    after_migrate: Callable[[Any], Awaitable[None]] | None = None


def main(service: ServiceDefinition, argv: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 done, 1 failed, 2 wrongly called or settings incomplete."""
    parser = argparse.ArgumentParser(prog=service.name)
    parser.add_argument("verb", choices=("serve", "work", "migrate"))
    verb = parser.parse_args(argv).verb
    try:
        settings = load(service.settings_class)
    except SettingsIncomplete as failure:
        print(f"{service.name}: {failure}", file=sys.stderr)
        sys.exit(2)
    chassis_logging.configure(service=service.name, level=settings.log_level)
    provider = telemetry.configure(
        service=service.name,
        otlp_endpoint=settings.otlp_endpoint,
        sampling_ratio=settings.trace_sampling_ratio,
    )
    run = _migrate(service, settings) if verb == "migrate" else _run(service, settings, verb)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run)
    except _REFUSALS as refusal:
        print(f"{service.name}: {type(refusal).__name__}: {refusal}", file=sys.stderr)
        sys.exit(1)
    finally:
        provider.shutdown()
        gc.freeze()  # else the interpreter's last collection looks through every module for a second or two


async def _migrate(service: ServiceDefinition, settings: ServiceSettings) -> None:
    revision = await migrations.run(settings, service.migrations_directory)
    if service.after_migrate is not None:
        await service.after_migrate(settings)
    log.info("service.migrated", version=revision)


async def _run(service: ServiceDefinition, settings: ServiceSettings, verb: str) -> None:
    app = service.create_app(settings)
    app.state.run_worker = verb == "work" or settings.work_in_serve
    readiness: Readiness = app.state.readiness
    stop = _stop_on_signals()
    gc.freeze()  # what was imported stays: the collector need not look at it again and again
    operations = _Server(operations_app(readiness), settings.host, settings.metrics_port, grace_seconds=1)
    async with operations.running(), app.router.lifespan_context(app):
        if verb == "work":
            log.info("service.working", port=settings.metrics_port, profile=settings.profile)
            await stop.wait()
            readiness.begin_drain()
        else:
            public = _Server(app, settings.host, settings.port, grace_seconds=settings.shutdown_seconds)
            async with public.running():
                log.info("service.serving", port=settings.port, profile=settings.profile)
                await stop.wait()
                readiness.begin_drain()
                log.info("service.draining", grace_seconds=settings.drain_seconds)
                await asyncio.sleep(settings.drain_seconds)
    log.info("service.stopped", verb=verb)


def _stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; the second signal has its usual effect again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take(received: signal.Signals) -> None:
        log.info("service.signal", signal=received.name)
        stop.set()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, take, name)
    return stop


def operations_app(readiness: Readiness) -> ASGIApp:
    """Return the raw ASGI app of the metrics port: `/metrics`, `/healthz`, `/readyz`, nothing else."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, content_type, body = 404, "text/plain", b"not found"
        if scope["path"] == "/metrics":
            status, content_type, body = 200, metrics.CONTENT_TYPE, metrics.exposition()
        elif scope["path"] == "/healthz":
            status, content_type, body = 200, "application/json", b'{"status":"ok"}'
        elif scope["path"] == "/readyz":
            status, body = await readiness_answer(readiness)
            content_type = "application/json"
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling and lifespan, so that two listeners share one orderly end."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, grace_seconds: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=True,
                proxy_headers=False,
                backlog=2048,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=grace_seconds,
            )
        )
        self._is_up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._is_up.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen for the length of the block; at its end finish accepted requests within the grace.

        Raises: OSError when the port is taken.
        """
        listener = _bind(self.config.host, self.config.port)
        serving = asyncio.create_task(self.serve([listener]), name=f"listen:{self.config.port}")
        await self._is_up.wait()
        try:
            yield
        finally:
            self.should_exit = True
            await serving


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as failure:
        listener.close()
        raise OSError(failure.errno, f"cannot listen on {host}:{port}: {failure.strerror}") from failure
    return listener
