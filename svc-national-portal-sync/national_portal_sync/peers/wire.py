"""JSON over HTTP to peers and to the services that own dossiers: the hot path of the synchronisation.

pyreqwest and not httpx2, which costs ten times the processor time per request (decision 0007 names the
gateway's pool as the other exception): 350 statuses a second are a thousand requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    ConnectError,
    ConnectTimeoutError,
    PoolTimeoutError,
    PyreqwestError,
)

from chassis.telemetry import current_traceparent
from national_portal_sync.peers.results import OutcomeUnknown, PeerAway

_NEVER_SENT = (ConnectError, ConnectTimeoutError, PoolTimeoutError)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `json` raises ValueError when the body is cut or is no JSON."""

    status: int
    body: bytes

    def json(self) -> Any:  # Any: JSON of somebody else
        return orjson.loads(self.body)


class Wire:
    """A pool of connections. Redirects and proxies of the environment are never followed."""

    def __init__(self, *, timeout_seconds: float, max_connections: int = 256) -> None:
        self._client: Client = (
            ClientBuilder()
            .no_proxy()
            .follow_redirects(False)
            .connect_timeout(timedelta(seconds=min(timeout_seconds, 2.0)))
            .timeout(timedelta(seconds=timeout_seconds))
            .pool_timeout(timedelta(seconds=timeout_seconds))
            .max_connections(max_connections)
            .user_agent("lienthong")
            .build()
        )

    async def close(self) -> None:
        await self._client.close()

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer of a GET. Raises: PeerAway."""
        try:
            return await self._send(self._client.get(url), headers)
        except PyreqwestError as failure:
            raise PeerAway("no_answer", type(failure).__name__) from failure

    async def post(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Return the answer of a POST. Raises: PeerAway when it cannot have arrived, OutcomeUnknown."""
        request = self._client.post(url).body_bytes(orjson.dumps(body))
        try:
            return await self._send(request, {"content-type": "application/json", **headers})
        except _NEVER_SENT as failure:
            raise PeerAway("not_reached", type(failure).__name__) from failure
        except PyreqwestError as failure:
            raise OutcomeUnknown("no_answer", type(failure).__name__) from failure

    async def _send(self, request: Any, headers: Mapping[str, str]) -> Answer:  # Any: a request builder
        traceparent = current_traceparent()
        traced = {"traceparent": traceparent} if traceparent else {}
        response = await request.headers({**headers, **traced}).build().send()
        return Answer(response.status, bytes(await response.bytes()))
