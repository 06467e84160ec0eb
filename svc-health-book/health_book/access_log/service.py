"""Who read, or tried to read, what: shown to the person whose data it is."""

from uuid import UUID

import asyncpg

from chassis.db import Database
from chassis.errors import MalformedCursor
from chassis.paging import Cursors, Page
from health_book.access_log import repository
from health_book.access_log.schemas import AccessActorOut, AccessEntryOut


class AccessLogService:
    """The read side of the access log of this service."""

    def __init__(self, database: Database, cursors: Cursors) -> None:
        self._database = database
        self._cursors = cursors

    async def list_entries(self, citizen_id: UUID, limit: int, cursor: str | None) -> Page[AccessEntryOut]:
        """Return a page of a citizen's entries, newest first. Raises: MalformedCursor."""
        scope = f"access-log:{citizen_id}"
        after = self._position(cursor, scope) if cursor else None
        async with self._database.statement() as connection:
            rows = await repository.list_entries(connection, citizen_id, limit + 1, after)
        next_cursor = None
        if len(rows) > limit:
            next_cursor = self._cursors.encode((str(rows[limit - 1]["id"]),), scope=scope)
        return Page[AccessEntryOut](items=[_entry(row) for row in rows[:limit]], next_cursor=next_cursor)

    def _position(self, cursor: str, scope: str) -> UUID:
        try:
            (entry_id,) = self._cursors.decode(cursor, scope=scope)
            return UUID(str(entry_id))
        except ValueError as failure:
            raise MalformedCursor from failure


def _entry(row: asyncpg.Record) -> AccessEntryOut:
    is_person = row["actor_kind"] in ("citizen", "company")
    return AccessEntryOut(
        id=row["id"],
        occurred_at=row["occurred_at"],
        actor=AccessActorOut(
            kind=row["actor_kind"],
            subject=None if is_person else row["actor_subject"],
            role=row["actor_role"],
            organisation=row["actor_organisation"],
        ),
        purpose=row["purpose"],
        legal_ground=row["legal_ground"],
        sections=row["sections"],
        outcome=row["outcome"],
        reason=row["reason"],
        resource=row["resource"],
    )
