"""The process control sheet (slip 05): who had a dossier, how long it waited, how long it was worked on.

Read off the history, which has a row for every hand-over, and not kept beside it: a second record of the
same steps could only differ. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from casework.deadlines import legal_day
from dossier.dossiers.models import HistoryRow

Standing = Literal["early", "on_time", "late"]
TAKING = frozenset({"assign", "start"})
"""Steps by which somebody takes a dossier into work: the time before them is waiting, after them work."""


@dataclass(frozen=True, slots=True)
class ControlStep:
    """One row: from `received_at` to `begun_at` the dossier waited, from then on it was worked on."""

    position: int
    row: HistoryRow
    received_at: datetime
    begun_at: datetime
    standing: Standing

    @property
    def ended_at(self) -> datetime:
        return self.row.at


def control_sheet(history: Sequence[HistoryRow]) -> list[ControlStep]:
    """Return the sheet of a dossier from its history, oldest first."""
    found = []
    for position, row in enumerate(history, 1):
        before = history[position - 2] if position > 1 else None
        received_at = before.at if before is not None else row.at
        took = before is not None and before.action in TAKING and before.actor_subject == row.actor_subject
        standing: Standing = (row.details or {}).get("standing", "on_time")
        found.append(ControlStep(position, row, received_at, received_at if took else row.at, standing))
    return found


def standing_of(now: datetime, due_at: datetime | None) -> Standing:
    """Return how a step done at the legal instant `now` stands to the day of the status that it left.

    `due_at` is the exclusive end: of a due day it is midnight, when the day after begins.
    """
    if due_at is None:
        return "on_time"
    if now >= due_at:
        return "late"
    last_day = legal_day(due_at - timedelta(microseconds=1))
    return "early" if legal_day(now) < last_day else "on_time"
