"""What decides about an application from its facts alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chassis.errors import Text
from contracts.case_status import NationalStatus

LEAST_AGE = 16
UNDER_AGE_RULE = Text(
    vi="Phiếu lý lịch tư pháp được cấp cho người từ đủ 16 tuổi.",
    en="The certificate is issued to people from the age of 16.",
)
UNDER_AGE_SOURCE = "Law 28/2009/QH12 as amended by Law 107/2025/QH15 (applicant from 16 years)"

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


def pace_of(outcome: Outcome) -> Pace:
    """Return lane and time limit: nothing on record goes fast, anything else is verified.

    Source: Law 28/2009/QH12, art. 48 (15 days where expungement must be verified); Quy trình
    570/TTLLTPQG-QLHC (3 working days where nothing is on record).
    """
    if outcome == "clear":
        return Pace("fast", "fast")
    return Pace("slow", "complex" if outcome == "hit" else "ordinary")


def lacks_verification(outcome: Outcome, answers_count: int, findings_count: int) -> bool:
    """Return whether nobody has yet verified what the look-up left open, so that nothing may be proposed.

    Source: Decree 216/2026/NĐ-CP, art. 11-13, in force from 2026-07-01.
    """
    return outcome != "clear" and answers_count + findings_count == 0


def national_path(path: Sequence[int], action: str, delivery: str) -> tuple[NationalStatus, ...]:
    """Return the national statuses that a step goes through; an electronic result is returned at once.

    Source: decision 0013; the ten statuses of the national portal.
    """
    statuses = tuple(NationalStatus(number) for number in path)
    if action == "approve" and delivery == "electronic":
        return (*statuses, NationalStatus.RETURNED)
    return statuses


def may_be_decided_by(proposed_by: str | None, decider: str) -> bool:
    """Return whether four eyes see the case: who proposes never approves, returns or refuses.

    Source: the public contract ("the one who proposes never approves"); decision 0013.
    """
    return proposed_by != decider
