"""Whether "nothing found" means "nothing on record": which days of a person's life the sources do not cover.

Pure. A source tells, per kind of information, from when until when it has handed over everything; an open end
means that it sends on as things happen. Every day from the age of 14 counts, since nobody can be convicted
before; an answer about the very person closes a source's gaps up to the day of the answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from casework.deadlines import months_later
from judicial_record.convictions.sources import Source

AGE_OF_RESPONSIBILITY = 14
ANSWER_HOLDS_DAYS = 30
"""How long an answer about a person stands for the days after it; unverified, a default of ours."""
_DAY = timedelta(days=1)
_FAR = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class CoverageEntry:
    """What a source says of one kind of its information; `until` None means that it goes on."""

    kind: str
    state: Literal["complete", "partial", "none"]
    since: date
    until: date | None
    checked_on: date
    province_code: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """One kind of information of one source over the person's time; `gaps` are inclusive periods."""

    source: str
    kind: str
    gaps: tuple[tuple[date, date], ...]
    checked_on: date | None
    answered_on: date | None

    @property
    def is_complete(self) -> bool:
        return not self.gaps

    def covered_until(self, needed_from: date, asked_on: date) -> date | None:
        """Return the last day up to which all is there without a gap, None if not even the first."""
        if not self.gaps:
            return asked_on
        return self.gaps[0][0] - _DAY if self.gaps[0][0] > needed_from else None

    def document(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "kind": self.kind,
            "state": "complete" if self.is_complete else "gap",
            "gaps": [{"from": a.isoformat(), "until": b.isoformat()} for a, b in self.gaps],
            "checked_on": self.checked_on.isoformat() if self.checked_on else None,
            "answered_on": self.answered_on.isoformat() if self.answered_on else None,
        }


def first_day(born_on: date) -> date:
    """Return the first day on which a person could commit a crime: the fourteenth birthday."""
    return months_later(born_on, AGE_OF_RESPONSIBILITY * 12)


def coverage_of(
    sources: Iterable[Source],
    entries: Mapping[str, Sequence[CoverageEntry]],
    answers: Mapping[str, date],
    *,
    since: date,
    asked_on: date,
) -> tuple[SourceCoverage, ...]:
    """Return each source's coverage of the days from `since` to `asked_on`, both inclusive.

    `entries` and `answers` (the last day that a source answered about this person) are by source code. Where
    a source says both complete and partial of the same day, the day is a gap.
    """
    found = []
    for source in sources:
        told, answered_on = entries.get(source.code, ()), answers.get(source.code)
        start = since
        if answered_on is not None:
            start = max(since, answered_on + timedelta(days=ANSWER_HOLDS_DAYS) + _DAY)
        for kind in source.coverage:
            about = [one for one in told if one.kind == kind]
            whole = [one for one in about if one.state == "complete" and one.province_code is None]
            doubtful = [one for one in about if one.state != "complete"]
            gaps = _without(whole, start, asked_on) + [
                period for one in doubtful if (period := _overlap(one, start, asked_on)) is not None
            ]
            checked_on = min((one.checked_on for one in about), default=None)
            found.append(SourceCoverage(source.code, kind, _joined(gaps), checked_on, answered_on))
    return tuple(found)


def _overlap(entry: CoverageEntry, start: date, end: date) -> tuple[date, date] | None:
    first, last = max(entry.since, start), min(entry.until or _FAR, end)
    return (first, last) if first <= last else None


def _without(whole: Sequence[CoverageEntry], start: date, end: date) -> list[tuple[date, date]]:
    """Return the periods of [start, end] that none of the entries covers."""
    gaps, day = [], start
    for entry in sorted(whole, key=lambda one: one.since):
        period = _overlap(entry, day, end)
        if period is None:
            continue
        if period[0] > day:
            gaps.append((day, period[0] - _DAY))
        day = period[1] + _DAY if period[1] < end else _FAR
        if day == _FAR:
            return gaps
    return [*gaps, (day, end)] if day <= end else gaps


def _joined(gaps: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    joined: list[tuple[date, date]] = []
    for first, last in sorted(gaps):
        if joined and first <= joined[-1][1] + _DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
