"""What every adapter offers the sender, whatever its dialect."""

from dataclasses import dataclass
from typing import Protocol

from contracts.portal import PortalDossier


@dataclass(frozen=True, slots=True)
class Told:
    """What a peer is known to have of one dossier.

    `steps` is the number of progress rows, `digest` SHA-256 over the whole in the peer's dialect; `None`
    while nothing was acknowledged.
    """

    is_known: bool = False
    version: int = 0
    steps: int = 0
    digest: bytes | None = None


class Peer(Protocol):
    """One peer's dialect. Every method raises PeerFailure."""

    def digest_of(self, dossier: PortalDossier) -> bytes:
        """Return the digest that the peer's copy will have. Raises: NotMapped."""
        ...

    async def ask(self, dossier: PortalDossier) -> Told:
        """Return what the peer has of the dossier. Raises: PeerAway when that cannot be learnt."""
        ...

    async def tell(self, dossier: PortalDossier, told: Told) -> Told:
        """Make the peer's copy equal to `dossier`; return what it has then.

        Raises: PeerAway, OutcomeUnknown, PeerRefused.
        """
        ...


class DailyList(Protocol):
    """A peer that can say what it has of one day."""

    async def list_day(self, day: str) -> dict[str, str]:
        """Return dossier code → digest in hexadecimal of what changed on `day` (`yyyyMMdd`)."""
        ...
