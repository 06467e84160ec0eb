"""The clock of the law on an application: which limit runs, since when, and when it stands still.

The count itself and its explanation are `casework.deadlines`; here is what an application keeps of it.
"""

from datetime import datetime

from casework.calendar import WorkCalendar
from casework.deadlines import Deadline, Suspension, due, legal_day
from chassis.errors import Text
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.reference import limit_on

_WAITING = Text(vi="Chờ người yêu cầu bổ sung hồ sơ", en="Waiting for the applicant's supplement")


class StatutoryClock:
    """Starts, stops and recounts; every method changes the row given and nothing else. Instants are legal."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar

    def start(self, row: ApplicationRow, limit_code: str, at: datetime) -> None:
        """Let a limit run from an instant; one that ran before is replaced."""
        row.limit_code = limit_code
        row.clock_started_at = at
        row.suspensions = []
        self._count(row)

    def change_limit(self, row: ApplicationRow, limit_code: str) -> None:
        """Let another limit run, since the same instant and with the same suspensions."""
        row.limit_code = limit_code
        self._count(row)

    def suspend(self, row: ApplicationRow, at: datetime) -> None:
        """Let the count stand still."""
        row.suspensions = [*row.suspensions, {"from_at": at.isoformat(), "to_at": None}]
        self._count(row)

    def resume(self, row: ApplicationRow, at: datetime) -> None:
        """Let the count go on; the day moves by what was waited."""
        row.suspensions = [
            {**one, "to_at": one["to_at"] or max(at, datetime.fromisoformat(one["from_at"])).isoformat()}
            for one in row.suspensions
        ]
        self._count(row)

    def applicants_end(self, limit_code: str, at: datetime) -> datetime:
        """Return when the applicant's time for paying or adding ends."""
        row = limit_on(limit_code, legal_day(at))
        return due(row.limit, start_at=at, calendar=self._calendar).due_at

    def _count(self, row: ApplicationRow) -> None:
        if row.clock_started_at is None or row.limit_code is None:
            raise ValueError("no clock runs on this application")
        limit = limit_on(row.limit_code, legal_day(row.clock_started_at))
        deadline: Deadline = due(
            limit.limit,
            start_at=row.clock_started_at,
            calendar=self._calendar,
            suspensions=[
                Suspension(
                    datetime.fromisoformat(one["from_at"]),
                    datetime.fromisoformat(one["to_at"]) if one["to_at"] else None,
                    _WAITING,
                )
                for one in row.suspensions
            ],
        )
        row.deadline = {
            "code": limit.code,
            "name": limit.name,
            "confidence": limit.confidence,
            **deadline.document(),
        }
        row.due_at = deadline.due_at
