"""Queries behind what operators see and do: lists, figures of peers, replays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

_LIST = text("""
    select d.delivery_id as id, d.peer, d.dossier_id, q.code, d.event_id, d.event_type, d.version, d.state,
        d.outcome, d.attempts, d.problem, d.problem_detail, d.next_attempt_at, d.created_at, d.settled_at
    from deliveries d join delivery_queues q using (peer, dossier_id)
    where (cast(:state as text) is null or d.state = :state)
      and (cast(:peer as text) is null or d.peer = :peer)
      and (cast(:id as uuid) is null or d.delivery_id = :id)
      and d.delivery_id < :before
    order by d.delivery_id desc limit :limit
""")
_PEERS = text("""
    select p.peer, p.failures, p.open_until, p.last_delivered_at, p.last_failed_at, p.last_problem,
        count(*) filter (where d.state = 'waiting') as waiting,
        count(*) filter (where d.state = 'sending') as sending,
        count(*) filter (where d.state = 'retrying') as retrying,
        count(*) filter (where d.state = 'unknown') as unknown,
        count(*) filter (where d.state = 'parked') as parked,
        min(d.created_at) filter (where d.state <> 'parked') as oldest_at
    from peers p left join deliveries d on d.peer = p.peer and d.state <> 'delivered'
    group by p.peer order by p.peer
""")
_LOCK_QUEUE = text("""
    select q.lease_id from delivery_queues q join deliveries d using (peer, dossier_id)
    where d.delivery_id = :id and (cast(:peer as text) is null or d.peer = :peer) for update of q
""")
_STATE = text("select state from deliveries where delivery_id = :id")
# What was not settled is asked about first; the others start over.
_REPLAY = text("""
    update deliveries set state = case when state = 'unknown' then 'unknown' else 'waiting' end,
        attempts = 0, refusals = 0, first_attempt_at = null, settled_at = null, outcome = null,
        next_attempt_at = :now
    where delivery_id = :id
""")
_REPLAY_QUEUE = text("""
    update delivery_queues q set is_parked = false, due_at = :now, is_known = false, told_digest = null
    from deliveries d where d.delivery_id = :id and q.peer = d.peer and q.dossier_id = d.dossier_id
""")


async def list_before(
    db: AsyncSession,
    *,
    state: str | None,
    peer: str | None,
    before: UUID,
    limit: int,
    delivery_id: UUID | None = None,
) -> Sequence[RowMapping]:
    """Return deliveries by falling id, which is by falling time of queueing."""
    values = {"state": state, "peer": peer, "before": before, "limit": limit, "id": delivery_id}
    return (await db.execute(_LIST, values)).mappings().all()


async def list_peers(db: AsyncSession) -> Sequence[RowMapping]:
    return (await db.execute(_PEERS)).mappings().all()


async def lock_queue_of(db: AsyncSession, delivery_id: UUID, peer: str | None) -> tuple[bool, str] | None:
    """Return (whether the queue is leased, the delivery's state), the queue locked; `None` when not there."""
    row = (await db.execute(_LOCK_QUEUE, {"id": delivery_id, "peer": peer})).one_or_none()
    if row is None:
        return None
    state: str = (await db.execute(_STATE, {"id": delivery_id})).scalar_one()
    return row[0] is not None, state


async def replay(db: AsyncSession, delivery_id: UUID, now: datetime) -> None:
    """Put a delivery back to be sent, as though nothing were known of the peer's copy."""
    values = {"id": delivery_id, "now": now}
    await db.execute(_REPLAY, values)
    await db.execute(_REPLAY_QUEUE, values)
