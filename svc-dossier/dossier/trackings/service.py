"""The one use case of public tracking."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotFound
from chassis.ids import new_id
from dossier.dossiers.repository import DossierRepository
from dossier.dossiers.status import status_out
from dossier.trackings.schemas import TrackingIn, TrackingOut
from dossier.vault import Vault


@dataclass(frozen=True, slots=True)
class TrackingService:
    """Public tracking, in the request's unit of work."""

    db: AsyncSession
    vault: Vault

    async def track(self, asked: TrackingIn) -> TrackingOut:
        """Return where a dossier stands.

        A code that is not there and a PIN that is wrong are the same answer after the same work: a keyed
        digest and a comparison in constant time. Raises: NotFound.
        """
        row = await DossierRepository(self.db).find_by_code(asked.code.strip().upper())
        pin = asked.pin.replace(" ", "")
        dossier_id, index = (row.dossier_id, row.pin_index) if row is not None else (new_id(), None)
        if not self.vault.is_pin(pin, dossier_id, index) or row is None or row.submitted_at is None:
            raise NotFound
        return TrackingOut(
            code=row.code or "",
            procedure_code=row.procedure_code,
            status=status_out(row.status),
            submitted_at=row.submitted_at,
            accepted_at=row.accepted_at,
            due_on=row.due_on,
            finished_at=row.finished_at,
            returned_at=row.returned_at,
            updated_at=row.updated_at,
        )
