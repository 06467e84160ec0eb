"""Counts of dossiers by group; one statement, over the dossiers themselves.

Late by the score of agencies (QĐ 766/QĐ-TTg, indicator 2.1): past the promised day, from which the waits have
been taken out; asked for supplement more than once; an apology; still open past the day. The same rule as
`clocks.rules.is_on_time`, which a test holds equal to it, dossier by dossier.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from casework.time_limits import start_of
from dossier.statistics.rules import Cell

Group = Literal["agency", "field", "procedure", "month", "channel"]
GROUPS: dict[Group, tuple[str, str]] = {
    "agency": ("d.agency_code", "p.document -> 'agency' ->> 'name'"),
    "field": ("p.field_code", "p.document -> 'field' ->> 'name'"),
    "procedure": ("d.procedure_code", "p.name"),
    "month": (
        "to_char(d.submitted_at at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM')",
        "to_char(d.submitted_at at time zone 'Asia/Ho_Chi_Minh', 'MM/YYYY')",
    ),
    "channel": ("d.channel", "d.channel"),
}
IS_LATE = """
    d.supplement_round > 1
    or exists (select 1 from dossier_history h where h.dossier_id = d.dossier_id and h.action = 'apologise')
    or (d.due_at is not null and coalesce(d.finished_at, :now) > d.due_at)
"""
_FILED = """
    d.status between 1 and 10
    and d.submitted_at >= :since and d.submitted_at < :until
    and (cast(:agency as text) is null or d.agency_code = :agency)
    and (cast(:procedure as text) is null or d.procedure_code = :procedure)
"""
_COUNT = """
    select {key} as key, max({label}) as label, count(*) as received,
        count(*) filter (where d.finished_at is not null) as processed,
        count(*) filter (where d.finished_at is not null and not ({late})) as on_time,
        count(*) filter (where ({late}) and (d.finished_at is not null or d.due_at < :now)) as overdue
    from dossiers d
    join procedures p on p.code = d.procedure_code and p.version = d.procedure_version
    where {filed}
    group by 1 order by 1
"""
_STEPS = """
    with steps as (
        select h.action, h.is_automatic,
            extract(epoch from
                h.at - lag(h.at) over (partition by h.dossier_id order by h.version)) as seconds
        from dossier_history h join dossiers d on d.dossier_id = h.dossier_id
        where {filed}
    )
    select action, count(*) as count, count(*) filter (where is_automatic) as automatic,
        coalesce(percentile_cont(0.5) within group (order by seconds), 0) as median
    from steps group by 1 order by 1
"""


class StatisticsRepository:
    """The counts."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def cells(
        self, group: Group, now: datetime, window: tuple[date, date], **narrowed: str | None
    ) -> Sequence[tuple[Cell, str]]:
        """Return each group's counts and name. `window` are legal days of filing, the second exclusive."""
        key, label = GROUPS[group]
        statement = _COUNT.format(key=key, label=label, late=IS_LATE, filed=_FILED)
        rows = (await self._db.execute(text(statement), _values(now, window, narrowed))).all()
        return [
            (Cell(row.key, row.received, row.processed, row.on_time, row.overdue), row.label) for row in rows
        ]

    async def steps(
        self, now: datetime, window: tuple[date, date], **narrowed: str | None
    ) -> Sequence[Any]:  # Any: rows of the statement
        """Return action, count, how many of them automatic, and the median time before it in seconds."""
        values = _values(now, window, narrowed)
        values.pop("now")
        return (await self._db.execute(text(_STEPS.format(filed=_FILED)), values)).all()


def _values(now: datetime, window: tuple[date, date], narrowed: dict[str, str | None]) -> dict[str, Any]:
    since, until = (start_of(day) for day in window)
    return {"now": now, "since": since, "until": until, "agency": None, "procedure": None} | narrowed
