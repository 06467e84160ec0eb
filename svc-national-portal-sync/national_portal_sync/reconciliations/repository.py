"""Queries of reconciliations."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from national_portal_sync.reconciliations.rules import OurEntry

# A dossier belongs to the day of its newest change; until that is acknowledged it has no digest.
_OURS = text("""
    select q.code, q.dossier_id, q.latest_version, d.state,
        case when d.state is null then encode(q.told_digest, 'hex') end as digest
    from delivery_queues q left join lateral (
        select state from deliveries d where d.peer = q.peer and d.dossier_id = q.dossier_id
            and d.state <> 'delivered' order by position limit 1
    ) d on true
    where q.peer = :peer and q.code is not null
      and case when d.state is null and q.told_on is not null then q.told_on else q.changed_on end = :day
""")
_OPEN_DELIVERY = text("""
    select delivery_id, lease_id is not null as is_leased
    from deliveries d join delivery_queues q using (peer, dossier_id)
    where peer = :peer and dossier_id = :dossier_id
    order by d.state = 'delivered', case when d.state = 'delivered' then -d.position else d.position end
    limit 1
""")
_ADD = text("""
    insert into reconciliations (reconciliation_id, peer, day, our_count, our_digest, peer_count, peer_digest,
        differences, difference_count, replayed_count, made_by, made_at)
    values (:id, :peer, :day, :our_count, :our_digest, :peer_count, :peer_digest,
        cast(:differences as json), :difference_count, :replayed_count, :made_by, :made_at)
""")
_LIST = text("""
    select reconciliation_id as id, peer, day, our_count, encode(our_digest, 'hex') as our_digest, peer_count,
        encode(peer_digest, 'hex') as peer_digest, differences, difference_count, replayed_count, made_by,
        made_at
    from reconciliations
    where reconciliation_id < :before and (cast(:peer as text) is null or peer = :peer)
      and (cast(:day as date) is null or day = :day)
    order by reconciliation_id desc limit :limit
""")


async def list_ours(db: AsyncSession, peer: str, day: date) -> list[OurEntry]:
    """Return what we know of the dossiers of a day."""
    rows = (await db.execute(_OURS, {"peer": peer, "day": day})).mappings()
    return [
        OurEntry(row["code"], str(row["dossier_id"]), row["latest_version"], row["digest"], row["state"])
        for row in rows
    ]


async def find_delivery(db: AsyncSession, peer: str, dossier_id: UUID) -> tuple[UUID, bool] | None:
    """Return the delivery to replay for a dossier (its first open one, else its last), and whether its queue
    is leased just now.
    """
    row = (await db.execute(_OPEN_DELIVERY, {"peer": peer, "dossier_id": dossier_id})).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def add(db: AsyncSession, values: dict[str, Any], differences: Any, now: datetime) -> None:  # Any: JSON
    text_of = orjson.dumps(differences).decode()
    await db.execute(_ADD, {**values, "differences": text_of, "made_at": now})


async def list_before(
    db: AsyncSession, *, before: UUID, peer: str | None, day: date | None, limit: int
) -> Sequence[RowMapping]:
    values = {"before": before, "peer": peer, "day": day, "limit": limit}
    return (await db.execute(_LIST, values)).mappings().all()
