"""Queries of `clients`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.clients.models import ClientRow
from identity.clients.registrations import ClientRegistration
from identity.clients.rules import Client


class ClientRepository:
    """Registered clients."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, client_id: str) -> Client | None:
        """Return an active client."""
        row = await self._db.get(ClientRow, client_id)
        if row is None or not row.is_active:
            return None
        return Client(
            client_id=row.client_id,
            kind=row.kind,
            name=row.name,
            redirect_uris=tuple(row.redirect_uris),
            scopes=frozenset(row.scopes),
            audiences=tuple(row.audiences),
            roles=tuple(row.roles),
            organisation=row.organisation,
            jwks=row.jwks,
        )

    async def replace_all(self, registrations: Sequence[ClientRegistration], now: datetime) -> None:
        """Make the stored clients equal to the registrations; those not among them become inactive."""
        for registration in registrations:
            values: dict[str, Any] = {  # Any: column values
                "kind": registration.kind,
                "name": registration.name,
                "redirect_uris": registration.redirect_uris,
                "scopes": registration.scopes,
                "audiences": registration.audiences,
                "roles": registration.effective_roles(),
                "organisation": registration.organisation,
                "jwks": registration.jwks,
                "is_active": True,
                "updated_at": now,
            }
            statement = insert(ClientRow).values(client_id=registration.client_id, **values)
            await self._db.execute(statement.on_conflict_do_update(index_elements=["client_id"], set_=values))
        kept = [registration.client_id for registration in registrations]
        await self._db.execute(
            update(ClientRow)
            .where(ClientRow.client_id.not_in(kept), ClientRow.is_active)
            .values(is_active=False, updated_at=now)
        )
