"""Use cases of webhook endpoints, and which of them an event concerns."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.crypto import Cipher
from chassis.errors import IllegalTransition, MalformedCursor, NotFound
from chassis.ids import new_id
from chassis.paging import Cursors, Page
from national_portal_sync import reference
from national_portal_sync.deliveries import repository as deliveries
from national_portal_sync.deliveries.repository import Notice
from national_portal_sync.deliveries.rules import agency_of
from national_portal_sync.webhooks.errors import TooManyEndpoints, WebhookUrlRefused
from national_portal_sync.webhooks.guard import Guard, UrlRefused
from national_portal_sync.webhooks.messages import PING_TYPE, PublicStatus, ping_message, status_message
from national_portal_sync.webhooks.repository import (
    EndpointRepository,
    list_active,
    peer_of,
    secret_context,
)
from national_portal_sync.webhooks.rules import secret_of
from national_portal_sync.webhooks.schemas import EndpointOut, EndpointSecretOut, PingOut, SecretOut

MAX_ENDPOINTS = 10
_LAST = UUID(int=2**128 - 1)


async def notices_of(db: AsyncSession, notice: Notice, status: PublicStatus, public_url: str) -> list[Notice]:
    """Return what the open endpoints are to be told of a change, of those that see the dossier's agency."""
    agency = agency_of(status.code)
    message = status_message(notice.event_id, status, public_url)
    return [
        replace(notice, peer=peer_of(endpoint_id), body=message)
        for endpoint_id, organisation in await list_active(db)
        if agency in reference.agencies_of(organisation)
    ]


