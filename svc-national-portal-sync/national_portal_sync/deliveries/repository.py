"""Queries of the queues. A queue is leased by moving its `due_at`, so a crash gives it back by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import RawConnection
from chassis.ids import new_id
from chassis.telemetry import current_traceparent
from national_portal_sync.clients.sources import Source
from national_portal_sync.deliveries.rules import State
from national_portal_sync.peers.peer import Told


@dataclass(frozen=True, slots=True)
class Notice:
    """What one event asks to be told to one peer. `body` is the whole message, for webhooks alone."""

    peer: str
    dossier_id: UUID
    source: str
    code: str | None
    event_id: UUID
    event_type: str
    version: int
    changed_on: date
    body: dict[str, Any] | None = None  # Any: JSON members


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery in hand, and what its peer is known to have. `previous_state` is from before the lease."""

    delivery_id: UUID
    peer: str
    dossier_id: UUID
    source: Source
    event_id: UUID
    event_type: str
    version: int
    previous_state: State
    attempts: int
    refusals: int
    first_attempt_at: datetime
    body: bytes | None
    traceparent: str | None
    told: Told
    lease_id: UUID


_ADD_PEER = text("insert into peers (peer) values (:peer) on conflict do nothing")
_ADD_QUEUE = text("""
    insert into delivery_queues (peer, dossier_id, source, code, latest_version, changed_on, due_at)
    values (:peer, :dossier_id, :source, :code, :version, :changed_on, :now)
    on conflict (peer, dossier_id) do update set
        code = coalesce(excluded.code, delivery_queues.code),
        changed_on = greatest(delivery_queues.changed_on, excluded.changed_on),
        latest_version = greatest(delivery_queues.latest_version, excluded.latest_version),
        due_at = case when delivery_queues.lease_id is null and not delivery_queues.is_parked
            then coalesce(delivery_queues.due_at, excluded.due_at) else delivery_queues.due_at end
""")
_ADD = text("""
    insert into deliveries
        (delivery_id, peer, dossier_id, event_id, event_type, version, body, traceparent, created_at)
    values (:delivery_id, :peer, :dossier_id, :event_id, :event_type, :version, cast(:body as json),
        :traceparent, :now)
    on conflict (peer, event_id) do nothing
""")

DUE_PEERS = """
    select peer from peers p
    where (open_until is null or open_until <= $1)
      and exists (select from delivery_queues q where q.peer = p.peer and q.due_at <= $1)
"""
FAILURES = "select failures, open_until from peers where peer = $1"
CLAIM = """
    with picked as (
        select peer, dossier_id from delivery_queues where peer = $1 and due_at <= $2
        order by due_at limit $3 for update skip locked
    ), leased as (
        update delivery_queues q set due_at = $4, lease_id = $5 from picked p
        where q.peer = p.peer and q.dossier_id = p.dossier_id returning q.*
    ), head as (
        select d.delivery_id, d.state, l.source, l.is_known, l.told_version, l.told_steps, l.told_digest
        from leased l cross join lateral (
            select delivery_id, state from deliveries
            where peer = l.peer and dossier_id = l.dossier_id and state <> 'delivered'
            order by position limit 1
        ) d
    )
    update deliveries d set state = 'sending', settled_at = null, attempts = d.attempts + 1,
        first_attempt_at = coalesce(d.first_attempt_at, $2)
    from head h where d.delivery_id = h.delivery_id
    returning d.delivery_id, d.peer, d.dossier_id, d.event_id, d.event_type, d.version, d.attempts,
        d.refusals, d.first_attempt_at, d.body::text as body, d.traceparent, h.state as previous_state,
        h.source, h.is_known, h.told_version, h.told_steps, h.told_digest
"""
FINISH = "select finish_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
POSTPONE = "select postpone_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9)"
COUNT_FAILURE = "select count_peer_failure($1, $2, $3, $4, $5, $6)"
FORGET_OLD = """
    delete from deliveries where delivery_id in (
        select delivery_id from deliveries where state = 'delivered' and settled_at < $1 limit 5000)
"""


async def add(db: AsyncSession, notices: Sequence[Notice], now: datetime) -> None:
    """Queue what is to be told, at the end of each queue; the same event for the same peer only once."""
    for notice in sorted(notices, key=lambda one: one.peer):
        values = {
            "peer": notice.peer,
            "dossier_id": notice.dossier_id,
            "source": notice.source,
            "code": notice.code,
            "event_id": notice.event_id,
            "event_type": notice.event_type,
            "version": notice.version,
            "changed_on": notice.changed_on,
            "now": now,
        }
        body = orjson.dumps(notice.body).decode() if notice.body is not None else None
        more = {"delivery_id": new_id(), "traceparent": current_traceparent(), "body": body}
        await db.execute(_ADD_PEER, values)
        await db.execute(_ADD_QUEUE, values)
        await db.execute(_ADD, {**values, **more})


async def claim(
    connection: RawConnection, peer: str, *, now: datetime, until: datetime, limit: int
) -> list[Job]:
    """Lease up to `limit` due queues of a peer until `until`; return the first open delivery of each."""
    lease_id = new_id()
    rows = await connection.fetch(CLAIM, peer, now, limit, until, lease_id)
    return [
        Job(
            delivery_id=row["delivery_id"],
            peer=row["peer"],
            dossier_id=row["dossier_id"],
            source=cast("Source", row["source"]),
            event_id=row["event_id"],
            event_type=row["event_type"],
            version=row["version"],
            previous_state=cast("State", row["previous_state"]),
            attempts=row["attempts"],
            refusals=row["refusals"],
            first_attempt_at=row["first_attempt_at"],
            body=row["body"].encode() if row["body"] is not None else None,
            traceparent=row["traceparent"],
            told=Told(row["is_known"], row["told_version"], row["told_steps"], row["told_digest"]),
            lease_id=lease_id,
        )
        for row in rows
    ]
