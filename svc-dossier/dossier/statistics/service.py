"""The use case of public statistics."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import FieldError, Invalid, Text
from dossier.desk.table import label_of, transitions
from dossier.dossiers.schemas import Labels
from dossier.statistics.repository import Group, StatisticsRepository
from dossier.statistics.rules import SMALLEST_CELL, Cell, hidden_keys, total
from dossier.statistics.schemas import CountsOut, GroupOut, StatisticsOut, StepTimeOut

FORMULA = (
    "QĐ 766/QĐ-TTg (2022-06-23), indicator 2.1: finish not after the promised day, waits for the applicant"
    " taken out; more than one request for supplement, an apology, and an open dossier past its day are late"
)
_LABELS = {row.action: Labels(**label_of(row)) for row in transitions().rows}


@dataclass(frozen=True, slots=True)
class StatisticsService:
    """Counts without a person in them."""

    db: AsyncSession
    clocks: Clocks

    async def count(
        self,
        group: Group,
        since: date | None,
        until: date | None,
        agency: str | None,
        procedure: str | None,
    ) -> StatisticsOut:
        """Return the counts by `group` of dossiers filed from `since` to `until`, both legal days included.

        By default the last twelve months. Raises: Invalid for a window that ends before it begins.
        """
        today = self.clocks.legal_today()
        last = until or today
        first = since or last - timedelta(days=365)
        if first > last:
            text = Text(vi="Ngày cuối phải sau ngày đầu.", en="The last day lies after the first.")
            raise Invalid(errors=[FieldError("?until", "window", text)])
        repository, window = StatisticsRepository(self.db), (first, last + timedelta(days=1))
        now, narrowed = self.clocks.legal_now(), {"agency": agency, "procedure": procedure}
        found = await repository.cells(group, now, window, **narrowed)
        cells = [cell for cell, _ in found]
        hidden = hidden_keys(cells)
        whole = total(cells)
        steps = await repository.steps(now, window, **narrowed)
        return StatisticsOut(
            group_by=group,
            since=first,
            until=last,
            counted_at=now,
            formula=FORMULA,
            smallest_cell=SMALLEST_CELL,
            total=None if _tells_hidden(whole, hidden, cells) else _counts(whole),
            items=[
                GroupOut(key=cell.key, name=name, counts=None if cell.key in hidden else _counts(cell))
                for cell, name in found
            ],
            steps=[
                StepTimeOut(
                    action=row.action,
                    label=_LABELS[row.action],
                    count=row.count,
                    automatic_share=round(row.automatic / row.count, 4),
                    median_seconds=int(row.median),
                )
                for row in steps
                if row.count >= SMALLEST_CELL and row.action in _LABELS
            ],
        )


def _tells_hidden(whole: Cell, hidden: frozenset[str], cells: list[Cell]) -> bool:
    """Return whether the total would tell a small cell: it is small itself, or there is nothing else."""
    return whole.received < SMALLEST_CELL or (len(hidden) == 1 and len(cells) > 1)


def _counts(cell: Cell) -> CountsOut:
    return CountsOut(
        received=cell.received,
        processed=cell.processed,
        on_time=cell.on_time,
        overdue=cell.overdue,
        on_time_share=round(cell.on_time / cell.processed, 4) if cell.processed else None,
    )