@dataclass(frozen=True, slots=True)
class WebhookService:
    """Use cases of one client with its own endpoints, in the request's unit of work."""

    db: AsyncSession
    clocks: Clocks
    cipher: Cipher
    guard: Guard
    client_id: str
    organisation: str

    async def add(self, url: str, description: str) -> EndpointSecretOut:
        """Return a new endpoint with its secret. Raises: WebhookUrlRefused, TooManyEndpoints."""
        try:
            await self.guard.check(url)
        except UrlRefused as refusal:
            raise WebhookUrlRefused(extensions={"reason": refusal.reason}) from refusal
        endpoints = EndpointRepository(self.db, self.client_id)
        if await endpoints.count() >= MAX_ENDPOINTS:
            raise TooManyEndpoints
        endpoint_id, now = new_id(), self.clocks.real_now()
        values = {"endpoint_id": endpoint_id, "organisation": self.organisation, "url": url}
        await endpoints.add({**values, "description": description, "now": now})
        return await self._with_new_secret(endpoints, endpoint_id)

    async def rotate(self, endpoint_id: UUID, overlap_seconds: int) -> EndpointSecretOut:
        """Return the endpoint with a new secret; the one in use signs too until the overlap ends.

        Raises: NotFound.
        """
        endpoints = EndpointRepository(self.db, self.client_id)
        await self._find(endpoints, endpoint_id)
        now = self.clocks.real_now()
        await endpoints.expire_secrets(endpoint_id, now + timedelta(seconds=overlap_seconds), now)
        return await self._with_new_secret(endpoints, endpoint_id)

    async def get(self, endpoint_id: UUID) -> EndpointOut:
        """Return an endpoint. Raises: NotFound."""
        endpoints = EndpointRepository(self.db, self.client_id)
        row = await self._find(endpoints, endpoint_id)
        return (await self._out(endpoints, [row]))[0]

    async def list_page(self, cursors: Cursors, cursor: str | None, limit: int) -> Page[EndpointOut]:
        """Return a page of the client's endpoints, newest first. Raises: MalformedCursor."""
        endpoints = EndpointRepository(self.db, self.client_id)
        scope = f"webhook-endpoints:{self.client_id}"
        before = position_of(cursors, cursor, scope)
        rows = await endpoints.list_before(before, limit + 1)
        shown = await self._out(endpoints, rows[:limit])
        more = cursors.encode([str(shown[-1].id)], scope=scope) if len(rows) > limit else None
        return Page[EndpointOut](items=shown, next_cursor=more)

    async def delete(self, endpoint_id: UUID) -> None:
        """Close an endpoint for good; what still waits for it is parked in its turn. Raises: NotFound."""
        endpoints = EndpointRepository(self.db, self.client_id)
        await self._find(endpoints, endpoint_id)
        await endpoints.set_state(endpoint_id, "deleted", None)

    async def activate(self, endpoint_id: UUID) -> EndpointOut:
        """Open a disabled endpoint again. Raises: NotFound."""
        endpoints = EndpointRepository(self.db, self.client_id)
        await self._find(endpoints, endpoint_id)
        await endpoints.set_state(endpoint_id, "active", None)
        return await self.get(endpoint_id)

    async def ping(self, endpoint_id: UUID, public_url: str) -> PingOut:
        """Queue a test message. Raises: NotFound, IllegalTransition when the endpoint is disabled."""
        row = await self._find(EndpointRepository(self.db, self.client_id), endpoint_id)
        if row["state"] != "active":
            raise IllegalTransition
        event_id, now = new_id(), self.clocks.real_now()
        notice = Notice(
            peer=peer_of(endpoint_id),
            dossier_id=endpoint_id,
            source="webhook",
            code=None,
            event_id=event_id,
            event_type=PING_TYPE,
            version=0,
            changed_on=self.clocks.legal_today(),
            body=ping_message(event_id, endpoint_id, now, public_url),
        )
        await deliveries.add(self.db, [notice], now)
        return PingOut(event_id=event_id)

    async def require_own(self, endpoint_id: UUID) -> str:
        """Return the name of the queues of an endpoint of the client. Raises: NotFound."""
        await self._find(EndpointRepository(self.db, self.client_id), endpoint_id)
        return peer_of(endpoint_id)

    async def _with_new_secret(self, endpoints: EndpointRepository, endpoint_id: UUID) -> EndpointSecretOut:
        secret, secret_id = secret_of(secrets.token_bytes(32)), new_id()
        sealed = self.cipher.encrypt(secret, context=secret_context(secret_id))
        await endpoints.add_secret(endpoint_id, secret_id, sealed, self.clocks.real_now())
        return EndpointSecretOut(endpoint=await self.get(endpoint_id), secret=secret)

    async def _find(self, endpoints: EndpointRepository, endpoint_id: UUID) -> RowMapping:
        row = await endpoints.find(endpoint_id)
        if row is None:
            raise NotFound
        return row

    async def _out(self, endpoints: EndpointRepository, rows: Sequence[RowMapping]) -> list[EndpointOut]:
        valid: dict[UUID, list[SecretOut]] = {row["endpoint_id"]: [] for row in rows}
        for secret in await endpoints.list_secrets(list(valid), self.clocks.real_now()):
            values = {name: secret[name] for name in ("created_at", "valid_until")}
            valid[secret["endpoint_id"]].append(SecretOut(id=secret["secret_id"], **values))
        agencies = sorted(reference.agencies_of(self.organisation))
        return [
            EndpointOut(
                id=row["endpoint_id"],
                url=row["url"],
                description=row["description"],
                state=row["state"],
                state_reason=row["state_reason"],
                agencies=agencies,
                secrets=valid[row["endpoint_id"]],
                created_at=row["created_at"],
            )
            for row in rows
        ]


def position_of(cursors: Cursors, cursor: str | None, scope: str) -> UUID:
    """Return the id before which a page of a list by falling id begins. Raises: MalformedCursor."""
    if cursor is None:
        return _LAST
    try:
        return UUID(str(cursors.decode(cursor, scope=scope)[0]))
    except (ValueError, IndexError) as failure:
        raise MalformedCursor from failure
