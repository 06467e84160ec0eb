"""The record of an applicant as the officer on the case reads it, with an entry in the access log."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import NotFound
from judicial_record.applications.access import office_of, record_reading, refuse
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.convictions.models import VerificationRow
from judicial_record.convictions.schemas import RecordOut, VerificationOut
from judicial_record.convictions.service import ConvictionService
from judicial_record.convictions.verification_repository import VerificationRepository


class OfficeRecords:
    """Readings by officers."""

    def __init__(self, database: Database, convictions: ConvictionService, clocks: Clocks) -> None:
        self._database = database
        self._convictions = convictions
        self._clocks = clocks

    async def read(self, db: AsyncSession, actor: Actor, application_id: UUID) -> RecordOut:
        """Return the applicant's record and trace the reading in the same transaction.

        Raises: NotFound for an application that is not there or another office's; that attempt is traced.
        """
        applications = ApplicationRepository(db)
        key = await applications.find_key(application_id)
        if key is None or key.office != office_of(actor):
            owner = key.citizen_id if key else None
            raise await refuse(self._database, actor, owner, application_id)
        row = await applications.find(key.citizen_id, application_id)
        if row is None:
            raise NotFound
        await record_reading(db, actor, row, ("convictions",))
        today = self._clocks.legal_today()
        documents, findings = await self._convictions.read_all(db, key.citizen_id, asked_on=today)
        asked = await VerificationRepository(db).list_of_application(key.citizen_id, application_id)
        return RecordOut(
            citizen_id=key.citizen_id,
            asked_on=today,
            judgments=documents,
            findings=findings,
            verifications=[self._shown(row) for row in asked],
        )

    def _shown(self, row: VerificationRow) -> VerificationOut:
        return VerificationOut.model_validate(
            {
                "id": row.request_id,
                "source": row.source,
                "state": row.state,
                "verdict": row.verdict,
                "asked_at": row.asked_at,
                "answered_at": row.answered_at,
                "deadline": row.deadline,
                "is_overdue": row.state != "answered" and self._clocks.legal_now() >= row.due_at,
            }
        )
