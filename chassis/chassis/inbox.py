"""What each consumer has taken, and what it could not take: the rows behind exactly-once effects.

A failed event stays in `inbox_failures` and later events of its aggregate queue up behind it there, so that
the broker's queue never stands still for one aggregate and order within the aggregate still holds.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Envelope


class Claim(Enum):
    """What the inbox says to an event that arrives."""

    NEW = "new"
    DUPLICATE = "duplicate"
    STALLED = "stalled"
    """An earlier event of the same aggregate waits for its retry or replay."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One event that could not be taken, or waits behind such a one."""

    id: int
    attempts: int
    state: str
    next_attempt_at: datetime | None
    envelope: dict[str, Any]


_CLAIM = text("""
    insert into inbox (consumer, event_id, occurred_at)
    select cast(:consumer as text), cast(:event_id as uuid), cast(:occurred_at as timestamptz)
    where not exists (
        select from inbox_failures
        where consumer = :consumer and aggregate_id = :aggregate_id and state <> 'replayed'
    )
    on conflict do nothing returning 1
""")
_CLAIM_HEAD = text("""
    insert into inbox (consumer, event_id, occurred_at) values (:consumer, :event_id, :occurred_at)
    on conflict do nothing returning 1
""")
_IS_TAKEN = text("""
    select exists (select from inbox
        where occurred_at = :occurred_at and consumer = :consumer and event_id = :event_id)
""")
_PARK = text("""
    insert into inbox_failures
        (consumer, aggregate_id, event_id, attempts, next_attempt_at, state, reason, envelope)
    values (:consumer, :aggregate_id, :event_id, :attempts, :next_attempt_at, :state, :reason,
        cast(:envelope as json))
    on conflict (consumer, event_id) do nothing
""")
_HEADS = text("""
    select id, attempts, state, next_attempt_at, envelope from (
        select distinct on (aggregate_id) * from inbox_failures
        where consumer = :consumer and state <> 'replayed'
        order by aggregate_id, id
    ) heads
    where state = 'waiting' or (state = 'retrying' and next_attempt_at <= :now)
    order by id limit :limit
""")
_COUNTS = text("""
    select count(*) filter (where state = 'dead'), count(*) from inbox_failures
    where consumer = :consumer and state <> 'replayed'
""")
_SETTLE = text("""
    update inbox_failures set state = :state, attempts = :attempts, next_attempt_at = :next_attempt_at,
        reason = coalesce(:reason, reason), failed_at = now()
    where id = :id
""")


def _keys(consumer: str, envelope: Envelope) -> dict[str, Any]:
    return {"consumer": consumer, "event_id": envelope.id, "occurred_at": envelope.time}


async def claim(db: AsyncSession, consumer: str, envelope: Envelope) -> Claim:
    """Claim an event for the effect of this transaction; only `NEW` may have one."""
    keys = {**_keys(consumer, envelope), "aggregate_id": envelope.subject}
    if (await db.execute(_CLAIM, keys)).first() is not None:
        return Claim.NEW
    is_taken = (await db.execute(_IS_TAKEN, _keys(consumer, envelope))).scalar_one()
    return Claim.DUPLICATE if is_taken else Claim.STALLED


async def claim_head(db: AsyncSession, consumer: str, envelope: Envelope) -> Claim:
    """Claim an event that is the first of its aggregate's queue of failures."""
    is_new = (await db.execute(_CLAIM_HEAD, _keys(consumer, envelope))).first() is not None
    return Claim.NEW if is_new else Claim.DUPLICATE


async def park(
    db: AsyncSession,
    consumer: str,
    *,
    event_id: UUID,
    aggregate_id: str,
    envelope: str,
    state: str,
    reason: str,
    attempts: int = 0,
    next_attempt_at: datetime | None = None,
) -> None:
    """Put an event at the end of its aggregate's queue of failures; a second time changes nothing."""
    await db.execute(
        _PARK,
        {
            "consumer": consumer,
            "aggregate_id": aggregate_id,
            "event_id": event_id,
            "attempts": attempts,
            "next_attempt_at": next_attempt_at,
            "state": state,
            "reason": reason,
            "envelope": envelope,
        },
    )


async def due(db: AsyncSession, consumer: str, now: datetime, limit: int = 100) -> list[Failure]:
    """Return failures to try now, oldest first: of each aggregate the first only, none behind a dead one."""
    rows = await db.execute(_HEADS, {"consumer": consumer, "now": now, "limit": limit})
    return [Failure(*row) for row in rows]


async def settle(
    db: AsyncSession,
    failure_id: int,
    *,
    state: str,
    attempts: int,
    next_attempt_at: datetime | None = None,
    reason: str | None = None,
) -> None:
    """Write down how a try of a failure ended; `replayed` ends it and lets the next of its aggregate go."""
    await db.execute(
        _SETTLE,
        {
            "id": failure_id,
            "state": state,
            "attempts": attempts,
            "next_attempt_at": next_attempt_at,
            "reason": reason,
        },
    )


async def count_open(db: AsyncSession, consumer: str) -> tuple[int, int]:
    """Return how many events of a consumer are dead, and how many are open in all."""
    dead, total = (await db.execute(_COUNTS, {"consumer": consumer})).one()
    return dead, total
