"""The inbox's use cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import Language, MalformedCursor
from chassis.ids import new_id
from chassis.paging import Cursors, Page
from identity.notifications.models import NotificationRow
from identity.notifications.repository import NotificationRepository
from identity.notifications.rules import Kind
from identity.notifications.schemas import NotificationOut
from identity.notifications.words import WORDS


@dataclass(frozen=True, slots=True)
class News:
    """What a citizen is to be told: of which version of what, and where to read more."""

    citizen_id: UUID
    kind: Kind
    about_id: UUID
    about_version: int
    detail_url: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class NotificationService:
    """Use cases of notifications, in the caller's unit of work."""

    db: AsyncSession
    clocks: Clocks

    async def tell(self, news: News) -> bool:
        """Put a notice into a citizen's inbox; return whether it is new.

        Idempotent by subject and version; a version older than one already told of is not told of any more.
        """
        return await NotificationRepository(self.db).add(
            NotificationRow(
                citizen_id=news.citizen_id,
                notification_id=new_id(),
                kind=news.kind,
                about_id=news.about_id,
                about_version=news.about_version,
                detail_url=news.detail_url,
                occurred_at=news.occurred_at,
                created_at=self.clocks.real_now(),
            )
        )

    async def list_page(
        self,
        citizen_id: UUID,
        cursors: Cursors,
        *,
        cursor: str | None,
        limit: int,
        only_unread: bool,
        language: Language,
    ) -> Page[NotificationOut]:
        """Return one page of a citizen's inbox, newest first. Raises: MalformedCursor."""
        scope = f"notifications:{citizen_id}:{only_unread}"
        after = _position(cursors.decode(cursor, scope=scope)) if cursor is not None else None
        rows = await NotificationRepository(self.db).list_after(
            citizen_id, after, limit + 1, only_unread=only_unread
        )
        shown = rows[:limit]
        more = len(rows) > limit
        following = cursors.encode([str(shown[-1].notification_id)], scope=scope) if more else None
        return Page[NotificationOut](items=[_out(row, language) for row in shown], next_cursor=following)

    async def mark_read(self, citizen_id: UUID, notification_id: UUID, language: Language) -> NotificationOut:
        """Return a notification of the citizen, read from now on. Idempotent. Raises: NotFound."""
        now = self.clocks.real_now()
        return _out(
            await NotificationRepository(self.db).mark_read(citizen_id, notification_id, now), language
        )


def _position(position: list[str | int | None]) -> UUID:
    try:
        return UUID(str(position[0]))
    except (ValueError, IndexError) as failure:
        raise MalformedCursor from failure


def _out(row: NotificationRow, language: Language) -> NotificationOut:
    kind = cast("Kind", row.kind)
    return NotificationOut(
        id=row.notification_id,
        kind=kind,
        **WORDS[kind][language],
        detail_url=row.detail_url,
        occurred_at=row.occurred_at,
        read_at=row.read_at,
    )
