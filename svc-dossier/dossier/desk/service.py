"""The officers' use cases: the inbox, one dossier, one action."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from casework.time_limits import start_of
from chassis.access_log import AccessEntry, record, record_refusal
from chassis.auth import Actor
from chassis.errors import MalformedCursor, NotFound
from chassis.etag import etag_of, require_match
from chassis.paging import Cursors, Page
from dossier.desk.advance import advance
from dossier.desk.arrivals import ArrivalIn, Arrivals
from dossier.desk.case import Case, load_case
from dossier.desk.engine import owner_for_log, take
from dossier.desk.repository import NEVER, DeskRepository, InboxQuery
from dossier.desk.schemas import ActionIn, DossierWorkOut, InboxItemOut, Queue
from dossier.desk.tools import Tools
from dossier.desk.view import work_out
from dossier.dossiers.models import DossierRow
from dossier.dossiers.repository import DossierRepository
from dossier.dossiers.status import status_out
from dossier.supplements.answers import Answers

QUEUES: dict[Queue | None, tuple[int, ...]] = {
    None: (1, 2, 4, 5, 6, 7, 9),
    "intake": (1,),
    "processing": (2, 4),
    "to_sign": (2, 4, 5),
    "waiting": (5, 6),
    "withdrawals": (7,),
    "results": (9,),
    "overdue": (1, 2, 4),
    "mine": (1, 2, 4, 5, 6, 7),
}
SOON = timedelta(hours=24)
PURPOSE = "dossier-work"
GROUND = "Nghị định 118/2025/NĐ-CP: giải quyết thủ tục hành chính theo cơ chế một cửa"
_SECTIONS = ("parties", "form", "attachments", "history")
_FIRST = (datetime.fromisoformat("0001-01-01T00:00:00+00:00"), UUID(int=0))


@dataclass(frozen=True, slots=True)
class DeskService:
    """Use cases of officers, in the request's unit of work."""

    db: AsyncSession
    tools: Tools

    async def inbox(
        self,
        actor: Actor,
        cursors: Cursors,
        *,
        queue: Queue | None,
        due_before: date | None,
        cursor: str | None,
        limit: int,
    ) -> Page[InboxItemOut]:
        """Return dossiers of the actor's organisations that somebody waits for, the earliest day first.

        `due_before` is a legal day, exclusive. Raises: MalformedCursor.
        """
        scope = f"inbox:{actor.subject}:{actor.organisation}:{queue}:{due_before}"
        after = _position(cursors.decode(cursor, scope=scope)) if cursor is not None else _FIRST
        now = self.tools.clocks.legal_now()
        before = start_of(due_before) if due_before is not None else None
        if queue == "overdue":
            before = min(before, now) if before is not None else now
        query = InboxQuery(
            agencies=self.tools.offices.seen_by(actor),
            statuses=QUEUES[queue],
            before=before,
            only_proposed=queue == "to_sign",
            officer=UUID(actor.subject) if queue == "mine" else None,
        )
        rows = await DeskRepository(self.db).inbox(query, after, limit + 1)
        following = None
        if len(rows) > limit:
            last = rows[limit - 1]
            following = cursors.encode([last.next_due_at.isoformat(), str(last.dossier_id)], scope=scope)
        return Page[InboxItemOut](items=[_item(row, now) for row in rows[:limit]], next_cursor=following)

    async def get(self, actor: Actor, dossier_id: UUID) -> tuple[DossierWorkOut, str]:
        """Return a dossier of the actor's organisations and its ETag; leaves an entry in the access log.

        Raises: NotFound, also for another organisation's, whose attempt is traced.
        """
        dossier = await DossierRepository(self.db).get(dossier_id)
        case = await self._seen(actor, dossier)
        return await self._shown(actor, case)

    async def act(
        self, actor: Actor, dossier_id: UUID, body: ActionIn, request: Request
    ) -> tuple[DossierWorkOut, str]:
        """Take one step and what the system does upon it; return the dossier as it stands then, and its ETag.

        Raises: NotFound, StaleVersion, and what `engine.take` raises.
        """
        dossier = await DossierRepository(self.db).get(dossier_id, for_update=True)
        case = await self._seen(actor, dossier)
        require_match(request, etag_of(dossier.version))
        await take(self.db, self.tools, case, body.action, actor.roles, actor=actor, body=body)
        await advance(self.db, self.tools, case)
        await self.db.flush()
        return await self._shown(actor, case)

    async def enter(self, actor: Actor, arrivals: Arrivals, arrival: ArrivalIn) -> tuple[DossierWorkOut, str]:
        """Enter a dossier that came on paper; return it and its ETag. Raises: as `Arrivals.enter`."""
        return await self._shown(actor, await arrivals.enter(actor, arrival))

    async def take_answer(
        self,
        actor: Actor,
        dossier_id: UUID,
        form: dict[str, Any] | None,  # Any: JSON members
        note: str | None,
        request: Request,
    ) -> tuple[DossierWorkOut, str]:
        """Take the answer to a request for supplement at the counter. Raises: as `act`."""
        dossier = await DossierRepository(self.db).get(dossier_id, for_update=True)
        await self._seen(actor, dossier)
        require_match(request, etag_of(dossier.version))
        case = await Answers(self.db, self.tools).answer(actor, dossier, form, note)
        return await self._shown(actor, case)

    async def _seen(self, actor: Actor, dossier: DossierRow) -> Case:
        """Return the case of a filed dossier that the actor's organisations may see; trace others' attempts.

        Raises: NotFound.
        """
        if dossier.status == 0:
            raise NotFound
        if dossier.agency_code not in self.tools.offices.seen_by(actor):
            await record_refusal(self.tools.database, _entry(actor, dossier, allowed=False))
            raise NotFound(reason="other_office")
        return await load_case(self.db, dossier, self.tools.rules, self.tools.vault)

    async def _shown(self, actor: Actor, case: Case) -> tuple[DossierWorkOut, str]:
        await record(self.db, _entry(actor, case.dossier, allowed=True))
        repository, dossier_id = DeskRepository(self.db), case.dossier.dossier_id
        shown = work_out(
            case,
            self.tools,
            actor,
            attachments=await repository.attachments(dossier_id),
            inner_requests=await repository.inner_requests(dossier_id),
            results=await repository.results(dossier_id),
        )
        return shown, etag_of(case.dossier.version)


