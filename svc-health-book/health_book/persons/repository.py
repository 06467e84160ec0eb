"""Queries on what identity answered and on visits that wait for their person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One version of a visit that waits; `question` is encrypted."""

    visit_id: UUID
    version: int
    question: bytes
    question_index: bytes
    attempts: int


async def find_links(connection: Connection, indexes: Sequence[bytes]) -> Mapping[bytes, UUID]:
    """Return the known citizens by question index."""
    rows = await connection.fetch(
        "select question_index, citizen_id from person_links where question_index = any($1::bytea[])", indexes
    )
    return {row["question_index"]: row["citizen_id"] for row in rows}


async def add_links(connection: Connection, links: Mapping[bytes, UUID], linked_at: datetime) -> None:
    """Remember answers; what is known already stays."""
    await connection.executemany(
        "insert into person_links (question_index, citizen_id, linked_at) values ($1, $2, $3)"
        " on conflict do nothing",
        [(index, citizen_id, linked_at) for index, citizen_id in sorted(links.items())],
    )


async def list_due(connection: Connection, now: datetime, limit: int) -> list[Waiting]:
    """Return visits whose next attempt is due, the longest waiting first."""
    rows = await connection.fetch(
        "select visit_id, version, question, question_index, attempts from unlinked_visits"
        " where state in ('waiting', 'insufficient') and next_attempt_at <= $1"
        " order by next_attempt_at limit $2",
        now,
        limit,
    )
    return [Waiting(*row.values()) for row in rows]


async def link(connection: Connection, waiting: Waiting, citizen_id: UUID) -> asyncpg.Record | None:
    """Put a waiting version into its citizen's book: (outcome, facility_code, is_first)."""
    return await connection.fetchrow(
        "select outcome, facility_code, is_first from link_visit($1, $2, $3)",
        waiting.visit_id,
        waiting.version,
        citizen_id,
    )


async def postpone(connection: Connection, waiting: Waiting, state: str, next_attempt_at: datetime) -> None:
    """Note an attempt that did not find the person."""
    await connection.execute(
        "update unlinked_visits set state = $3, attempts = attempts + 1, next_attempt_at = $4"
        " where visit_id = $1 and version = $2 and state <> 'overtaken'",
        waiting.visit_id,
        waiting.version,
        state,
        next_attempt_at,
    )
