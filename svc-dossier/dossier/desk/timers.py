"""What happens when time has passed. One dossier is one unit of work; one that fails stops no other."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.logging import get_logger
from dossier.desk.advance import advance
from dossier.desk.case import load_case
from dossier.desk.tools import Tools
from dossier.dossiers.models import DossierRow
from dossier.dossiers.repository import DossierRepository

BATCH = 200
SOON = timedelta(hours=24)

Each = Callable[[AsyncSession, DossierRow], Awaitable[None]]

log = get_logger(__name__)

_PUBLICATIONS = """
    select d.dossier_id from dossiers d
    join procedures p on p.code = d.procedure_code and p.version = d.procedure_version
    where d.status = 1 and p.document ->> 'kind' = 'publication' and d.dossier_id > :after
    order by d.dossier_id limit :limit
"""
_WAITED_LONG_ENOUGH = """
    select dossier_id from dossiers
    where status in (5, 6) and next_due_at < :now and dossier_id > :after
    order by dossier_id limit :limit
"""
_PAID = """
    select d.dossier_id from dossiers d
    where d.status = 6 and d.dossier_id > :after and not exists (
        select 1 from payment_requests r where r.dossier_id = d.dossier_id and r.closed_at is null
    )
    order by d.dossier_id limit :limit
"""
_MARK = text(
    """
    insert into deadline_marks (dossier_id, kind, due_at, marked_at)
    select dossier_id, :kind, next_due_at, cast(:now as timestamptz) from dossiers
    where status in (1, 2, 4) and next_due_at < :until and next_due_at >= :since
    on conflict do nothing
    returning dossier_id
    """
)
_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


async def advance_all(tools: Tools) -> None:
    """Publish on receipt, ask payment, go on with what is paid, end what was waited for in vain."""

    async def by_itself(db: AsyncSession, dossier: DossierRow) -> None:
        case = await load_case(db, dossier, tools.rules, tools.vault)
        await advance(db, tools, case)

    for query in (_PUBLICATIONS, _PAID, _WAITED_LONG_ENOUGH):
        await _each(tools, query, tools.clocks.legal_now(), by_itself)


async def mark_deadlines(tools: Tools) -> None:
    """Tell once of each day that is near, and once of each that has passed."""
    now = tools.clocks.legal_now()
    for kind, since, until in (("due_soon", now, now + SOON), ("overdue", _LONG_AGO, now)):
        async with tools.database.transaction() as db:
            values = {"kind": kind, "now": now, "since": since, "until": until}
            told: Sequence[UUID] = (await db.scalars(_MARK, values)).all()
        for dossier_id in told:
            log.warning(f"dossier.{kind}", dossier_id=str(dossier_id))


async def _each(tools: Tools, query: str, now: datetime, run: Each) -> None:
    """Run `run` for every dossier of a query, each locked in a transaction of its own."""
    after = UUID(int=0)
    while True:
        values = {"now": now, "after": after, "limit": BATCH}
        async with tools.database.transaction() as db:
            found: Sequence[UUID] = (await db.scalars(text(query), values)).all()
        for dossier_id in found:
            try:
                async with tools.database.transaction() as db:
                    await run(db, await DossierRepository(db).get(dossier_id, for_update=True))
            except Exception:
                log.exception("dossier.timer_failed", dossier_id=str(dossier_id))
        if len(found) < BATCH:
            return
        after = found[-1]
