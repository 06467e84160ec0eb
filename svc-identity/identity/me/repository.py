"""Queries of `me`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotFound
from identity.people.models import PersonRow


class MeRepository:
    """The signed-in citizen's own row."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def get(self, citizen_id: UUID, *, for_update: bool = False) -> PersonRow:
        """Return the person. Raises: NotFound."""
        row = await self._db.get(
            PersonRow, citizen_id, with_for_update=for_update or None, populate_existing=True
        )
        if row is None:
            raise NotFound
        return row

    async def set_language(self, citizen_id: UUID, language: str, now: datetime) -> None:
        """Set the language in which the citizen is written to."""
        await self._db.execute(
            update(PersonRow)
            .where(PersonRow.citizen_id == citizen_id)
            .values(language=language, updated_at=now, version=PersonRow.version + 1)
        )
