"""What an operator asks of the services' databases: what waits in the outbox, which events were given up."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis import dead_letters
from chassis.db import Database
from deploy.cli.stack import CommandFailed, RunningStack
from deploy.local.parts import ServiceEntry

_OUTBOX = """
    select lane, count(*) as unpublished, min(occurred_at) as oldest from outbox
    where published_at is null group by lane order by lane
"""


@dataclass(frozen=True, slots=True)
class OutboxState:
    """What one service has still to publish. `oldest_seconds` is the age of the oldest unpublished event."""

    service: str
    unpublished: int
    oldest_seconds: float | None
    lanes: dict[int, int]


async def outbox_states(stack: RunningStack, services: Iterable[ServiceEntry]) -> list[OutboxState]:
    """Return the outbox of each service.

    Raises:
        CommandFailed: a database does not answer.
    """
    return [await _outbox_state(stack, service) for service in services]


async def _outbox_state(stack: RunningStack, service: ServiceEntry) -> OutboxState:
    try:
        connection = await asyncpg.connect(stack.database_url(service), timeout=10)
        try:
            rows = await connection.fetch(_OUTBOX)
        finally:
            await connection.close()
    except asyncpg.UndefinedTableError:
        return OutboxState(service.name, 0, None, {})  # a service that has nothing to say yet
    except (OSError, asyncpg.PostgresError) as error:
        raise _unreachable(service, error) from error
    oldest = min((row["oldest"] for row in rows), default=None)
    return OutboxState(
        service.name,
        sum(row["unpublished"] for row in rows),
        round((datetime.now(UTC) - oldest).total_seconds(), 1) if oldest else None,
        {row["lane"]: row["unpublished"] for row in rows},
    )


async def list_dead_letters(stack: RunningStack, services: Iterable[ServiceEntry]) -> list[dict[str, Any]]:
    """Return every dead event as a JSON object with its service, oldest first within a service.

    Raises:
        CommandFailed: a database does not answer.
    """
    found: list[dict[str, Any]] = []
    for service in services:
        try:
            database = await Database.connect(stack.database_url(service), 1)
            try:
                async with database.transaction() as db:
                    letters = await dead_letters.list_dead(db)
            finally:
                await database.close()
        except (OSError, asyncpg.PostgresError) as error:
            raise _unreachable(service, error) from error
        found += [{"service": service.name} | asdict(letter) for letter in letters]
    return found


async def replay(stack: RunningStack, services: Iterable[ServiceEntry], event_id: UUID) -> list[str]:
    """Let a dead event be tried again in every service that gave it up; returns those services.

    Raises:
        CommandFailed: no service has such a dead event.
    """
    replayed = []
    for service in services:
        database = await Database.connect(stack.database_url(service), 1)
        try:
            async with database.transaction() as db:
                await dead_letters.replay(db, event_id)
            replayed.append(service.name)
        except dead_letters.NoSuchDeadLetter:
            continue
        finally:
            await database.close()
    if not replayed:
        raise CommandFailed(f"no service has a dead event {event_id} (it may have been replayed already)")
    return replayed


def _unreachable(service: ServiceEntry, error: Exception) -> CommandFailed:
    return CommandFailed(f"the database of {service.name} does not answer: {error}")
