"""Events written in the transaction of the state that they announce; the relay publishes them afterwards.

The table is the truth and the broker a cache of it (decision 0003). A lane is a fixed share of the
aggregates: all events of one aggregate are in one lane, a lane is relayed by one worker at a time.
"""

import zlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id
from chassis.telemetry import current_traceparent
from contracts.envelope import BaseEvent

LANES = 16
RETENTION_DAYS = 30

COLUMNS = (
    "event_id",
    "lane",
    "aggregate_id",
    "event_type",
    "source",
    "occurred_at",
    "traceparent",
    "data",
)
INSERT_SQL = f"insert into outbox ({', '.join(COLUMNS)}) values ($1, $2, $3, $4, $5, $6, $7, $8)"  # noqa: S608
"""For raw asyncpg: `await connection.execute(INSERT_SQL, *row(event))`, or `executemany` with many rows."""

_INSERT = text(
    f"insert into outbox ({', '.join(COLUMNS)}) values (:event_id, :lane, :aggregate_id,"  # noqa: S608
    " :event_type, :source, :occurred_at, :traceparent, cast(:data as json))"
)


def lane_of(aggregate_id: str) -> int:
    """Return the lane of an aggregate, 0 to 15; never changes for the same id (CRC-32 of its UTF-8)."""
    return zlib.crc32(aggregate_id.encode()) % LANES


def row(event: BaseEvent) -> tuple[Any, ...]:
    """Return the values of one outbox row in the order of `COLUMNS`; the first is the new event's UUIDv7.

    `occurred_at` is the real time of this call, in UTC: it says when; `position` says in which order. Two
    transactions that write about one aggregate must hold a lock on it (its row, its claim) so that their
    positions come in the order of their commits.
    """
    aggregate_id = event.aggregate_id
    return (
        new_id(),
        lane_of(aggregate_id),
        aggregate_id,
        event.event_type,
        event.source,
        datetime.now(UTC),
        current_traceparent(),
        event.model_dump_json(),
    )


async def add(db: AsyncSession, event: BaseEvent) -> UUID:
    """Announce `event` when, and only when, the transaction of `db` commits; return the event's id."""
    values = row(event)
    await db.execute(_INSERT, dict(zip(COLUMNS, values, strict=True)))
    event_id: UUID = values[0]
    return event_id
