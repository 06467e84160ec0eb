"""When a delivery is tried again and when it is left to people. Pure: time and chance come as arguments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal["waiting", "sending", "delivered", "retrying", "unknown", "parked"]
Failure = Literal["away", "unknown", "refused", "final", "source"]
"""Why an attempt did not succeed: peer away, outcome unknown, a readable no, a no that repeating cannot
change, or the owning service did not give the content."""

SOURCE_MISSING = "source_404"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a kind of peer is tried. `longest` is the time from the first attempt to giving up."""

    first_seconds: float
    most_seconds: float
    max_refusals: int
    longest: timedelta


CASES = Patience(first_seconds=2.0, most_seconds=600.0, max_refusals=8, longest=timedelta(days=3))
WEBHOOKS = Patience(first_seconds=5.0, most_seconds=21_600.0, max_refusals=1_000, longest=timedelta(days=3))


@dataclass(frozen=True, slots=True)
class NextStep:
    """What becomes of a delivery; `next_attempt_at` is `None` when it is parked."""

    state: State
    next_attempt_at: datetime | None


def next_step(
    failure: Failure,
    *,
    attempts: int,
    refusals: int,
    first_attempt_at: datetime,
    now: datetime,
    chance: float,
    patience: Patience,
) -> NextStep:
    """Return what follows a failed attempt; `refusals` counts this one too, `chance` is from [0, 1).

    A peer that is away uses up time and no refusals, so that an outage of a day parks nothing.
    Source: decision 0018 (bounded attempts, unknown outcome, parked).
    """
    is_over = now - first_attempt_at >= patience.longest
    if failure == "final" or is_over or (failure == "refused" and refusals >= patience.max_refusals):
        return NextStep("parked", None)
    wait = backoff_seconds(attempts, chance, patience)
    state: State = "unknown" if failure == "unknown" else "retrying"
    return NextStep(state, now + timedelta(seconds=wait))


def backoff_seconds(attempts: int, chance: float, patience: Patience) -> float:
    """Return the wait after the `attempts`-th attempt: doubled each time, half to whole of it by chance.

    Source: decision 0018 (backoff with jitter).
    """
    whole = min(patience.first_seconds * 2.0 ** min(attempts - 1, 30), patience.most_seconds)
    return whole * (0.5 + chance / 2)


def agency_of(code: str) -> str:
    """Return the agency's code that a national dossier code begins with: `G18` of `G18-20261123-0000001`.

    Source: QCVN 102:2016/BTTTT and Decision 20/2020/QĐ-TTg (agency codes); decision 0019.
    """
    return code.partition("-")[0]
