"""Queries of webhook endpoints and their secrets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

PREFIX = "webhook/"

OPEN_ENDPOINT = """
    select e.url, e.state, array_agg(s.secret_id order by s.created_at desc) as secret_ids,
        array_agg(s.ciphertext order by s.created_at desc) as ciphertexts
    from webhook_endpoints e join webhook_secrets s using (endpoint_id)
    where e.endpoint_id = $1 and (s.valid_until is null or s.valid_until > $2)
    group by e.endpoint_id
"""
DISABLE = """
    update webhook_endpoints set state = 'disabled', state_reason = $2
    where endpoint_id = $1 and state = 'active'
"""

_ACTIVE = text("""
    select endpoint_id, organisation from webhook_endpoints where state = 'active' order by endpoint_id
""")
_ADD = text("""
    insert into webhook_endpoints
        (endpoint_id, client_id, organisation, url, description, state, created_at)
    values (:endpoint_id, :client_id, :organisation, :url, :description, 'active', :now)
""")
_LOCK_CLIENT = text("select pg_advisory_xact_lock(hashtextextended('webhooks:' || :client_id, 0))")
_COUNT = text("select count(*) from webhook_endpoints where client_id = :client_id and state <> 'deleted'")
_ADD_SECRET = text("""
    insert into webhook_secrets (endpoint_id, secret_id, ciphertext, created_at)
    values (:endpoint_id, :secret_id, :ciphertext, :now)
""")
_EXPIRE_SECRETS = text("""
    update webhook_secrets set valid_until = case when secret_id = (
            select secret_id from webhook_secrets where endpoint_id = :endpoint_id and valid_until is null
            order by created_at desc, secret_id desc limit 1)
        then cast(:until as timestamptz) else :now end
    where endpoint_id = :endpoint_id and (valid_until is null or valid_until > :now)
""")
_COLUMNS = "endpoint_id, url, description, state, state_reason, created_at"
_GET = text(f"""
    select {_COLUMNS} from webhook_endpoints
    where endpoint_id = :endpoint_id and client_id = :client_id and state <> 'deleted' for update
""")  # noqa: S608
_LIST = text(f"""
    select {_COLUMNS} from webhook_endpoints
    where client_id = :client_id and state <> 'deleted' and endpoint_id < :before
    order by endpoint_id desc limit :limit
""")  # noqa: S608
_SECRETS = text("""
    select endpoint_id, secret_id, created_at, valid_until from webhook_secrets
    where endpoint_id = any(:endpoint_ids) and (valid_until is null or valid_until > :now)
    order by created_at desc, secret_id desc
""")
_SET_STATE = text("""
    update webhook_endpoints set state = :state, state_reason = :reason where endpoint_id = :endpoint_id
""")


def peer_of(endpoint_id: UUID) -> str:
    """Return the name under which an endpoint has its queues."""
    return f"{PREFIX}{endpoint_id}"


def endpoint_of(peer: str) -> UUID:
    """Return the endpoint of a peer's name."""
    return UUID(peer.removeprefix(PREFIX))


def secret_context(secret_id: UUID) -> bytes:
    """Return what a secret's ciphertext is bound to."""
    return b"webhook_secrets.ciphertext:" + secret_id.bytes


async def list_active(db: AsyncSession) -> list[tuple[UUID, str]]:
    """Return (endpoint, organisation) of every open endpoint."""
    return [(row[0], row[1]) for row in await db.execute(_ACTIVE)]


class EndpointRepository:
    """The endpoints of one client."""

    def __init__(self, db: AsyncSession, client_id: str) -> None:
        self._db = db
        self._client_id = client_id

    async def count(self) -> int:
        """Return how many endpoints the client has, holding back others of the client meanwhile."""
        values = {"client_id": self._client_id}
        await self._db.execute(_LOCK_CLIENT, values)
        return int((await self._db.execute(_COUNT, values)).scalar_one())

    async def add(self, values: dict[str, Any]) -> None:
        await self._db.execute(_ADD, {"client_id": self._client_id, **values})

    async def add_secret(self, endpoint_id: UUID, secret_id: UUID, ciphertext: bytes, now: datetime) -> None:
        values = {"endpoint_id": endpoint_id, "secret_id": secret_id, "ciphertext": ciphertext, "now": now}
        await self._db.execute(_ADD_SECRET, values)

    async def expire_secrets(self, endpoint_id: UUID, until: datetime, now: datetime) -> None:
        """End the newest secret at `until` and any older one at once, so that never more than two hold."""
        await self._db.execute(_EXPIRE_SECRETS, {"endpoint_id": endpoint_id, "until": until, "now": now})

    async def find(self, endpoint_id: UUID) -> RowMapping | None:
        """Return an endpoint of the client, locked."""
        values = {"endpoint_id": endpoint_id, "client_id": self._client_id}
        return (await self._db.execute(_GET, values)).mappings().one_or_none()

    async def list_before(self, before: UUID, limit: int) -> Sequence[RowMapping]:
        values = {"client_id": self._client_id, "before": before, "limit": limit}
        return (await self._db.execute(_LIST, values)).mappings().all()

    async def list_secrets(self, endpoint_ids: Sequence[UUID], now: datetime) -> Sequence[RowMapping]:
        values = {"endpoint_ids": list(endpoint_ids), "now": now}
        return (await self._db.execute(_SECRETS, values)).mappings().all()

    async def set_state(self, endpoint_id: UUID, state: str, reason: str | None) -> None:
        await self._db.execute(_SET_STATE, {"endpoint_id": endpoint_id, "state": state, "reason": reason})
