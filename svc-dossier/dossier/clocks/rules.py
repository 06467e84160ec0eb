"""How long a dossier may take: derived from what was done, so that a recount gives the same day. Pure.

The count stands still while the dossier waits for its applicant (statuses 5 and 6). A withdrawal that was
asked and declined leaves no trace in the count: the clock of the status before goes on as if never left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from casework.calendar import WorkCalendar
from casework.deadlines import Deadline, Suspension, TimeLimit, due, legal_day
from chassis.clock import LEGAL_ZONE
from chassis.errors import Text
from contracts.case_status import NationalStatus

_SUPPLEMENT, _PAYMENT = NationalStatus.AWAITING_SUPPLEMENT, NationalStatus.AWAITING_PAYMENT
_ASIDE = frozenset({_SUPPLEMENT, _PAYMENT, NationalStatus.WITHDRAWAL_REQUESTED})
_REASONS = {
    _SUPPLEMENT: Text(vi="chờ người nộp bổ sung giấy tờ", en="waiting for the applicant's supplement"),
    _PAYMENT: Text(vi="chờ nộp phí, lệ phí", en="waiting for payment"),
}


class Moved(Protocol):
    """One row of a dossier's history, as far as the clocks look."""

    @property
    def from_status(self) -> int: ...
    @property
    def to_status(self) -> int: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Apology:
    """A new day that was promised before the old one had passed."""

    at: datetime
    new_due_on: date


@dataclass(frozen=True, slots=True)
class Promise:
    """When the result is promised, and how that was counted."""

    due_on: date
    due_at: datetime
    document: dict[str, Any]


def waits(history: Sequence[Moved], *, restarts: bool) -> tuple[Suspension, ...]:
    """Return the times in which the dossier waited for its applicant, in order; the last may be open.

    `restarts`: an answer to a request made in processing opens a new period (devices). An answer given before
    acceptance always starts the intake clock again.

    Source: reference/transitions.csv (T12-T13, T21-T22, T41-T42, T50-T51, T60-T61), supplement_rules.csv.
    """
    found: list[Suspension] = []
    waiting: tuple[datetime, NationalStatus] | None = None
    for move in history:
        source, target = NationalStatus(move.from_status or 1), NationalStatus(move.to_status)
        if waiting is None:
            if target in _REASONS and source not in _ASIDE:
                waiting = (move.at, target)
        elif target not in _ASIDE:
            asked_at, status = waiting
            answered = status is _SUPPLEMENT and target in (
                NationalStatus.SUBMITTED,
                NationalStatus.PROCESSING,
            )
            again = answered and (restarts or target is NationalStatus.SUBMITTED)
            found.append(Suspension(asked_at, move.at, _REASONS[status], restarts=again))
            waiting = None
    if waiting is not None:
        found.append(Suspension(waiting[0], None, _REASONS[waiting[1]]))
    return tuple(found)


def intake_deadline(
    limit: TimeLimit, submitted_at: datetime, calendar: WorkCalendar, suspensions: Sequence[Suspension] = ()
) -> Deadline:
    """Return until when the receiving desk decides about a dossier filed at `submitted_at`.

    Source: reference/transitions.csv (T04, T12, T60); the limit is a default, unverified.
    """
    return due(limit, start_at=submitted_at, calendar=calendar, suspensions=suspensions)


def processing_deadline(
    limit: TimeLimit, accepted_at: datetime, calendar: WorkCalendar, suspensions: Sequence[Suspension] = ()
) -> Deadline:
    """Return until when a dossier accepted at `accepted_at` is decided.

    Source: the procedure's own time limit; reference/transitions.csv (T10, T41-T42, T50-T51, T61, T22).
    """
    return due(limit, start_at=accepted_at, calendar=calendar, suspensions=suspensions)


def promise(
    deadline: Deadline, apology: Apology | None, suspensions: Sequence[Suspension], calendar: WorkCalendar
) -> Promise:
    """Return the promised day: as counted, or the apology's, put off by the days waited after it.

    Source: reference/transitions.csv (T56: due date replaced, the old one kept).
    """
    if apology is None:
        return Promise(deadline.due_on, deadline.due_at, deadline.document())
    waited = sum(_days(wait) for wait in suspensions if wait.from_at >= apology.at)
    due_on = apology.new_due_on + timedelta(days=waited)
    while waited and not calendar.kind_of(due_on).is_working:
        due_on += timedelta(days=1)
    due_at = datetime.combine(due_on + timedelta(days=1), datetime.min.time(), LEGAL_ZONE).astimezone(UTC)
    text = Text(vi="Hẹn lại ngày trả kết quả (phiếu 04)", en="New day promised (slip 04)")
    document = deadline.document()
    return Promise(
        due_on,
        due_at,
        {
            **document,
            "due_on": due_on.isoformat(),
            "due_at": due_at.isoformat().replace("+00:00", "Z"),
            "replaced_due_on": deadline.due_on.isoformat(),
            "steps": [*document["steps"], {"on": due_on.isoformat(), "counted": waited, "text": text}],
        },
    )


def is_on_time(
    *, finished_at: datetime | None, due_at: datetime | None, rounds: int, apologies: int, now: datetime
) -> bool:
    """Return whether a dossier counts as on time in the score of agencies.

    `due_at` has the times of waiting taken out already. A dossier without a due day is never late by time.
    Source: QĐ 766/QĐ-TTg (2022-06-23), indicator 2.1: finish not after the promise; more than one request
    for supplement, and an open dossier past its day, count as late.
    """
    if rounds > 1 or apologies > 0:
        return False
    return due_at is None or (finished_at or now) <= due_at


def _days(wait: Suspension) -> int:
    return (legal_day(wait.to_at) - legal_day(wait.from_at)).days if wait.to_at is not None else 0
