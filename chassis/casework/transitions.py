"""State machines as tables: which step leads from which status, who may take it, and why.

The rows are data that a lawyer can read and a test can walk through completely. Rejected: a method per step,
in which the arrows are spread over the code.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

from chassis.errors import IllegalTransition, RoleMissing, Text

START = "-"
"""The status of what does not exist yet."""

PREVIOUS = "previous"
"""A target that the case itself remembers: the status before the one it is in."""

_COLUMNS = ("id", "from", "action", "to", "roles")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. `to_status` may be PREVIOUS; `facts` holds the table's further columns as they stand."""

    transition_id: str
    from_status: str
    action: str
    to_status: str
    roles: frozenset[str]
    facts: Mapping[str, str]


class TransitionTable:
    """The rows of one state machine. One role has at most one row for an action in a status."""

    def __init__(self, rows: Iterable[Transition]) -> None:
        """Raises: ValueError when an id comes twice or two rows answer the same question."""
        self.rows = tuple(rows)
        self._by_key: dict[tuple[str, str], list[Transition]] = {}
        seen: set[str] = set()
        for row in self.rows:
            if row.transition_id in seen or not row.roles:
                raise ValueError(f"{row.transition_id}: an id of its own and a role are needed")
            seen.add(row.transition_id)
            others = self._by_key.setdefault((row.from_status, row.action), [])
            if any(row.roles & other.roles for other in others):
                raise ValueError(f"{row.transition_id}: a role has two rows for {row.action}")
            others.append(row)

    @classmethod
    def from_csv(cls, path: Path) -> Self:
        """Read columns id, from, action, to, roles (separated by `|`) and any further ones.

        Raises: ValueError for a missing column, a doubled id, or a role with two rows for one step.
        """
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if missing := set(_COLUMNS) - set(reader.fieldnames or ()):
                raise ValueError(f"{path.name} has no column {', '.join(sorted(missing))}")
            return cls([_transition(row) for row in reader])

    @property
    def statuses(self) -> frozenset[str]:
        """Every status that a row leaves or reaches, without START and PREVIOUS."""
        named = {row.from_status for row in self.rows} | {row.to_status for row in self.rows}
        return frozenset(named - {START, PREVIOUS})

    @property
    def actions(self) -> frozenset[str]:
        """Every action of the table."""
        return frozenset(row.action for row in self.rows)

    @property
    def roles(self) -> frozenset[str]:
        """Every role of the table."""
        return frozenset().union(*(row.roles for row in self.rows))

    def allowed(self, status: str, role: str | Collection[str]) -> tuple[Transition, ...]:
        """Return the rows that a holder of `role` (one or several) may take from `status`, as the table
        orders them."""
        held = _held(role)
        return tuple(row for row in self.rows if row.from_status == status and row.roles & held)

    def find(self, status: str, action: str, role: str | Collection[str]) -> Transition:
        """Return the row of `action` from `status` for a holder of `role` (one or several).

        Raises:
            RoleMissing: the action is never this role's, or another's in this status; told first, so that
                who may never act learns nothing of the status.
            IllegalTransition: there is no such step from here; it names the steps that this role may take.
        """
        held = _held(role)
        if not any(row.action == action and row.roles & held for row in self.rows):
            if action not in self.actions:
                raise self._illegal(status, held)
            raise RoleMissing(action=action)
        rows = self._by_key.get((status, action))
        if not rows:
            raise self._illegal(status, held)
        if row := next((row for row in rows if row.roles & held), None):
            return row
        raise RoleMissing(action=action)

    def _illegal(self, status: str, held: frozenset[str]) -> IllegalTransition:
        steps = sorted({row.action for row in self.allowed(status, held)})
        named = ", ".join(steps)
        detail = Text(
            vi=f"Trạng thái hiện tại: {status}. "
            + (f"Các bước được phép: {named}." if named else "Không còn bước nào."),
            en=f"The current status is {status}. "
            + (f"Allowed steps: {named}." if named else "No step is left."),
        )
        return IllegalTransition(detail, extensions={"status_now": status, "allowed_actions": steps})


def _held(role: str | Collection[str]) -> frozenset[str]:
    return frozenset((role,)) if isinstance(role, str) else frozenset(role)


def _transition(row: dict[str, str]) -> Transition:
    return Transition(
        transition_id=row["id"],
        from_status=row["from"],
        action=row["action"],
        to_status=row["to"],
        roles=frozenset(filter(None, row["roles"].split("|"))),
        facts=MappingProxyType({name: value for name, value in row.items() if name not in _COLUMNS}),
    )
