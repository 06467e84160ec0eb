"""What officers and leaders do: see their office's cases, and take the actions that the table allows."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from casework.transitions import Transition
from chassis.auth import Actor
from chassis.errors import FieldError, Invalid, Text
from chassis.etag import etag_of, require_match
from chassis.paging import Page
from judicial_record.applications import access
from judicial_record.applications.decisions import Decisions
from judicial_record.applications.desk_schemas import (
    NEEDS_NOTE,
    ActionIn,
    OfficeApplicationOut,
    OfficeOverviewOut,
)
from judicial_record.applications.desk_views import office_application, office_overview
from judicial_record.applications.errors import ClaimedByAnother
from judicial_record.applications.journal import Author
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.reference import transitions
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.service import Parts, position

_BY_HOLDER = frozenset({"request_verification", "record_finding", "propose", "request_supplement"})
"""Actions of whoever works on the case; they claim a case that nobody has claimed."""
_SECTIONS = ("form", "holder", "look_up", "history")


class Desk:
    """Use cases of an office. `db` is the request's unit of work."""

    def __init__(self, parts: Parts, decisions: Decisions) -> None:
        self._parts = parts
        self._decisions = decisions

    async def list_inbox(
        self,
        db: AsyncSession,
        actor: Actor,
        statuses: Sequence[str],
        overdue: bool | None,
        limit: int,
        cursor: str | None,
    ) -> Page[OfficeOverviewOut]:
        """Return a page of the office's applications, oldest first; each one shown leaves a trace.

        Raises: RoleMissing, MalformedCursor.
        """
        office = access.office_of(actor)
        scope = f"inbox:{office}:{','.join(statuses)}:{overdue}"
        after = position(self._parts.cursors, cursor, scope)
        rows = await ApplicationRepository(db).list_of_office(office, statuses, overdue, after, limit + 1)
        following = None
        if len(rows) > limit:
            following = self._parts.cursors.encode([str(rows[limit - 1].application_id)], scope=scope)
        for row in rows[:limit]:
            await access.record_reading(db, actor, row, ("overview",))
        items = [office_overview(row, self._parts.vault) for row in rows[:limit]]
        return Page[OfficeOverviewOut](items=items, next_cursor=following)

    async def get(self, db: AsyncSession, actor: Actor, application_id: UUID) -> OfficeApplicationOut:
        """Return an application of the office. Raises: NotFound, also for another office's."""
        row = await self._require(db, actor, application_id)
        return await self._out(db, actor, row)

    async def act(
        self, db: AsyncSession, actor: Actor, request: Request, application_id: UUID, body: ActionIn
    ) -> OfficeApplicationOut:
        """Take an action and return the application after it.

        Raises: NotFound, StaleVersion, RoleMissing, IllegalTransition, Invalid, ClaimedByAnother,
        OwnProposal, VerificationMissing, ContentChanged, UpstreamUnavailable; then nothing has changed.
        """
        row = await self._require(db, actor, application_id, for_update=True)
        require_match(request, etag_of(row.version))
        roles = access.roles_of(actor)
        transition = transitions().find(row.status, body.action, roles)
        _require_note(body)
        author = Author(sorted(transition.roles & set(roles))[0], actor.subject)
        await self._take(db, row, transition, author, body)
        return await self._out(db, actor, row)

    async def _take(
        self, db: AsyncSession, row: ApplicationRow, transition: Transition, author: Author, body: ActionIn
    ) -> None:
        action = transition.action
        if action in ("claim", "release"):
            await self._claim_or_release(db, row, transition, author)
            return
        if action in _BY_HOLDER:
            _require_holder(row, author)
            row.claimed_by = author.subject
            row.claimed_at = row.claimed_at or self._parts.clocks.legal_now()
        await self._decisions.take(db, row, transition, author, body.note or "", body.finding)

    async def _claim_or_release(
        self, db: AsyncSession, row: ApplicationRow, transition: Transition, author: Author
    ) -> None:
        """Take a case for oneself, or give it back; a leader may give back anybody's. Again is no change."""
        is_leader = author.role == "judicial_leader"
        if transition.action == "claim" or not is_leader:
            _require_holder(row, author)
        wanted = author.subject if transition.action == "claim" else None
        if row.claimed_by == wanted:
            return
        row.claimed_by = wanted
        row.claimed_at = self._parts.clocks.legal_now() if wanted else None
        await self._parts.journal.change(db, row, transition, author)

    async def _require(
        self, db: AsyncSession, actor: Actor, application_id: UUID, *, for_update: bool = False
    ) -> ApplicationRow:
        """Return an application of the actor's office. Raises: RoleMissing, NotFound."""
        office = access.office_of(actor)
        repository = ApplicationRepository(db)
        key = await repository.find_key(application_id)
        if key is None or key.office != office:
            owner = key.citizen_id if key else None
            raise await access.refuse(self._parts.database, actor, owner, application_id)
        row = await repository.find(key.citizen_id, application_id, for_update=for_update)
        if row is None:
            raise await access.refuse(self._parts.database, actor, None, application_id)
        return row

    async def _out(self, db: AsyncSession, actor: Actor, row: ApplicationRow) -> OfficeApplicationOut:
        await access.record_reading(db, actor, row, _SECTIONS)
        repository = ApplicationRepository(db)
        return office_application(
            row,
            await repository.list_steps(row.citizen_id, row.application_id),
            await repository.list_supplements(row.citizen_id, row.application_id),
            self._parts.vault,
            access.roles_of(actor),
        )


def _require_holder(row: ApplicationRow, author: Author) -> None:
    if row.claimed_by not in (None, author.subject):
        raise ClaimedByAnother


def _require_note(body: ActionIn) -> None:
    if body.action in NEEDS_NOTE and body.note is None and body.finding is None:
        message = Text(vi="Thao tác này phải nêu nội dung.", en="This action needs a note.")
        raise Invalid(errors=[FieldError("/note", "missing", message)])
