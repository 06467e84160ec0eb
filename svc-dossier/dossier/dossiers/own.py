"""One's own dossiers: another's is not there, and the attempt stands in its owner's access log.

A parent who acts for a child reads another person's data, and that stands in the child's log too.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access_log import PARENT, AccessEntry, record, record_refusal
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
            await self._trace_refusal(repository, actor, dossier_id)
            raise NotFound
        await trace_acting(self.db, actor, f"dossiers/{dossier_id}")
        return row

    async def _trace_refusal(self, repository: DossierRepository, actor: Actor, dossier_id: UUID) -> None:
        whose = await repository.find_citizen_owner(dossier_id)
        if whose is None or whose == actor.citizen_id:
            return
        entry = _entry(actor, whose, f"dossiers/{dossier_id}")
        await record_refusal(self.database, replace(entry, outcome="refused", reason="not_found"))


async def trace_acting(db: AsyncSession, actor: Actor, resource: str) -> None:
    """Leave a trace where a parent acts for a child; one's own reading leaves none."""
    if actor.act is None or actor.citizen_id is None:
        return
    entry = _entry(actor, actor.citizen_id, resource)
    await record(db, replace(entry, actor_role="parent", legal_ground=PARENT, sections=("dossier",)))


def _entry(actor: Actor, citizen_id: UUID, resource: str) -> AccessEntry:
    return AccessEntry(
        citizen_id=citizen_id,
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role=actor.kind,
        actor_organisation=actor.organisation,
        purpose="own-dossier",
        legal_ground="none",
        sections=(),
        outcome="allowed",
        resource=resource,
    )
