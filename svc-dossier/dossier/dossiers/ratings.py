"""What applicants think of how their dossiers were handled."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import IllegalTransition
from contracts.case_status import NationalStatus
from dossier.dossiers.models import DossierRow, RatingRow
from dossier.dossiers.schemas import RatingIn, RatingOut
from dossier.dossiers.service import ENDED
from dossier.vault import Vault

_COMMENT = "dossier_ratings.comment"


@dataclass(frozen=True, slots=True)
class RatingService:
    """Use case of rating, in the request's unit of work; the caller has locked the dossier."""

    db: AsyncSession
    clocks: Clocks
    vault: Vault

    async def rate(self, row: DossierRow, wanted: RatingIn) -> RatingOut:
        """Keep the rating of a decided dossier; a later one takes the place of an earlier one.

        Raises: IllegalTransition before the dossier is decided.
        """
        if row.status not in ENDED and row.status != NationalStatus.RETURNED:
            raise IllegalTransition
        comment = self.vault.seal_text(wanted.comment, _COMMENT, row.dossier_id) if wanted.comment else None
        now = self.clocks.legal_now()
        await self.db.merge(
            RatingRow(dossier_id=row.dossier_id, score=wanted.score, comment=comment, rated_at=now)
        )
        await self.db.flush()
        return RatingOut(score=wanted.score, comment=wanted.comment, rated_at=now)
