"""The table of transitions: 53 rows of the ten national statuses, and the acts that move no status."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from casework.transitions import Transition, TransitionTable
from chassis.errors import Text

REFERENCE = Path(__file__).parent.parent / "reference"
TRANSITIONS = REFERENCE / "transitions.csv"
WORK_ACTIONS = REFERENCE / "work_actions.csv"
DRAFT = "draft"
SYSTEM, APPLICANT, DESK = "system", "applicant", "receiving_desk"
OFFICER, LEADER = "dossier_officer", "dossier_leader"


@cache
def transitions() -> TransitionTable:
    """Return the table, with `assign`, `forward` and `propose` among its rows."""
    rows = [*TransitionTable.from_csv(TRANSITIONS).rows, *TransitionTable.from_csv(WORK_ACTIONS).rows]
    return TransitionTable(rows)


def key_of(status: int) -> str:
    """Return how the table writes a status; 0 is a draft."""
    return str(status) if status else DRAFT


def conditions_of(transition: Transition) -> Sequence[str]:
    """Return the names of the conditions under which the row works."""
    return tuple(filter(None, transition.facts["conditions"].split("|")))


def label_of(transition: Transition) -> Text:
    """Return what the row does, in words."""
    return Text(vi=transition.facts["label_vi"], en=transition.facts["label_en"])
