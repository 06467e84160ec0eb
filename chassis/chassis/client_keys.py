"""The public keys of registered clients, asked of identity and kept: with them signed requests are checked.

Not the clients' own addresses: a key counts because it is registered, and identity holds the registrations.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from chassis.errors import UpstreamUnavailable
from chassis.http_signatures import PublicKey, read_keys
from chassis.logging import get_logger
from chassis.service_tokens import ServiceTokens

AUDIENCE = "urn:lienthong:identity"
SCOPE = "clients.read"
_MAX_CLIENTS = 1000
_TIMEOUT_SECONDS = 2.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: Mapping[str, PublicKey]
    asked_at: float


class ClientKeys:
    """Keys by client, asked anew every ten minutes and, at most every three seconds, for an unknown key.

    While identity is away, what is known is used on; what was never known is `UpstreamUnavailable`.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        tokens: ServiceTokens,
        identity_url: str,
        *,
        minimum_seconds: float = 3.0,
        maximum_seconds: float = 600.0,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._url = f"{identity_url}/internal/v1/clients"
        self._minimum_seconds = minimum_seconds
        self._maximum_seconds = maximum_seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, client_id: str, kid: str | None = None) -> Mapping[str, PublicKey]:
        """Return a client's public keys by key id, empty when there is no such client.

        Raises: UpstreamUnavailable.
        """
        kept = self._kept.get(client_id)
        if kept is not None and not self._is_old(kept, kid):
            return kept.keys
        lock = self._locks.setdefault(client_id, asyncio.Lock())
        try:
            async with lock:
                kept = self._kept.get(client_id)
                if kept is None or self._is_old(kept, kid):
                    kept = await self._ask(client_id, kept)
                return kept.keys
        finally:
            if not lock.locked():
                self._locks.pop(client_id, None)

    def _is_old(self, kept: _Kept, kid: str | None) -> bool:
        is_missing = not kept.keys or (kid is not None and kid not in kept.keys)
        age = time.monotonic() - kept.asked_at
        return age >= (self._minimum_seconds if is_missing else self._maximum_seconds)

    async def _ask(self, client_id: str, known: _Kept | None) -> _Kept:
        try:
            keys = await self._fetch(client_id)
        except UpstreamUnavailable:
            if known is None or not known.keys:
                raise
            log.warning("client_keys.not_fetched", client_id=client_id)
            keys = known.keys
        self._kept[client_id] = fresh = _Kept(keys, time.monotonic())
        self._kept.move_to_end(client_id)
        while len(self._kept) > _MAX_CLIENTS:
            self._kept.popitem(last=False)
        return fresh

    async def _fetch(self, client_id: str) -> Mapping[str, PublicKey]:
        token = await self._tokens.token(AUDIENCE, SCOPE)
        try:
            response = await self._http.get(
                f"{self._url}/{quote(client_id, safe='')}/keys",
                headers={"authorization": f"Bearer {token}"},
                timeout=_TIMEOUT_SECONDS,
            )
            if response.status_code == 404:
                return {}
            if response.status_code == 401:
                self._tokens.forget(AUDIENCE, SCOPE)
            response.raise_for_status()
            key_set: dict[str, Any] = response.json()["jwks"]
            return read_keys(key_set)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise UpstreamUnavailable(headers={"retry-after": "2"}, peer="identity") from failure
