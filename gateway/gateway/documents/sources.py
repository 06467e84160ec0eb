"""The services' own OpenAPI documents: asked for, kept, asked again when old; a service that is away
keeps its last one.
"""

import asyncio
import hashlib
import time
from dataclasses import dataclass

import httpx2
import orjson

from chassis.logging import get_logger
from gateway.documents.openapi import Document, merge
from gateway.forwarding.pool import Pool
from gateway.routes import RoutingTable, Service

FETCH_TIMEOUT_SECONDS = 3.0
MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MergedDocument:
    """The merged document and its entity tag."""

    body: bytes
    etag: str


class OpenApiSources:
    """Gives the merged document; asks all services at once, at most every `refresh_seconds`."""

    def __init__(
        self,
        pools: dict[Service, Pool],
        client: httpx2.AsyncClient,
        table: RoutingTable,
        *,
        public_url: str,
        version: str,
        refresh_seconds: float,
    ) -> None:
        self._pools = pools
        self._client = client
        self._table = table
        self._public_url = public_url
        self._version = version
        self._refresh_seconds = refresh_seconds
        self._kept: dict[Service, Document] = {}
        self._merged: MergedDocument | None = None
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def documents(self) -> tuple[Document, ...]:
        """Return the services' own documents, as far as they have answered."""
        await self.merged()
        return tuple(self._kept.values())

    async def merged(self) -> MergedDocument:
        """Return the document; services that have never answered are missing from it until they do."""
        async with self._lock:
            wait_seconds = self._refresh_seconds if len(self._kept) == len(self._pools) else 2.0
            if self._merged is None or time.monotonic() - self._asked_at > wait_seconds:
                await self._refresh()
                self._asked_at = time.monotonic()
            assert self._merged is not None  # noqa: S101  # set by every refresh
            return self._merged

    async def _refresh(self) -> None:
        documents = await asyncio.gather(*(self._fetch(service) for service in self._pools))
        changed = self._merged is None
        for service, document in zip(self._pools, documents, strict=True):
            if document is not None and document != self._kept.get(service):
                self._kept[service] = document
                changed = True
        if changed:
            in_order = {service: self._kept[service] for service in self._pools if service in self._kept}
            merged = merge(in_order, self._table, public_url=self._public_url, version=self._version)
            body = orjson.dumps(merged)
            self._merged = MergedDocument(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    async def _fetch(self, service: Service) -> Document | None:
        try:
            response = await self._client.get(
                f"{self._pools[service].origin}/openapi.json", timeout=FETCH_TIMEOUT_SECONDS
            )
            if response.status_code != 200 or len(response.content) > MAX_DOCUMENT_BYTES:
                return None
            document = orjson.loads(response.content)
        except (httpx2.HTTPError, orjson.JSONDecodeError) as failure:
            log.warning("openapi.not_fetched", peer=service.value, error_type=type(failure).__name__)
            return None
        return document if isinstance(document, dict) else None
