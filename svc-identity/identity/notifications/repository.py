"""Queries of `notifications`; every one names the citizen, so each touches one partition."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotFound
from identity.notifications.models import NotificationRow

_ADD = text(
    """
    insert into notifications (citizen_id, notification_id, kind, about_id, about_version, detail_url,
        occurred_at, created_at)
    select :citizen_id, :notification_id, :kind, :about_id, :about_version, :detail_url, :occurred_at,
        :created_at
    where not exists (
        select 1 from notifications
        where citizen_id = :citizen_id and about_id = :about_id and about_version >= :about_version
    )
    on conflict (citizen_id, about_id, about_version) do nothing
    returning notification_id
    """
)


class NotificationRepository:
    """The inboxes."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add(self, row: NotificationRow) -> bool:
        """Return whether the notification is new; one about an older version than is known is left out."""
        values = {
            "citizen_id": row.citizen_id,
            "notification_id": row.notification_id,
            "kind": row.kind,
            "about_id": row.about_id,
            "about_version": row.about_version,
            "detail_url": row.detail_url,
            "occurred_at": row.occurred_at,
            "created_at": row.created_at,
        }
        return (await self._db.execute(_ADD, values)).first() is not None

    async def list_after(
        self, citizen_id: UUID, after: UUID | None, limit: int, *, only_unread: bool
    ) -> Sequence[NotificationRow]:
        """Return notifications, newest first, that come after a position; ids are ordered by time."""
        statement = select(NotificationRow).where(NotificationRow.citizen_id == citizen_id)
        if after is not None:
            statement = statement.where(NotificationRow.notification_id < after)
        if only_unread:
            statement = statement.where(NotificationRow.read_at.is_(None))
        statement = statement.order_by(NotificationRow.notification_id.desc()).limit(limit)
        return (await self._db.scalars(statement)).all()

    async def mark_read(self, citizen_id: UUID, notification_id: UUID, now: datetime) -> NotificationRow:
        """Return the notification, read; the first time of reading stays. Raises: NotFound."""
        statement = (
            update(NotificationRow)
            .where(
                NotificationRow.citizen_id == citizen_id, NotificationRow.notification_id == notification_id
            )
            .values(
                read_at=func.coalesce(NotificationRow.read_at, literal(now, NotificationRow.read_at.type))
            )
            .returning(NotificationRow)
        )
        row = (await self._db.scalars(statement)).first()
        if row is None:
            raise NotFound
        return row
