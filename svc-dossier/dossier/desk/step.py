"""One step of a dossier while it is being taken: the case, who takes it, what was asked, what to tell."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from casework.slip_forms import Slip
from casework.transitions import Transition
from chassis.auth import Actor
from dossier.desk.case import Case
from dossier.desk.facts import Ask
from dossier.desk.schemas import ActionIn
from dossier.desk.tools import Tools

Value = TypeVar("Value")


@dataclass(slots=True)
class Step:
    """`actor` is None where the system takes it. Effects fill `note` (told to the applicant), `details` (kept
    with the history, never personal) and `slips` (printed when the new deadline is known).
    """

    db: AsyncSession
    tools: Tools
    case: Case
    transition: Transition
    actor: Actor | None
    body: ActionIn | None
    ask: Ask
    now: datetime
    note: str | None = None
    details: dict[str, Any] = field(default_factory=dict)  # Any: JSON members
    slips: list[tuple[str, Callable[[], Slip]]] = field(default_factory=list)
    """Official number of the slip, and what makes it once the dossier has moved."""

    @property
    def organisation(self) -> str:
        """The organisation that takes the step, or that the dossier lies with."""
        if self.actor is not None and self.actor.organisation is not None:
            return self.actor.organisation
        return self.case.dossier.agency_code

    @property
    def subject(self) -> str:
        return self.ask.subject


Effect = Callable[[Step], Awaitable[None]]
"""What a step does besides moving the status; runs before the move, after its conditions."""


def certain(value: Value | None) -> Value:
    """Return a value that a condition of the step's row has made sure of."""
    if value is None:
        raise RuntimeError("a condition of the row lets no step through without it")
    return value
