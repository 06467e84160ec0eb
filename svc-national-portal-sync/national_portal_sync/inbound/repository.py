"""Queries of what peers handed over. The row of a code is locked first, so that versions come in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ADD_HEADS = text("""
    insert into inbound_heads (peer, code, version)
    select :peer, unnest(cast(:codes as text[])), 0 order by 2 on conflict do nothing
""")
_LOCK_HEADS = text("""
    select code, version from inbound_heads where peer = :peer and code = any(cast(:codes as text[]))
    order by code for update
""")
_KEPT = text("""
    select inbound_id, digest from inbound_dossiers
    where peer = :peer and code = :code and version = :version
""")
_ADD = text("""
    insert into inbound_dossiers (peer, code, version, inbound_id, digest, content, received_at)
    values (:peer, :code, :version, :inbound_id, :digest, :content, :received_at)
""")
_SET_HEAD = text("update inbound_heads set version = :version where peer = :peer and code = :code")
_CONTENT = text("select content from inbound_dossiers where inbound_id = :inbound_id")
_IS_KNOWN = text("""
    select exists (select from inbound_heads where peer = :peer and code = :code and version > 0)
        or exists (select from delivery_queues where code = :code)
""")
_STATUS = text("""
    select version, digest from inbound_statuses where peer = :peer and code = :code for update
""")
_SET_STATUS = text("""
    insert into inbound_statuses (peer, code, version, status, digest, changed_at, received_at)
    values (:peer, :code, :version, :status, :digest, :changed_at, :received_at)
    on conflict (peer, code) do update set version = excluded.version, status = excluded.status,
        digest = excluded.digest, changed_at = excluded.changed_at, received_at = excluded.received_at
    where inbound_statuses.version < excluded.version
""")
_STATE = text("""
    select d.code, d.version, d.received_at, s.status, s.version as status_version
    from inbound_heads h join inbound_dossiers d using (peer, code, version)
    left join inbound_statuses s using (peer, code)
    where h.peer = :peer and h.code = :code
""")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under one version."""

    inbound_id: UUID
    digest: bytes


class InboundRepository:
    """What one peer handed over."""

    def __init__(self, db: AsyncSession, peer: str) -> None:
        self._db = db
        self._peer = peer

    async def lock(self, codes: Iterable[str]) -> dict[str, int]:
        """Return the newest version of each code (0: none yet), locked in the order of the codes."""
        values = {"peer": self._peer, "codes": sorted(set(codes))}
        await self._db.execute(_ADD_HEADS, values)
        rows = await self._db.execute(_LOCK_HEADS, values)
        return {row.code: row.version for row in rows}

    async def find(self, code: str, version: int) -> Kept | None:
        values = {"peer": self._peer, "code": code, "version": version}
        row = (await self._db.execute(_KEPT, values)).one_or_none()
        return Kept(*row) if row is not None else None

    async def add(
        self, code: str, version: int, inbound_id: UUID, digest: bytes, content: bytes, now: datetime
    ) -> None:
        values: dict[str, Any] = {"peer": self._peer, "code": code, "version": version}
        more = {"inbound_id": inbound_id, "digest": digest, "content": content, "received_at": now}
        await self._db.execute(_ADD, {**values, **more})
        await self._db.execute(_SET_HEAD, values)

    async def is_known(self, code: str) -> bool:
        """Return whether the peer handed the dossier over, or we told anybody of it."""
        values = {"peer": self._peer, "code": code}
        return bool((await self._db.execute(_IS_KNOWN, values)).scalar_one())

    async def find_status(self, code: str) -> tuple[int, bytes] | None:
        row = (await self._db.execute(_STATUS, {"peer": self._peer, "code": code})).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def set_status(self, values: dict[str, Any]) -> None:
        """Keep a status; one that is not newer than what is kept changes nothing."""
        await self._db.execute(_SET_STATUS, {"peer": self._peer, **values})

    async def find_state(self, code: str) -> dict[str, Any] | None:
        row = (await self._db.execute(_STATE, {"peer": self._peer, "code": code})).mappings().one_or_none()
        return dict(row) if row is not None else None


async def find_content(db: AsyncSession, inbound_id: UUID) -> bytes | None:
    """Return the ciphertext of what was received."""
    content: bytes | None = (await db.execute(_CONTENT, {"inbound_id": inbound_id})).scalar_one_or_none()
    return content
