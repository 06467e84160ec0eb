"""Queries on the access log, which the chassis writes."""

from typing import TypeAlias
from uuid import UUID

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

COLUMNS = (
    "id, occurred_at, actor_kind, actor_subject, actor_role, actor_organisation, purpose, legal_ground,"
    " sections, outcome, reason, resource"
)
PAGE_FIRST = f"select {COLUMNS} from access_entries where citizen_id = $1 order by id desc limit $2"  # noqa: S608
PAGE_AFTER = (
    f"select {COLUMNS} from access_entries where citizen_id = $1 and id < $3"  # noqa: S608
    " order by id desc limit $2"
)


async def list_entries(
    connection: Connection, citizen_id: UUID, limit: int, after: UUID | None
) -> list[asyncpg.Record]:
    """Return a citizen's entries, newest first (ids are in order of time), at most `limit`."""
    if after is None:
        return await connection.fetch(PAGE_FIRST, citizen_id, limit)
    return await connection.fetch(PAGE_AFTER, citizen_id, limit, after)