def _entry(actor: Actor, dossier: DossierRow, *, allowed: bool) -> AccessEntry:
    return AccessEntry(
        citizen_id=owner_for_log(dossier),
        actor_kind=actor.kind,
        actor_subject=actor.person,
        actor_role=next(iter(sorted(actor.roles)), None),
        actor_organisation=actor.organisation,
        purpose=PURPOSE,
        legal_ground=GROUND,
        sections=_SECTIONS if allowed else (),
        outcome="allowed" if allowed else "refused",
        reason=None if allowed else "not_found",
        resource=f"dossiers/{dossier.dossier_id}",
    )


def _position(position: list[str | int | None]) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(str(position[0])), UUID(str(position[1]))
    except (ValueError, IndexError) as failure:
        raise MalformedCursor from failure


def _item(row: Any, now: datetime) -> InboxItemOut:  # Any: a row of the inbox
    due_at = row.next_due_at if row.next_due_at < NEVER and row.status != 9 else None
    return InboxItemOut(
        id=row.dossier_id,
        code=row.code,
        procedure_code=row.procedure_code,
        procedure_name=row.procedure_name,
        status=status_out(row.status),
        office_code=row.agency_code,
        assigned_to=row.assigned_to,
        is_proposed=row.is_proposed,
        due_at=due_at,
        is_due_soon=due_at is not None and now <= due_at < now + SOON,
        is_overdue=due_at is not None and now > due_at,
        submitted_at=row.submitted_at,
        version=row.version,
    )
