"""How one delivery reaches its peer, once it is its turn."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from chassis.clock import LEGAL_ZONE
from contracts.portal import PortalDossier
from national_portal_sync.clients.sources import SourceFailed, Sources
from national_portal_sync.deliveries.repository import Job
from national_portal_sync.peers.peer import Peer, Told

Outcome = Literal["sent", "found", "unchanged", "dropped"]


@dataclass(frozen=True, slots=True)
class Carried:
    """A delivery that is settled. `covers` is the newest version that the peer has by it; deliveries of
    versions up to it have nothing left to tell. `told` is `None` where nothing new is known of the peer.
    """

    outcome: Outcome
    covers: int = 0
    told: Told | None = None
    told_on: date | None = None


class Carrier(Protocol):
    """Carries deliveries of one kind of peer."""

    async def carry(self, job: Job) -> Carried:
        """Deliver. Raises: PeerFailure, SourceFailed."""
        ...


class CaseCarrier:
    """Tells a peer the dossier as it stands now, all its steps in order, however late the delivery is.

    The content is fetched when it is sent, so a queue of many changes is one call and an older status never
    overwrites a newer one.
    """

    def __init__(self, peer: Peer, sources: Sources) -> None:
        self._peer = peer
        self._sources = sources

    async def carry(self, job: Job) -> Carried:
        dossier = await self._sources.get_dossier(job.source, job.dossier_id)
        if dossier.version < job.version:
            raise SourceFailed("source_behind")
        if dossier.version < job.told.version:
            return Carried("dropped", covers=dossier.version)
        wanted = self._peer.digest_of(dossier)
        told = job.told
        is_unknown = job.previous_state in ("unknown", "sending")
        if is_unknown:
            told = await self._peer.ask(dossier)
        if told.digest == wanted:
            told = Told(True, dossier.version, len(dossier.steps), wanted)
            return _carried("found" if is_unknown else "unchanged", dossier, told)
        return _carried("sent", dossier, await self._peer.tell(dossier, told))


def _carried(outcome: Outcome, dossier: PortalDossier, told: Told) -> Carried:
    latest = max((step.at for step in dossier.steps), default=dossier.submitted_at)
    return Carried(outcome, dossier.version, told, latest.astimezone(LEGAL_ZONE).date())
