"""Which organisation may see and work on a dossier.

A dossier lies with one organisation (`agency_code`). A receiving desk also serves the organisations under
its own: the ministry's one-stop desk takes dossiers in for every department of it.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis.auth import Actor
from chassis.errors import Text
from dossier.desk.table import DESK, REFERENCE

OFFICES = REFERENCE / "offices.csv"


@dataclass(frozen=True, slots=True)
class Office:
    """One organisation: its code in tokens and dossiers, its names, and whose desk receives for it."""

    code: str
    name: Text
    national_code: str
    desk: str


class Offices:
    """The organisations of this installation."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._offices = {office.code: office for office in offices}

    @classmethod
    def from_csv(cls, path: Path = OFFICES) -> Self:
        """Return the table; columns code, name_vi, name_en, national_code, desk."""
        with path.open(encoding="utf-8", newline="") as file:
            return cls(
                Office(
                    row["code"], Text(vi=row["name_vi"], en=row["name_en"]), row["national_code"], row["desk"]
                )
                for row in csv.DictReader(file)
            )

    def find(self, code: str) -> Office | None:
        """Return the organisation of this code."""
        return self._offices.get(code)

    def name_of(self, code: str) -> Text:
        """Return an organisation's names; its code where it is not known here."""
        office = self._offices.get(code)
        return office.name if office is not None else Text(vi=code, en=code)

    def seen_by(self, actor: Actor) -> tuple[str, ...]:
        """Return the organisations whose dossiers a member of staff may see, in order of code."""
        if actor.organisation is None:
            return ()
        seen = {actor.organisation}
        if DESK in actor.roles:
            seen |= {office.code for office in self._offices.values() if office.desk == actor.organisation}
        return tuple(sorted(seen))
