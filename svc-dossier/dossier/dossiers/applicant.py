"""The applicant's side of one request: every use case over the same unit of work, and the two lists."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Actor
from chassis.errors import MalformedCursor
from chassis.paging import Cursors, Page
from dossier.attachments.service import AttachmentService
from dossier.dossiers.drafts import DraftService
from dossier.dossiers.models import DossierRow
from dossier.dossiers.own import OwnDossiers, trace_acting
from dossier.dossiers.parties import owner_of
from dossier.dossiers.ratings import RatingService
from dossier.dossiers.repository import DossierRepository
from dossier.dossiers.schemas import ChangeOut, DossierOverviewOut
from dossier.dossiers.submission import SubmissionService
from dossier.dossiers.views import DossierViews, changes
from dossier.dossiers.withdrawals import WithdrawalService


@dataclass(frozen=True, slots=True)
class ApplicantSide:
    """What routes of `/v1/me/dossiers` work with."""

    db: AsyncSession
    own: OwnDossiers
    drafts: DraftService
    attachments: AttachmentService
    submissions: SubmissionService
    withdrawals: WithdrawalService
    ratings: RatingService
    views: DossierViews

    async def list_page(
        self, actor: Actor, cursors: Cursors, *, status: int | None, cursor: str | None, limit: int
    ) -> Page[DossierOverviewOut]:
        """Return own dossiers, newest first. Raises: MalformedCursor."""
        owner = owner_of(actor)
        scope = f"dossiers:{owner.kind}:{owner.owner_id}:{status}"
        after = _uuid(cursors.decode(cursor, scope=scope)) if cursor is not None else None
        rows = await DossierRepository(self.db).list_owned(owner, after, limit + 1, status=status)
        await trace_acting(self.db, actor, "dossiers")
        shown = rows[:limit]
        following = cursors.encode([str(shown[-1].dossier_id)], scope=scope) if len(rows) > limit else None
        items = [await self.views.overview(row) for row in shown]
        return Page[DossierOverviewOut](items=items, next_cursor=following)

    async def list_history(
        self, row: DossierRow, cursors: Cursors, *, cursor: str | None, limit: int
    ) -> Page[ChangeOut]:
        """Return the changes of a dossier, oldest first. Raises: MalformedCursor."""
        scope = f"dossier-history:{row.dossier_id}"
        version, sequence = _pair(cursors.decode(cursor, scope=scope)) if cursor is not None else (0, 0)
        rows = await DossierRepository(self.db).list_history(row.dossier_id, version, limit + 1)
        items = changes(rows[:limit], sequence + 1)
        following = None
        if len(rows) > limit:
            following = cursors.encode([rows[limit - 1].version, items[-1].sequence], scope=scope)
        return Page[ChangeOut](items=items, next_cursor=following)


def _uuid(position: list[str | int | None]) -> UUID:
    try:
        return UUID(str(position[0]))
    except (ValueError, IndexError) as failure:
        raise MalformedCursor from failure


def _pair(position: list[str | int | None]) -> tuple[int, int]:
    try:
        version, sequence = position
        return int(version or 0), int(sequence or 0)
    except ValueError as failure:
        raise MalformedCursor from failure
