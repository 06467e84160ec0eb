"""Puts a person's documents together: each judgment with all that became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from judicial_record.convictions.facts import (
    Additional,
    Conviction,
    CourtDecision,
    Duty,
    JudgmentKey,
    Offence,
    Principal,
    Proceeding,
)
from judicial_record.convictions.items import (
    AnnulmentIn,
    CompletionIn,
    ExpungementDecisionIn,
    Item,
    JudgmentIn,
    LapseIn,
    NewProceedingsIn,
    RemissionIn,
)


@dataclass(frozen=True, slots=True)
class Assembled:
    """What a person's documents say together.

    `judgments` are the documents behind the convictions, in the same order. `loose` are judgments that other
    documents speak of and that no court has sent.
    """

    judgments: tuple[JudgmentIn, ...]
    convictions: tuple[Conviction, ...]
    proceedings: tuple[Proceeding, ...]
    loose: tuple[JudgmentKey, ...]


def assemble(items: Sequence[Item]) -> Assembled:
    """Return what current documents say; withdrawn ones count for nothing. Their order does not matter."""
    valid = sorted((one for one in items if not one.is_withdrawn), key=lambda one: one.issued_at)
    judgments = {_key(one): one for one in valid if isinstance(one, JudgmentIn)}
    named = {_key(one) for one in valid if not isinstance(one, NewProceedingsIn)}
    about = {key: [one for one in valid if _is_about(one, key)] for key in judgments}
    return Assembled(
        judgments=tuple(judgments.values()),
        convictions=tuple(_conviction(key, one, about[key]) for key, one in judgments.items()),
        proceedings=tuple(
            Proceeding(
                number=one.reference, opened_on=one.opened_on, committed_on=one.committed_on, state=one.state
            )
            for one in valid
            if isinstance(one, NewProceedingsIn)
        ),
        loose=tuple(sorted(named - set(judgments), key=str)),
    )


def _key(item: Item) -> JudgmentKey:
    if isinstance(item, NewProceedingsIn):
        raise TypeError("proceedings have no judgment")
    return JudgmentKey(item.judgment.court.upper(), item.judgment.number.upper())


def _is_about(item: Item, key: JudgmentKey) -> bool:
    return not isinstance(item, JudgmentIn | NewProceedingsIn) and _key(item) == key


def _conviction(key: JudgmentKey, judgment: JudgmentIn, later: Iterable[Item]) -> Conviction:
    made = Conviction(
        judgment=key,
        effective_on=judgment.effective_on,
        offences=tuple(
            Offence(
                article=one.article,
                chapter=one.chapter,
                gravity=one.gravity,
                is_negligent=one.is_negligent,
                committed_on=one.committed_on,
            )
            for one in judgment.offences
        ),
        principal=Principal(judgment.principal.kind, judgment.principal.months),
        additional=tuple(Additional(one.kind) for one in judgment.additional),
        duties=tuple(Duty(kind) for kind in judgment.duties),
        is_exempt=judgment.is_exempt_from_penalty,
        is_judicial_measure=judgment.is_judicial_measure,
        is_entity=judgment.entity is not None,
    )
    for item in later:
        made = _with(made, item)
    return made


def _with(conviction: Conviction, item: Item) -> Conviction:
    match item:
        case CompletionIn(part="additional", completed_on=on):
            penalties = conviction.additional
            done = tuple(
                replace(one, done_on=on) if one.kind == item.additional else one for one in penalties
            )
            return replace(conviction, additional=done)
        case CompletionIn(part="duty", completed_on=on):
            duties = conviction.duties
            met = tuple(replace(one, done_on=on) if one.kind == item.duty else one for one in duties)
            return replace(conviction, duties=met)
        case CompletionIn():
            return replace(conviction, principal_done_on=item.completed_on, is_remitted=False)
        case RemissionIn():
            return replace(conviction, principal_done_on=item.remitted_on, is_remitted=True)
        case LapseIn():
            return replace(conviction, lapsed_on=item.lapsed_on)
        case ExpungementDecisionIn():
            decision = CourtDecision(item.decided_on, item.outcome)
            return replace(conviction, decisions=(*conviction.decisions, decision))
        case AnnulmentIn():
            return replace(conviction, dropped_on=item.decided_on)
    return conviction
