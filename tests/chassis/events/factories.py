"""Valid events for tests of the relay and the consumers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis import outbox
from chassis.db import Database
from chassis.ids import new_id
from contracts.events.health_book import VisitRecordedV1


def make_event(**overrides: Any) -> VisitRecordedV1:
    visit_id = overrides.get("visit_id") or new_id()
    values: dict[str, Any] = {
        "visit_id": visit_id,
        "citizen_id": new_id(),
        "facility_code": "01001",
        "version": 1,
        "outcome": "recorded",
        "recorded_at": datetime.now(UTC),
        "detail_url": f"/v1/me/health-book/visits/{visit_id}",
    }
    return VisitRecordedV1(**{**values, **overrides})


async def announce(database: Database, *events: VisitRecordedV1) -> list[UUID]:
    """Commit events to the outbox, each in a transaction of its own; return their ids."""
    ids = []
    for event in events:
        async with database.transaction() as db:
            ids.append(await outbox.add(db, event))
    return ids


async def unpublished(database: Database) -> int:
    async with database.connection() as connection:
        count: int = await connection.fetchval("select count(*) from outbox where published_at is null")
        return count
