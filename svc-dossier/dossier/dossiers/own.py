"""One's own dossiers: another's is not there, and the attempt stands in its owner's access log."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access_log import AccessEntry, record_refusal
from chassis.auth import Actor
from chassis.db import Database
from chassis.errors import NotFound
from dossier.dossiers.models import DossierRow
from dossier.dossiers.parties import owner_of
from dossier.dossiers.repository import DossierRepository


@dataclass(frozen=True, slots=True)
class OwnDossiers:
    """The dossiers of whoever asks."""

    db: AsyncSession
    database: Database

    async def require(self, actor: Actor, dossier_id: UUID, *, for_update: bool = False) -> DossierRow:
        """Return a dossier of the actor, or of whom the actor acts for; locked with `for_update`.

        Raises: NotFound; where it is somebody else's, after that person's access log has the attempt.
        """
        repository = DossierRepository(self.db)
        row = await repository.find_owned(owner_of(actor), dossier_id, for_update=for_update)
        if row is None:
            await self._trace(repository, actor, dossier_id)
            raise NotFound
        return row

    async def _trace(self, repository: DossierRepository, actor: Actor, dossier_id: UUID) -> None:
        whose = await repository.find_citizen_owner(dossier_id)
        if whose is None or whose == actor.citizen_id:
            return
        await record_refusal(
            self.database,
            AccessEntry(
                citizen_id=whose,
                actor_kind=actor.kind,
                actor_subject=actor.person,
                actor_role=actor.kind,
                actor_organisation=actor.organisation,
                purpose="own-dossier",
                legal_ground="none",
                sections=(),
                outcome="refused",
                resource=f"dossiers/{dossier_id}",
                reason="not_found",
            ),
        )
