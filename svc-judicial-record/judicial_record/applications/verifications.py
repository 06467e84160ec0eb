"""What convictions call back: every body that was asked has answered."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from judicial_record.applications.journal import SYSTEM
from judicial_record.applications.reference import transitions
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.service import Parts


class Verifications:
    """Lets a case go on after its verification."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def answers_are_in(self, db: AsyncSession, application_id: UUID) -> bool:
        """Return whether the case went back to its officer, in the transaction of the last answer.

        Idempotent: an answer to a case that no longer waits for one (withdrawn, refused, answered before)
        changes nothing.
        """
        repository = ApplicationRepository(db)
        key = await repository.find_key(application_id)
        row = key and await repository.find(key.citizen_id, application_id, for_update=True)
        if not row or row.status != "verifying":
            return False
        transition = transitions().find(row.status, "receive_answers", SYSTEM.role)
        await self._parts.journal.change(db, row, transition, SYSTEM)
        return True
