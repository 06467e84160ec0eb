"""Readiness with every service behind the gateway named, and the status for people.

The same shape as a service's own readiness (`chassis.health`), one level up: a part here is a process there.
The services are asked at most once a second, whoever asks the gateway how often.
"""

import asyncio
import time

import httpx2
import orjson

from gateway.forwarding.pool import Pool
from gateway.routes import Service

CACHE_SECONDS = 1.0
PROBE_TIMEOUT_SECONDS = 2.0


class Health:
    """What the gateway knows of itself and of the services."""

    def __init__(self, pools: dict[Service, Pool], client: httpx2.AsyncClient) -> None:
        self._pools = pools
        self._client = client
        self._services: dict[str, str] = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()
        self.is_draining = False

    def own(self) -> dict[str, str]:
        """Return the gateway's own part: `ok` or `draining`."""
        return {"gateway": "draining" if self.is_draining else "ok"}

    async def parts(self) -> dict[str, str]:
        """Return `ok`, `failed`, `unreachable` or `draining` by name, the gateway first; at most a second
        old.
        """
        if time.monotonic() - self._asked_at > CACHE_SECONDS:
            async with self._lock:
                if time.monotonic() - self._asked_at > CACHE_SECONDS:
                    states = await asyncio.gather(*(self._state(pool) for pool in self._pools.values()))
                    self._services = {s.value: state for s, state in zip(self._pools, states, strict=True)}
                    self._asked_at = time.monotonic()
        return {**self.own(), **self._services}

    async def _state(self, pool: Pool) -> str:
        try:
            response = await self._client.get(f"{pool.origin}/readyz", timeout=PROBE_TIMEOUT_SECONDS)
        except httpx2.HTTPError:
            return "unreachable"
        return "ok" if response.status_code == 200 else "failed"


def readiness(parts: dict[str, str]) -> tuple[int, bytes]:
    """Return status and JSON of `/readyz`: 200 only when every part is ready."""
    is_ready = all(state == "ok" for state in parts.values())
    return (200 if is_ready else 503), orjson.dumps(
        {"status": "ok" if is_ready else "unavailable", "parts": parts}
    )


def status_for_people(parts: dict[str, str]) -> bytes:
    """Return the JSON of `/v1/status`: which parts of the system work."""
    is_whole = all(state == "ok" for state in parts.values())
    services = [{"name": name, "available": state == "ok"} for name, state in parts.items()]
    return orjson.dumps({"status": "operational" if is_whole else "degraded", "services": services})
