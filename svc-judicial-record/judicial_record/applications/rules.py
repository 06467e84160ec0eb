"""What decides about an application from its facts alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from chassis.errors import Text
from contracts.case_status import NationalStatus

LEAST_AGE = 16
UNDER_AGE_RULE = Text(
    vi="Phiếu lý lịch tư pháp được cấp cho người từ đủ 16 tuổi.",
    en="The certificate is issued to people from the age of 16.",
)
UNDER_AGE_SOURCE = "Law 28/2009/QH12 as amended by Law 107/2025/QH15 (applicant from 16 years)"

_COUNTS_NO_MORE = frozenset({"expunged", "dropped", "never_counted"})
Outcome = Literal["clear", "hit", "gap"]
Lane = Literal["fast", "slow"]

OPEN_STATUSES = frozenset(
    {
        "awaiting_payment",
        "submitted",
        "accepted",
        "checking",
        "verifying",
        "awaiting_supplement",
        "proposed",
    }
)
"""Statuses in which a further application of the same person and form is refused."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Which lane a look-up leads to, and the time limit of that lane by its code in `limits.csv`."""

    lane: Lane
    limit_code: str


def age_on(born_on: date, on: date) -> int:
    """Return whole years of age on a legal day; a birthday on 29 February is kept on 1 March.

    Source: Civil Code 91/2015/QH13, art. 148 (default, text unverified).
    """
    had_birthday = (on.month, on.day) >= (born_on.month, born_on.day)
    return on.year - born_on.year - (0 if had_birthday else 1)


def is_old_enough(born_on: date, on: date) -> bool:
    """Return whether a person may apply.

    Source: Law 28/2009/QH12 as amended by Law 107/2025/QH15, in force from 2026-07-01 (applicant from 16).
    """
    return age_on(born_on, on) >= LEAST_AGE


def is_settled(outcome: Outcome, findings: Sequence[Mapping[str, Any]], is_covered: bool) -> bool:
    """Return whether the base alone tells that nothing counts any more: every judgment expunged or dropped,
    and every source complete.

    Source: Decree 216/2026/NĐ-CP, art. 11-13, in force from 2026-07-01.
    """
    if outcome != "hit":
        return outcome == "clear"
    return is_covered and all(one.get("status") in _COUNTS_NO_MORE for one in findings)


def pace_of(outcome: Outcome, settled: bool) -> Pace:
    """Return lane and time limit: nothing on record goes fast, anything else takes its ordinary time, and
    more where expungement must be verified.

    Source: Law 28/2009/QH12, art. 48 (10 days, 15 where expungement must be verified); Quy trình
    570/TTLLTPQG-QLHC (3 working days where nothing is on record).
    """
    if outcome == "clear":
        return Pace("fast", "fast")
    return Pace("slow", "complex" if outcome == "hit" and not settled else "ordinary")


def lacks_verification(outcome: Outcome, settled: bool, verified_count: int) -> bool:
    """Return whether something that the look-up left open is not verified, so that nothing may be proposed.

    A gap is closed by answers and findings in the base itself; a judgment that still counts needs one.
    Source: Decree 216/2026/NĐ-CP, art. 11-13, in force from 2026-07-01.
    """
    return outcome == "gap" or (not settled and verified_count == 0)


def national_path(path: Sequence[int], action: str, delivery: str) -> tuple[NationalStatus, ...]:
    """Return the national statuses that a step goes through; an electronic result is returned at once.

    Source: decision 0016; the ten statuses of the national portal.
    """
    statuses = tuple(NationalStatus(number) for number in path)
    if action == "approve" and delivery == "electronic":
        return (*statuses, NationalStatus.RETURNED)
    return statuses


def may_be_decided_by(proposed_by: str | None, decider: str) -> bool:
    """Return whether four eyes see the case: who proposes never approves, returns or refuses.

    Source: the public contract ("the one who proposes never approves"); decision 0016.
    """
    return proposed_by != decider
