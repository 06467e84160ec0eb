"""`python -m deploy.sandbox serve`: the national peers on one port, health and figures on another."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import ValidationError

from chassis import logging as chassis_logging
from chassis.health import Readiness
from chassis.logging import get_logger
from chassis.runner import operations_app
from deploy.sandbox.app import NotInProduction, create_app
from deploy.sandbox.settings import SandboxSettings

log = get_logger(__name__)


def main(arguments: list[str]) -> int:
    """Serve until told to stop; return the exit code."""
    if arguments != ["serve"]:
        print("usage: python -m deploy.sandbox serve", file=sys.stderr)
        return 2
    try:
        settings = SandboxSettings()
        chassis_logging.configure(service=settings.service, level=settings.log_level)
        app = create_app(settings)
    except ValidationError as error:
        for fault in error.errors(include_input=False):
            print(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}", file=sys.stderr)
        return 1
    except NotInProduction as error:
        print(error, file=sys.stderr)
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, settings))
    return 0


class _WithoutSignals(uvicorn.Server):
    """A second listener: it ends when the first one has, which hears the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: FastAPI, settings: SandboxSettings) -> None:
    public = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )
    if settings.metrics_port is None:
        await public.serve()
        return
    readiness = Readiness()
    readiness.begin()
    operations = _WithoutSignals(
        uvicorn.Config(
            operations_app(readiness),
            host=settings.host,
            port=settings.metrics_port,
            access_log=False,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    figures = asyncio.create_task(operations.serve(), name="operations")
    log.info("sandbox.serving", port=settings.port, profile=settings.profile)
    await public.serve()
    operations.should_exit = True
    await figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
