"""Liveness and readiness, apart: liveness says that the event loop turns, readiness that work can be taken.

Liveness never asks the database: restarting a process does not mend PostgreSQL, it only adds a stampede.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import orjson
from fastapi import APIRouter, Request, Response

from chassis import metrics
from chassis.access import public

Check = Callable[[], Awaitable[None]]
_CHECK_SECONDS = 2.0
_KEPT_SECONDS = 0.5


class Readiness:
    """Whether the process takes work: not before `begin`, and never again after `begin_drain`."""

    def __init__(self, checks: Mapping[str, Check] | None = None) -> None:
        self._checks = dict(checks or {})
        self._has_begun = False
        self._is_draining = False
        self._kept: tuple[float, dict[str, str]] | None = None
        self._lock = asyncio.Lock()

    @property
    def is_draining(self) -> bool:
        return self._is_draining

    def add(self, name: str, check: Check) -> None:
        """Add a dependency without which no work can be taken; the check raises when it is away."""
        self._checks[name] = check

    def begin(self) -> None:
        """Say that everything is open and work can be taken."""
        self._has_begun = True

    def begin_drain(self) -> None:
        """Answer not ready from now on; requests already accepted are still served."""
        self._is_draining = True
        metrics.READY.set(0)

    async def report(self) -> dict[str, str]:
        """Return `ok`, `failed`, `starting` or `draining` by part; the checks run twice a second at most."""
        async with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] > _KEPT_SECONDS:
                names = list(self._checks)
                states = await asyncio.gather(*(self._state(self._checks[name]) for name in names))
                self._kept = (time.monotonic(), dict(zip(names, states, strict=True)))
        process = "draining" if self._is_draining else "ok" if self._has_begun else "starting"
        report = {"process": process, **self._kept[1]}
        metrics.READY.set(all(state == "ok" for state in report.values()))
        return report

    @staticmethod
    async def _state(check: Check) -> str:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await check()
        except Exception:  # whatever it is, the part is not usable now
            return "failed"
        return "ok"


router = APIRouter(tags=["health"], include_in_schema=False)


@router.get("/healthz", dependencies=[public("liveness holds no data")])
async def get_liveness() -> Response:
    """Say that the process lives."""
    return Response(b'{"status":"ok"}', media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/readyz", dependencies=[public("readiness holds no data")])
async def get_readiness(request: Request) -> Response:
    """Say whether the process takes work, and which part is missing."""
    status, body = await readiness_answer(request.app.state.readiness)
    return Response(body, status, media_type="application/json", headers={"cache-control": "no-store"})


async def readiness_answer(readiness: Readiness) -> tuple[int, bytes]:
    """Return status and JSON body of `/readyz`."""
    report = await readiness.report()
    is_ready = all(state == "ok" for state in report.values())
    body = orjson.dumps({"status": "ok" if is_ready else "unavailable", "parts": report})
    return (200 if is_ready else 503), body
