"""Sends one message to a province's endpoint: signed anew at each attempt, under an id that stays."""

import time
from dataclasses import dataclass
from uuid import UUID

import httpx2

from chassis.clock import Clocks
from chassis.crypto import Cipher
from chassis.db import Database
from national_portal_sync.deliveries.carriers import Carried
from national_portal_sync.deliveries.repository import Job
from national_portal_sync.peers.results import EndpointGone, PeerAway, PeerRefused
from national_portal_sync.webhooks import repository
from national_portal_sync.webhooks.guard import Guard, UrlRefused
from national_portal_sync.webhooks.repository import endpoint_of
from national_portal_sync.webhooks.rules import signature_of

GONE = 410


class EndpointClosed(EndpointGone):
    """The endpoint is disabled or deleted; its deliveries wait for it to be opened and replayed."""


@dataclass(frozen=True, slots=True)
class WebhookCarrier:
    """Carries messages to the endpoints of provinces."""

    database: Database
    cipher: Cipher
    clocks: Clocks
    guard: Guard
    http: httpx2.AsyncClient
    timeout_seconds: float

    async def carry(self, job: Job) -> Carried:
        endpoint_id = endpoint_of(job.peer)
        now = self.clocks.real_now()
        async with self.database.statement() as connection:
            row = await connection.fetchrow(repository.OPEN_ENDPOINT, endpoint_id, now)
        if row is None or row["state"] != "active":
            raise EndpointClosed("endpoint_closed")
        secrets = [
            self.cipher.decrypt(sealed, context=repository.secret_context(secret_id))
            for secret_id, sealed in zip(row["secret_ids"], row["ciphertexts"], strict=True)
        ]
        status = await self._post(row["url"], job, secrets)
        if status == GONE:
            await self._disable(endpoint_id)
            raise EndpointGone("http_410")
        if status >= 500 or status in (408, 429):
            raise PeerAway(f"http_{status}")
        if not 200 <= status < 300:
            raise PeerRefused(f"http_{status}")
        return Carried("sent")

    async def _post(self, url: str, job: Job, secrets: list[str]) -> int:
        body = job.body or b"{}"
        message_id = str(job.delivery_id)
        timestamp = int(time.time())
        try:
            target = await self.guard.check(url)
            response = await self.http.post(
                target.url,
                content=body,
                headers={
                    "host": target.host,
                    "content-type": "application/cloudevents+json",
                    "webhook-id": message_id,
                    "webhook-timestamp": str(timestamp),
                    "webhook-signature": signature_of(secrets, message_id, timestamp, body),
                },
                timeout=self.timeout_seconds,
                extensions={"sni_hostname": target.name},
            )
        except UrlRefused as failure:
            raise PeerRefused("url_refused", failure.reason) from failure
        except httpx2.HTTPError as failure:
            # Whether it arrived does not matter: the receiver knows a repetition by its id.
            raise PeerAway("no_answer", type(failure).__name__) from failure
        return response.status_code

    async def _disable(self, endpoint_id: UUID) -> None:
        async with self.database.statement() as connection:
            await connection.execute(repository.DISABLE, endpoint_id, "http_410")
