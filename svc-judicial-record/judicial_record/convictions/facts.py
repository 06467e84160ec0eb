"""What expungement is decided from: judgments with what became of them, and new proceedings.

Plain values without a trace of where they are kept, so that the rules can be read and tested by themselves.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

Gravity = Literal["less_serious", "serious", "very_serious", "especially_serious"]
PrincipalKind = Literal[
    "warning",
    "fine",
    "non_custodial_reform",
    "suspended_prison",
    "prison",
    "life",
    "death_commuted",
    "expulsion",
    "operation_suspended",
    "none",
]
AdditionalKind = Literal[
    "supervision",
    "residence_ban",
    "post_ban",
    "profession_ban",
    "civic_rights",
    "fine",
    "confiscation",
    "expulsion",
    "capital_ban",
]
DutyKind = Literal["costs", "damages", "fees", "other"]
ProceedingState = Literal["open", "ended_without_guilt", "convicted"]


@dataclass(frozen=True, slots=True)
class JudgmentKey:
    """How court and police name the same judgment."""

    court: str
    number: str

    def __str__(self) -> str:
        return f"{self.number} ({self.court})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """One crime of a judgment. `chapter` is the Penal Code's, in Roman numerals."""

    article: str
    chapter: str
    gravity: Gravity
    is_negligent: bool
    committed_on: date


@dataclass(frozen=True, slots=True)
class Principal:
    """The principal penalty as pronounced; `months` for prison, suspended or not."""

    kind: PrincipalKind
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Additional:
    """An additional penalty and the day it was served."""

    kind: AdditionalKind
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Another decision of the judgment (costs, damages) and the day it was done."""

    kind: DutyKind
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class CourtDecision:
    """What a court answered to a petition for expungement; `early` is art. 72."""

    decided_on: date
    outcome: Literal["expunged", "early", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conviction:
    """One judgment against one person or legal entity, with what is known of it.

    `principal_done_on`: the principal penalty served, the probation of a suspended sentence over, or the rest
    remitted (`is_remitted`). `lapsed_on`: the time limit for executing the judgment over.
    """

    judgment: JudgmentKey
    effective_on: date
    offences: tuple[Offence, ...]
    principal: Principal
    additional: tuple[Additional, ...] = ()
    duties: tuple[Duty, ...] = ()
    principal_done_on: date | None = None
    is_remitted: bool = False
    lapsed_on: date | None = None
    decisions: tuple[CourtDecision, ...] = ()
    dropped_on: date | None = None
    is_exempt: bool = False
    is_judicial_measure: bool = False
    is_entity: bool = False

    def as_of(self, day: date) -> "Conviction":
        """Return the conviction as it stood at the end of `day`: what happened later is left out."""

        def by(on: date | None) -> date | None:
            return on if on is not None and on <= day else None

        return replace(
            self,
            principal_done_on=by(self.principal_done_on),
            is_remitted=self.is_remitted and by(self.principal_done_on) is not None,
            lapsed_on=by(self.lapsed_on),
            dropped_on=by(self.dropped_on),
            additional=tuple(replace(one, done_on=by(one.done_on)) for one in self.additional),
            duties=tuple(replace(one, done_on=by(one.done_on)) for one in self.duties),
            decisions=tuple(one for one in self.decisions if one.decided_on <= day),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceeding:
    """A prosecution. `committed_on` is the day of the act, None when it was not told."""

    number: str
    opened_on: date
    committed_on: date | None
    state: ProceedingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that is known of one person. `born_on` is the last possible day where only the year is known.

    `informed_until` is the last day up to which information on new offences is known to be complete.
    """

    born_on: date | None
    convictions: tuple[Conviction, ...] = ()
    proceedings: tuple[Proceeding, ...] = ()
    informed_until: date | None = None


Status = Literal["dropped", "never_counted", "expunged", "not_expunged", "undetermined"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that an answer rests on: a code of `wording.FACTS`, with a day and what it is about."""

    code: str
    on: date | None = None
    about: str | None = None

    def document(self) -> dict[str, Any]:
        return {"code": self.code, "on": self.on.isoformat() if self.on else None, "about": self.about}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a conviction counts for on the day asked.

    `expunged_on` is the first day on which it no longer counts; `ends_on` the last day of the term, None
    while it cannot run out; `petition_from` the first day on which the court may be asked.
    """

    judgment: JudgmentKey
    status: Status
    rule_ids: tuple[str, ...]
    facts: tuple[Fact, ...]
    expunged_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    petition_from: date | None = None

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON, with the rule ids and facts it rests on."""
        days = ("expunged_on", "starts_on", "ends_on", "petition_from")
        found = {name: getattr(self, name) for name in days}
        return {
            "judgment": {"court": self.judgment.court, "number": self.judgment.number},
            "status": self.status,
            "rule_ids": list(self.rule_ids),
            "facts": [fact.document() for fact in self.facts],
            **{name: day.isoformat() if day else None for name, day in found.items()},
        }
