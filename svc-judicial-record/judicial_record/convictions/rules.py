"""Whether a conviction still counts on a day, and by which rules: `assess`. Pure: no I/O, no clock.

A term begins on a day that is not counted and its last day counts whole, so a conviction is expunged from the
day after. Which rules are in force comes from the rule book; where none fits, the answer is `undetermined`
and a human decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from casework.deadlines import months_later
from judicial_record.convictions.facts import (
    Additional,
    Assessment,
    Conviction,
    Duty,
    Fact,
    Offence,
    Principal,
    Proceeding,
    Record,
    Status,
)
from judicial_record.convictions.rulebook import RuleBook, RulesInForce

COURT_CHAPTERS = frozenset({"XIII", "XXVI"})
_DAY = timedelta(days=1)
_FIVE_YEARS, _FIFTEEN_YEARS = 60, 180
_FIVE_KINDS = frozenset({"supervision", "residence_ban", "post_ban", "profession_ban", "civic_rights"})
_THREE_KINDS = frozenset({"supervision", "residence_ban", "civic_rights"})


def assess(record: Record, *, asked_on: date, book: RuleBook) -> tuple[Assessment, ...]:
    """Return what each judgment in force on `asked_on` counts for then, the oldest first.

    Source: Penal Code 100/2015/QH13 amended by 12/2017/QH14, art. 69-73, 89, 107; Decree 216/2026/NĐ-CP,
    art. 12-13; Civil Code 91/2015/QH13, art. 147-148 for the counting of terms (default, unverified).
    """
    rules = book.on(asked_on)
    known = [c.as_of(asked_on) for c in record.convictions if c.effective_on <= asked_on]
    known.sort(key=lambda one: (one.effective_on, str(one.judgment)))
    standing = [one for one in known if one.dropped_on is None]
    return tuple(
        _Case(one, [other for other in standing if other is not one], record, asked_on, rules).assess()
        for one in known
    )


def disregarded_by(offence: Offence, born_on: date | None) -> str | None:
    """Return the rule under which a crime leaves no conviction status at all, or None.

    Source: Penal Code 100/2015/QH13, art. 69(2) and 107(1)(a), (b).
    """
    if born_on is not None and offence.committed_on < months_later(born_on, 16 * 12):
        return "X-107-1a"
    if is_minor(offence, born_on) and (
        offence.gravity in ("less_serious", "serious")
        or (offence.gravity == "very_serious" and offence.is_negligent)
    ):
        return "X-107-1b"
    if offence.is_negligent and offence.gravity in ("less_serious", "serious"):
        return "X-69-2a"
    return None


def is_minor(offence: Offence, born_on: date | None) -> bool:
    """Return whether the crime was committed before the eighteenth birthday; an unknown birth is an adult's.

    Source: Penal Code 100/2015/QH13, art. 107.
    """
    return born_on is not None and offence.committed_on < months_later(born_on, 18 * 12)


def letter_of(principal: Principal) -> str | None:
    """Return the letter of art. 70(2), 71(2) and 107(2) that a principal penalty as pronounced falls under.

    Source: Penal Code 100/2015/QH13, art. 70(2), 73(1).
    """
    if principal.kind in ("warning", "fine", "non_custodial_reform", "suspended_prison"):
        return "a"
    if principal.kind in ("life", "death_commuted"):
        return "d"
    if principal.kind != "prison" or principal.months is None:
        return None
    return "b" if principal.months <= _FIVE_YEARS else "c" if principal.months <= _FIFTEEN_YEARS else "d"


@dataclass(frozen=True, slots=True)
class _Way:
    """How one group of convictions is expunged."""

    term: str
    extension: str | None = None
    extending: frozenset[str] = frozenset()
    needs_all_done: bool = True
    counts_from_all: bool = False
    takes_lapse: bool = True
    lapse: str | None = None
    is_automatic: bool = True
    closing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Case:
    """One conviction on its way to an answer; collects what the answer rests on."""

    conviction: Conviction
    others: Sequence[Conviction]
    record: Record
    asked_on: date
    rules: RulesInForce
    rule_ids: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    starts_on: date | None = None
    ends_on: date | None = None
    petition_from: date | None = None

    def assess(self) -> Assessment:
        one = self.conviction
        if one.dropped_on is not None:
            return self._answer("dropped", Fact("dropped", one.dropped_on), "X-DECRIM")
        if one.is_exempt and self.rules.has("X-69-2b"):
            return self._answer("never_counted", Fact("exempt_from_penalty"), "X-69-2b")
        counting = self._counting()
        if not counting:
            return self._answer("never_counted")
        granted = next((d for d in one.decisions if d.outcome != "rejected"), None)
        way = self._way(counting)
        if granted is not None:
            rule = "X-72" if granted.outcome == "early" else "X-71-1"
            self.rule_ids.append(rule)
            return self._expunged(granted.decided_on, Fact("court_decision", granted.decided_on), "X-69-1")
        if way is None or not self.rules.has(way.term):
            return self._answer("undetermined", Fact("no_rule_for_penalty", None, one.principal.kind))
        self._count(way)
        return self._automatic(way) if way.is_automatic else self._by_court()

    def _counting(self) -> list[Offence]:
        """Return the crimes that leave a conviction status; note the rules by which the others do not."""
        one, born_on = self.conviction, self.record.born_on
        minor = [offence for offence in one.offences if is_minor(offence, born_on)]
        if minor:
            self._note("X-JJL")
        if one.is_judicial_measure and len(minor) == len(one.offences) and self.rules.has("X-107-1c"):
            self._note("X-107-1c", Fact("judicial_measure"))
            return []
        counting = []
        for offence in one.offences:
            rule = disregarded_by(offence, born_on)
            if rule is not None and self.rules.has(rule) and not one.is_entity:
                self._note(rule, Fact("crime_disregarded", offence.committed_on, offence.article))
            else:
                counting.append(offence)
        return counting

    def _way(self, counting: Sequence[Offence]) -> _Way | None:
        one, letter = self.conviction, letter_of(self.conviction.principal)
        if one.is_entity:
            return _Way("X-89", counts_from_all=True)
        if letter is None:
            return None
        self._note("X-73-1", Fact("pronounced", None, one.principal.kind))
        if all(is_minor(offence, self.record.born_on) for offence in counting):
            return _Way(f"X-107-2{letter}", needs_all_done=False)
        by_court = [offence for offence in counting if offence.chapter in COURT_CHAPTERS]
        if by_court:
            self._note("X-71-1")
            if len(by_court) < len(counting):
                self._note("X-73-3")
            extension = "X-71-2-ext" if letter in "ab" else None
            return _Way(f"X-71-2{letter}", extension, _THREE_KINDS, takes_lapse=False, is_automatic=False)
        self._note("X-70-1")
        extension = "X-70-2-ext" if letter in "abc" else None
        return _Way(f"X-70-2{letter}", extension, _FIVE_KINDS, lapse="X-70-3", closing=("X-70-4",))

    def _count(self, way: _Way) -> None:
        """Set when the term began and when it ends; a new crime before its end lets it begin anew."""
        self._note(way.term)
        own = self._own_start(way)
        self.starts_on, self.ends_on = own, self._end(way, own)
        for other in sorted(self.others, key=lambda one: min(o.committed_on for o in one.offences)):
            if any(self._is_in_term(offence.committed_on) for offence in other.offences):
                again = other.principal_done_on or other.lapsed_on
                self._note("X-73-2", Fact("term_anew", again, str(other.judgment)))
                self.starts_on = max(own, again) if own and again else None
                self.ends_on = self._end(way, self.starts_on)
        if self.ends_on is not None:
            self.facts.append(Fact("term_ends", self.ends_on))

    def _own_start(self, way: _Way) -> date | None:
        one = self.conviction
        if one.principal_done_on is None:
            if way.takes_lapse and one.lapsed_on is not None:
                self._note(way.lapse or way.term, Fact("lapsed", one.lapsed_on))
                return one.lapsed_on
            self.facts.append(Fact("principal_not_done"))
            return None
        if one.is_remitted:
            self._note("X-73-4", Fact("remitted", one.principal_done_on))
        else:
            self.facts.append(Fact("principal_done", one.principal_done_on))
        if not way.counts_from_all:
            return one.principal_done_on
        days = [one.principal_done_on, *self._done_days()]
        return None if None in days else max(day for day in days if day)

    def _end(self, way: _Way, starts_on: date | None) -> date | None:
        """Return the last day of the term, or None while something is open."""
        months = self.rules.months(way.term)
        if starts_on is None or months is None:
            return None
        ends_on = months_later(starts_on, months)
        has_lapsed = self.conviction.principal_done_on is None
        if not way.needs_all_done or has_lapsed:
            return ends_on
        for penalty in self.conviction.additional:
            served_on = penalty.done_on
            if served_on is not None and served_on > ends_on and penalty.kind in way.extending:
                self._note(way.extension, Fact("additional_longer", served_on, penalty.kind))
        days = self._done_days()
        return None if None in days else max([ends_on, *(day for day in days if day)])

    def _done_days(self) -> list[date | None]:
        """Return when each additional penalty and other decision was done; note those that are open."""
        parts: list[Additional | Duty] = [*self.conviction.additional, *self.conviction.duties]
        for part in parts:
            if part.done_on is None:
                self._note(None, Fact("not_done", None, part.kind))
        return [part.done_on for part in parts]

    def _automatic(self, way: _Way) -> Assessment:
        if self.ends_on is None or self.asked_on <= self.ends_on:
            return self._answer("not_expunged")
        told = [p for p in self.record.proceedings if self._concerns(p)]
        if any(proceeding.state == "convicted" for proceeding in told):
            return self._answer("not_expunged", Fact("new_offence"), "X-D216-13b")
        if any(proceeding.state == "open" for proceeding in told):
            return self._answer("undetermined", Fact("proceedings_open"), "X-D216-12")
        informed = self.record.informed_until
        if self.rules.has("X-D216-12"):
            self._note("X-D216-12", Fact("informed_until", informed))
            if informed is None or informed < self.ends_on:
                return self._answer("undetermined")
        return self._expunged(self.ends_on + _DAY, None, *way.closing, "X-D216-13a", "X-69-1")

    def _by_court(self) -> Assessment:
        """Answer for what only a court expunges: never by itself, but from when the court may be asked."""
        if self.ends_on is not None:
            self.petition_from = self.ends_on + _DAY
        rejections = sorted(d.decided_on for d in self.conviction.decisions if d.outcome == "rejected")
        if rejections:
            rule = "X-71-3a" if len(rejections) == 1 else "X-71-3b"
            barred_until = months_later(rejections[-1], self.rules.months(rule) or 0)
            self._note(rule, Fact("petition_rejected", rejections[-1]))
            if self.petition_from is not None:
                self.petition_from = max(self.petition_from, barred_until + _DAY)
        return self._answer("not_expunged")

    def _concerns(self, proceeding: Proceeding) -> bool:
        """Return whether a prosecution that no judgment has ended yet is about an act within the term."""
        return proceeding.committed_on is None or self._is_in_term(proceeding.committed_on)

    def _is_in_term(self, committed_on: date) -> bool:
        return self.conviction.effective_on < committed_on and (
            self.ends_on is None or committed_on <= self.ends_on
        )

    def _note(self, rule: str | None, fact: Fact | None = None) -> None:
        if rule is not None and rule not in self.rule_ids and self.rules.has(rule):
            self.rule_ids.append(rule)
        if fact is not None and fact not in self.facts:
            self.facts.append(fact)

    def _expunged(self, on: date, fact: Fact | None, *rules: str) -> Assessment:
        return self._answer("expunged", fact, *rules, expunged_on=on)

    def _answer(
        self, status: Status, fact: Fact | None = None, *rules: str, expunged_on: date | None = None
    ) -> Assessment:
        if fact is not None:
            self._note(None, fact)
        for rule in rules:
            self._note(rule)
        return Assessment(
            judgment=self.conviction.judgment,
            status=status,
            rule_ids=tuple(self.rule_ids),
            facts=tuple(self.facts),
            expunged_on=expunged_on,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            petition_from=self.petition_from,
        )
