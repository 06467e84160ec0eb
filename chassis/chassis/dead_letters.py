"""Events that a consumer gave up on: listed and, once the cause is mended, replayed by an operator."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead event; `waiting_count` later events of its aggregate wait behind it."""

    event_id: UUID
    consumer: str
    event_type: str
    aggregate_id: str
    attempts: int
    reason: str
    failed_at: datetime
    waiting_count: int


class NoSuchDeadLetter(Exception):
    """No dead event has this id (it may have been replayed already)."""


_LIST = text("""
    select f.event_id, f.consumer, coalesce(f.envelope ->> 'type', ''), f.aggregate_id, f.attempts, f.reason,
        f.failed_at, (
            select count(*) from inbox_failures later
            where later.consumer = f.consumer and later.aggregate_id = f.aggregate_id
              and later.id > f.id and later.state <> 'replayed'
        )
    from inbox_failures f where f.state = 'dead' order by f.id limit :limit
""")
_REPLAY = text("""
    update inbox_failures set state = 'retrying', attempts = 0, next_attempt_at = :now
    where event_id = :event_id and state = 'dead'
      and (consumer = :consumer or cast(:consumer as text) is null)
    returning 1
""")


async def list_dead(db: AsyncSession, *, limit: int = 1000) -> list[DeadLetter]:
    """Return the dead events of a service, oldest first."""
    return [DeadLetter(*row) for row in await db.execute(_LIST, {"limit": limit})]


async def replay(db: AsyncSession, event_id: UUID, *, consumer: str | None = None) -> int:
    """Let a dead event be tried again within a second, by every consumer that gave it up or by one of them.

    Events waiting behind it follow in order once it is taken. Returns how many consumers will try it.

    Raises:
        NoSuchDeadLetter: nothing was changed.
    """
    values = {"event_id": event_id, "consumer": consumer, "now": datetime.now(UTC)}
    replayed = len((await db.execute(_REPLAY, values)).all())
    if not replayed:
        raise NoSuchDeadLetter(str(event_id))
    return replayed
