"""The book as its owner reads it: JSON that the database holds ready, passed on as bytes.

No trace is written for an owner's own reading (decision 0004: the trace tells what others did); an attempt at
somebody else's visit is traced for that person before it is answered 404.
"""

from datetime import datetime
from uuid import UUID

import orjson

from chassis.access_log import AccessEntry, record_refusal
from chassis.auth import Actor
from chassis.db import Database
from chassis.errors import MalformedCursor, NotFound
from chassis.etag import etag_of
from chassis.paging import Cursors
from health_book.vault import Vault
from health_book.visits import repository

_OWN_DATA = "own_book"
_NO_GROUND = "none"


class VisitService:
    """Use cases of a citizen with his or her own book."""

    def __init__(self, database: Database, vault: Vault, cursors: Cursors) -> None:
        self._database = database
        self._vault = vault
        self._cursors = cursors

    async def get_book(self, citizen_id: UUID) -> bytes:
        """Return the book's first page as JSON: administrative part, counts, latest visits, conditions."""
        async with self._database.statement() as connection:
            row = await repository.get_book(connection, citizen_id)
        patient = b"null"
        if row["patient"] is not None:
            place = (row["facility_code"], row["facility_visit_code"])
            patient = self._vault.open_patient(row["patient"], *place)
        counts = orjson.dumps({"visits": row["visit_count"]})
        return b"".join(
            (
                b'{"citizen_id":"',
                str(citizen_id).encode(),
                b'","administrative":',
                patient,
                b',"counts":',
                counts,
                b',"latest_visits":',
                row["latest_visits"].encode(),
                b',"conditions":',
                row["conditions"].encode(),
                b"}",
            )
        )

    async def list_visits(self, citizen_id: UUID, limit: int, cursor: str | None) -> bytes:
        """Return a page of visits as JSON, newest first. Raises: MalformedCursor."""
        scope = f"visits:{citizen_id}"
        after = self._position(cursor, scope) if cursor else None
        async with self._database.statement() as connection:
            rows = await repository.list_overviews(connection, citizen_id, limit + 1, after)
        next_cursor = None
        if len(rows) > limit:
            last = rows[limit - 1]
            next_cursor = self._cursors.encode(
                (last["started_at"].isoformat(), str(last["visit_id"])), scope=scope
            )
        items = b",".join(row["overview"].encode() for row in rows[:limit])
        return b'{"items":[' + items + b'],"next_cursor":' + orjson.dumps(next_cursor) + b"}"

    def _position(self, cursor: str, scope: str) -> tuple[datetime, UUID]:
        try:
            started_at, visit_id = self._cursors.decode(cursor, scope=scope)
            return datetime.fromisoformat(str(started_at)), UUID(str(visit_id))
        except ValueError as failure:
            raise MalformedCursor from failure

    async def get_visit(self, actor: Actor, citizen_id: UUID, visit_id: UUID) -> tuple[bytes, str]:
        """Return a visit's current version as JSON, and its ETag.

        Raises: NotFound; where the visit is somebody else's, after that person's access log has the attempt.
        """
        async with self._database.statement() as connection:
            row = await repository.find_visit(connection, citizen_id, visit_id)
        if row is None:
            await self._refuse(actor, citizen_id, visit_id)
            raise NotFound
        body: bytes = row["document"].encode()
        return body, etag_of(f"{visit_id}-{row['version']}")

    async def get_version(
        self, actor: Actor, citizen_id: UUID, visit_id: UUID, version: int
    ) -> tuple[bytes, str]:
        """Return one version of a visit as JSON, and its ETag. Raises: NotFound, as `get_visit`."""
        async with self._database.statement() as connection:
            document = await repository.find_version(connection, citizen_id, visit_id, version)
        if document is None:
            await self._refuse(actor, citizen_id, visit_id)
            raise NotFound
        return document.encode(), etag_of(f"{visit_id}-{version}")

    async def _refuse(self, actor: Actor, citizen_id: UUID, visit_id: UUID) -> None:
        async with self._database.statement() as connection:
            owner = await repository.find_owner(connection, visit_id)
        if owner is None or owner == citizen_id:
            return
        await record_refusal(
            self._database,
            AccessEntry(
                citizen_id=owner,
                actor_kind=actor.kind,
                actor_subject=actor.subject,
                actor_role="citizen" if actor.kind == "citizen" else next(iter(sorted(actor.roles)), None),
                actor_organisation=actor.organisation,
                purpose=_OWN_DATA,
                legal_ground=_NO_GROUND,
                sections=(),
                outcome="refused",
                resource=f"visits/{visit_id}",
                reason="not_found",
            ),
        )
