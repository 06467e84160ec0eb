"""Expungement: one test per rule and per boundary day. Everything here is made up."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from judicial_record.convictions.facts import (
    Additional,
    AdditionalKind,
    Assessment,
    Conviction,
    CourtDecision,
    Duty,
    JudgmentKey,
    Offence,
    Principal,
    Proceeding,
    Record,
)
from judicial_record.convictions.rulebook import RuleBook, rule_book
from judicial_record.convictions.rules import assess, disregarded_by, letter_of

BORN = date(1970, 5, 10)
COMMITTED = date(2015, 3, 1)
EFFECTIVE = date(2016, 1, 15)
DONE = date(2018, 6, 20)
DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)


def offence(**fields: Any) -> Offence:
    values = {
        "article": "173(1)",
        "chapter": "XVI",
        "gravity": "serious",
        "is_negligent": False,
        "committed_on": COMMITTED,
    }
    return Offence(**(values | fields))


def conviction(number: str = "1/2016/HS-ST", **fields: Any) -> Conviction:
    values = {
        "judgment": JudgmentKey("TAND-HN", number),
        "effective_on": EFFECTIVE,
        "offences": (offence(),),
        "principal": Principal("prison", 24),
        "principal_done_on": DONE,
    }
    return Conviction(**(values | fields))


def answers(
    *convictions: Conviction,
    on: date = TODAY,
    born_on: date | None = BORN,
    informed_until: date | None = date.max,
    proceedings: tuple[Proceeding, ...] = (),
    book: RuleBook | None = None,
) -> tuple[Assessment, ...]:
    record = Record(
        born_on=born_on, convictions=convictions, proceedings=proceedings, informed_until=informed_until
    )
    return assess(record, asked_on=on, book=book or rule_book())


def answer(one: Conviction, *others: Conviction, **options: Any) -> Assessment:
    return next(a for a in answers(one, *others, **options) if a.judgment == one.judgment)


def years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


ORDINARY = [
    ("X-70-2a", Principal("warning"), 1),
    ("X-70-2a", Principal("fine"), 1),
    ("X-70-2a", Principal("non_custodial_reform", 12), 1),
    ("X-70-2a", Principal("suspended_prison", 36), 1),
    ("X-70-2b", Principal("prison", 1), 2),
    ("X-70-2b", Principal("prison", 60), 2),
    ("X-70-2c", Principal("prison", 61), 3),
    ("X-70-2c", Principal("prison", 180), 3),
    ("X-70-2d", Principal("prison", 181), 5),
    ("X-70-2d", Principal("life"), 5),
    ("X-70-2d", Principal("death_commuted"), 5),
]


@pytest.mark.parametrize(("rule", "principal", "years"), ORDINARY)
def test_ordinary_crime_is_expunged_the_day_after_its_term(
    rule: str, principal: Principal, years: int
) -> None:
    one = conviction(principal=principal)
    end = years_later(DONE, years)

    last, first = answer(one, on=end), answer(one, on=end + DAY)

    assert (last.status, last.ends_on) == ("not_expunged", end)
    assert (first.status, first.expunged_on) == ("expunged", end + DAY)
    assert {rule, "X-70-1", "X-70-4", "X-73-1", "X-69-1"} <= set(first.rule_ids)
    assert first.starts_on == DONE


def test_term_that_begins_on_29_february_ends_on_28() -> None:
    one = conviction(principal=Principal("fine"), principal_done_on=date(2020, 2, 29))

    assert answer(one).ends_on == date(2021, 2, 28)


def test_penalty_that_is_not_done_keeps_the_conviction() -> None:
    found = answer(conviction(principal_done_on=None))

    assert (found.status, found.ends_on) == ("not_expunged", None)
    assert "principal_not_done" in {fact.code for fact in found.facts}


def test_what_happens_after_the_day_asked_does_not_count_yet() -> None:
    one = conviction(principal_done_on=DONE)

    assert answer(one, on=DONE - DAY).ends_on is None
    assert answers(one, on=EFFECTIVE - DAY) == ()


def test_unknown_kind_of_penalty_is_left_to_a_human() -> None:
    found = answer(conviction(principal=Principal("expulsion")))

    assert found.status == "undetermined"
    assert "no_rule_for_penalty" in {fact.code for fact in found.facts}


@pytest.mark.parametrize("part", [Additional("fine"), Duty("costs")])
def test_open_part_of_the_judgment_keeps_the_conviction(part: Additional | Duty) -> None:
    field = "additional" if isinstance(part, Additional) else "duties"
    late = date(2024, 4, 1)

    open_one = answer(conviction(**{field: (part,)}))
    done = conviction(**{field: (replace(part, done_on=late),)})

    assert (open_one.status, open_one.ends_on) == ("not_expunged", None)
    assert answer(done, on=late).status == "not_expunged"
    assert answer(done, on=late + DAY).expunged_on == late + DAY


FIVE: list[AdditionalKind] = ["supervision", "residence_ban", "post_ban", "profession_ban", "civic_rights"]


@pytest.mark.parametrize("kind", FIVE)
@pytest.mark.parametrize("principal", [Principal("fine"), Principal("prison", 24), Principal("prison", 100)])
def test_longer_additional_penalty_ends_the_term(kind: AdditionalKind, principal: Principal) -> None:
    served = date(2023, 8, 8)
    one = conviction(principal=principal, additional=(Additional(kind, served),))

    found = answer(one)

    assert (found.ends_on, found.expunged_on) == (served, served + DAY)
    assert "X-70-2-ext" in found.rule_ids


def test_shorter_additional_penalty_changes_nothing() -> None:
    one = conviction(additional=(Additional("post_ban", DONE + DAY),))

    assert answer(one).ends_on == years_later(DONE, 2)
    assert "X-70-2-ext" not in answer(one).rule_ids


def test_extension_is_not_named_for_letter_d() -> None:
    served = date(2025, 8, 8)
    one = conviction(principal=Principal("life"), additional=(Additional("supervision", served),))

    assert "X-70-2-ext" not in answer(one).rule_ids
    assert answer(one).expunged_on == served + DAY  # done later than the term: still a condition of 70(2)


def test_lapsed_judgment_counts_from_the_lapse_and_asks_for_nothing_else() -> None:
    lapsed = date(2021, 1, 15)
    one = conviction(principal_done_on=None, lapsed_on=lapsed, additional=(Additional("fine"),))
    end = years_later(lapsed, 2)

    assert answer(one, on=end).status == "not_expunged"
    found = answer(one, on=end + DAY)
    assert found.status == "expunged"
    assert {"X-70-3", "X-70-2b"} <= set(found.rule_ids)


@pytest.mark.parametrize("gravity", ["less_serious", "serious"])
def test_negligence_of_a_lesser_crime_never_counts(gravity: Any) -> None:
    found = answer(
        conviction(offences=(offence(is_negligent=True, gravity=gravity),), principal_done_on=None)
    )

    assert found.status == "never_counted"
    assert found.rule_ids == ("X-69-2a",)


@pytest.mark.parametrize("gravity", ["very_serious", "especially_serious"])
def test_negligence_of_a_graver_crime_counts(gravity: Any) -> None:
    found = answer(
        conviction(offences=(offence(is_negligent=True, gravity=gravity),), principal_done_on=None)
    )

    assert found.status == "not_expunged"


def test_exemption_from_penalty_never_counts() -> None:
    found = answer(conviction(is_exempt=True, principal=Principal("none"), principal_done_on=None))

    assert (found.status, found.rule_ids) == ("never_counted", ("X-69-2b",))


def test_one_counting_crime_among_others_counts() -> None:
    crimes = (offence(is_negligent=True), offence(article="174"))

    found = answer(conviction(offences=crimes, principal_done_on=None))

    assert found.status == "not_expunged"
    assert "X-69-2a" in found.rule_ids


def minor(age: int, *, day: timedelta = timedelta(0), **fields: Any) -> Conviction:
    """Return a conviction for an act on the birthday of that age, or some days after it."""
    committed = years_later(BORN, age) + day
    crime = offence(committed_on=committed, **fields.pop("crime", {"gravity": "very_serious"}))
    done = committed + timedelta(days=900)
    values = {"effective_on": committed + timedelta(days=200), "principal_done_on": done} | fields
    return conviction(offences=(crime,), **values)


@pytest.mark.parametrize("gravity", ["less_serious", "serious", "very_serious", "especially_serious"])
def test_under_16_never_counts(gravity: Any) -> None:
    one = minor(16, day=-DAY, crime={"gravity": gravity})

    assert answer(one).status == "never_counted"
    assert "X-107-1a" in answer(one).rule_ids


@pytest.mark.parametrize(
    ("crime", "rule"),
    [
        ({"gravity": "less_serious"}, "X-107-1b"),
        ({"gravity": "serious"}, "X-107-1b"),
        ({"gravity": "very_serious", "is_negligent": True}, "X-107-1b"),
        ({"gravity": "very_serious"}, None),
        ({"gravity": "especially_serious", "is_negligent": True}, None),
        ({"gravity": "especially_serious"}, None),
    ],
)
@pytest.mark.parametrize(("age", "day"), [(16, timedelta(0)), (18, -DAY)])
def test_16_and_17_count_for_the_gravest_crimes_only(
    crime: dict[str, Any], rule: str | None, age: int, day: timedelta
) -> None:
    found = answer(minor(age, day=day, crime=crime))

    assert (found.status == "never_counted") == (rule is not None)
    assert rule is None or rule in found.rule_ids


def test_eighteenth_birthday_is_an_adults() -> None:
    found = answer(minor(18, crime={"gravity": "serious"}))

    assert "X-70-1" in found.rule_ids


def test_judicial_measure_for_a_minor_never_counts() -> None:
    found = answer(minor(17, is_judicial_measure=True, principal=Principal("none")))

    assert found.status == "never_counted"
    assert "X-107-1c" in found.rule_ids


@pytest.mark.parametrize(
    ("rule", "principal", "months"),
    [
        ("X-107-2a", Principal("suspended_prison", 12), 6),
        ("X-107-2a", Principal("fine"), 6),
        ("X-107-2b", Principal("prison", 60), 12),
        ("X-107-2c", Principal("prison", 61), 24),
        ("X-107-2d", Principal("prison", 200), 36),
    ],
)
@pytest.mark.parametrize("has_lapsed", [False, True])
def test_16_and_17_have_shorter_terms_and_no_further_condition(
    rule: str, principal: Principal, months: int, has_lapsed: bool
) -> None:
    start = date(2019, 1, 31)
    when = {"principal_done_on": None, "lapsed_on": start} if has_lapsed else {"principal_done_on": start}
    born = date(2000, 5, 10)
    crime = offence(committed_on=date(2017, 9, 1), gravity="very_serious")
    one = conviction(
        offences=(crime,),
        principal=principal,
        effective_on=date(2018, 2, 1),
        additional=(Additional("fine"),),
        **when,
    )
    end = {6: date(2019, 7, 31), 12: date(2020, 1, 31), 24: date(2021, 1, 31), 36: date(2022, 1, 31)}[months]

    assert answer(one, born_on=born, on=end).status == "not_expunged"
    found = answer(one, born_on=born, on=end + DAY)
    assert (found.status, found.expunged_on) == ("expunged", end + DAY)
    assert rule in found.rule_ids
    assert not {"X-70-1", "X-70-4"} & set(found.rule_ids)


def test_law_on_juvenile_justice_is_named_once_it_is_in_force() -> None:
    one = minor(17, crime={"gravity": "serious"})

    assert "X-JJL" not in answer(one, on=date(2025, 12, 31)).rule_ids
    assert "X-JJL" in answer(one, on=date(2026, 1, 1)).rule_ids


def test_rules_of_minors_can_be_ended_by_a_date() -> None:
    book = rule_book()
    ended = {
        rule_id: replace(rule, valid_to=date(2025, 12, 31)) if rule_id.startswith("X-107") else rule
        for rule_id, rule in book.rules.items()
    }

    found = answer(minor(17, crime={"gravity": "serious"}), book=RuleBook(ended))

    assert found.status == "undetermined"


def test_crimes_before_and_after_18_in_one_judgment_follow_the_adults_rules() -> None:
    crimes = (
        offence(committed_on=years_later(BORN, 18) - DAY, gravity="very_serious"),
        offence(committed_on=years_later(BORN, 18)),
    )

    assert "X-70-1" in answer(conviction(offences=crimes)).rule_ids


def test_unknown_birth_is_an_adults() -> None:
    assert "X-70-1" in answer(conviction(), born_on=None).rule_ids


BY_COURT = [
    ("X-71-2a", Principal("warning"), 1),
    ("X-71-2a", Principal("suspended_prison", 36), 1),
    ("X-71-2b", Principal("prison", 60), 3),
    ("X-71-2c", Principal("prison", 180), 5),
    ("X-71-2d", Principal("life"), 7),
]


def national_security(**fields: Any) -> Conviction:
    return conviction(offences=(offence(chapter="XIII"),), **fields)


@pytest.mark.parametrize("chapter", ["XIII", "XXVI"])
@pytest.mark.parametrize(("rule", "principal", "years"), BY_COURT)
def test_crimes_against_the_state_and_peace_are_never_expunged_by_time(
    chapter: str, rule: str, principal: Principal, years: int
) -> None:
    one = conviction(offences=(offence(chapter=chapter),), principal=principal)

    found = answer(one, on=date(2040, 1, 1))

    assert found.status == "not_expunged"
    assert found.petition_from == years_later(DONE, years) + DAY
    assert {rule, "X-71-1"} <= set(found.rule_ids)


def test_court_expunges() -> None:
    decided = date(2022, 3, 4)
    one = national_security(decisions=(CourtDecision(decided, "expunged"),))

    assert answer(one, on=decided - DAY).status == "not_expunged"
    found = answer(one, on=decided)
    assert (found.status, found.expunged_on) == ("expunged", decided)
    assert {"X-71-1", "X-69-1"} <= set(found.rule_ids)


def test_court_expunges_early() -> None:
    decided = DONE + timedelta(days=200)
    one = conviction(decisions=(CourtDecision(decided, "early"),))

    found = answer(one, on=decided)

    assert (found.status, found.expunged_on) == ("expunged", decided)
    assert "X-72" in found.rule_ids


@pytest.mark.parametrize("kind", ["supervision", "residence_ban", "civic_rights"])
def test_longer_additional_penalty_puts_the_petition_off(kind: AdditionalKind) -> None:
    served = date(2024, 8, 8)
    one = national_security(additional=(Additional(kind, served),))

    assert answer(one).petition_from == served + DAY
    assert "X-71-2-ext" in answer(one).rule_ids


def test_first_rejection_bars_for_one_year_and_later_ones_for_two() -> None:
    first, second = date(2023, 5, 5), date(2025, 6, 6)
    once = national_security(decisions=(CourtDecision(first, "rejected"),))
    twice = national_security(decisions=(CourtDecision(first, "rejected"), CourtDecision(second, "rejected")))

    assert answer(once).petition_from == years_later(first, 1) + DAY
    assert "X-71-3a" in answer(once).rule_ids
    assert answer(twice).petition_from == years_later(second, 2) + DAY
    assert "X-71-3b" in answer(twice).rule_ids


def test_court_decides_for_mixed_crimes_on_its_own_terms() -> None:
    one = conviction(offences=(offence(chapter="XIII"), offence()))

    found = answer(one)

    assert found.status == "not_expunged"
    assert {"X-73-3", "X-71-1", "X-71-2b"} <= set(found.rule_ids)


def test_lapse_does_not_open_the_way_to_the_court() -> None:
    one = national_security(principal_done_on=None, lapsed_on=date(2019, 1, 1))

    assert answer(one).petition_from is None


def test_remission_counts_as_served() -> None:
    one = conviction(is_remitted=True)

    found = answer(one)

    assert found.expunged_on == years_later(DONE, 2) + DAY
    assert "X-73-4" in found.rule_ids


def later(committed: date, **fields: Any) -> Conviction:
    values = {
        "number": "9/2021/HS-ST",
        "offences": (offence(committed_on=committed),),
        "effective_on": committed + timedelta(days=100),
        "principal": Principal("fine"),
        "principal_done_on": committed + timedelta(days=150),
    }
    return conviction(**(values | fields))


def test_new_crime_on_the_last_day_lets_the_whole_term_begin_anew() -> None:
    end = years_later(DONE, 2)
    new = later(end)

    found = answer(conviction(), new)

    assert "X-73-2" in found.rule_ids
    assert new.principal_done_on is not None
    assert found.starts_on == new.principal_done_on
    assert found.expunged_on == years_later(new.principal_done_on, 2) + DAY


def test_new_crime_after_the_term_changes_nothing() -> None:
    found = answer(conviction(), later(years_later(DONE, 2) + DAY))

    assert "X-73-2" not in found.rule_ids
    assert found.expunged_on == years_later(DONE, 2) + DAY


def test_new_crime_while_serving_lets_the_term_begin_anew() -> None:
    new = later(EFFECTIVE + DAY, principal_done_on=DONE + timedelta(days=100))

    assert answer(conviction(), new).starts_on == DONE + timedelta(days=100)


def test_crime_from_before_the_judgment_is_no_new_one() -> None:
    older = later(EFFECTIVE, effective_on=DONE + timedelta(days=50))

    assert "X-73-2" not in answer(conviction(), older).rule_ids


def test_new_penalty_that_is_not_done_keeps_the_old_conviction_too() -> None:
    new = later(years_later(DONE, 1), principal_done_on=None)

    assert (answer(conviction(), new).status, answer(conviction(), new).ends_on) == ("not_expunged", None)


def test_new_judgment_that_lapsed_counts_from_its_lapse() -> None:
    lapsed = date(2024, 1, 1)
    new = later(years_later(DONE, 1), principal_done_on=None, lapsed_on=lapsed)

    assert answer(conviction(), new).starts_on == lapsed


def test_chain_of_new_crimes_moves_the_first_term_each_time() -> None:
    second = later(years_later(DONE, 1), number="2/2020")
    assert second.principal_done_on is not None
    third = later(second.principal_done_on + timedelta(days=600), number="3/2022")

    assert answer(conviction(), second, third).starts_on == third.principal_done_on


def test_annulled_judgment_is_no_new_crime() -> None:
    new = later(years_later(DONE, 1), dropped_on=date(2022, 1, 1))

    assert "X-73-2" not in answer(conviction(), new).rule_ids


def test_legal_entity_waits_two_years_from_the_last_thing_done() -> None:
    last = date(2020, 10, 10)
    one = conviction(
        is_entity=True,
        principal=Principal("operation_suspended"),
        additional=(Additional("capital_ban", last),),
    )

    found = answer(one, born_on=None)

    assert (found.starts_on, found.expunged_on) == (last, years_later(last, 2) + DAY)
    assert "X-89" in found.rule_ids
    assert answer(replace(one, additional=(Additional("capital_ban"),)), born_on=None).ends_on is None


def test_legal_entity_counts_from_the_lapse_too() -> None:
    lapsed = date(2020, 10, 10)
    one = conviction(is_entity=True, principal_done_on=None, lapsed_on=lapsed)

    assert answer(one, born_on=None).expunged_on == years_later(lapsed, 2) + DAY


def test_annulled_judgment_is_dropped_from_the_day_of_the_decision() -> None:
    decided = date(2023, 2, 2)
    one = conviction(dropped_on=decided, principal_done_on=None)

    assert answer(one, on=decided - DAY).status == "not_expunged"
    assert (answer(one, on=decided).status, answer(one, on=decided).rule_ids) == ("dropped", ("X-DECRIM",))


END = years_later(DONE, 2)


def proceeding(state: Any, committed_on: date | None = END) -> Proceeding:
    return Proceeding(number="5/QD", opened_on=date(2021, 1, 1), committed_on=committed_on, state=state)


@pytest.mark.parametrize(
    ("informed", "status"), [(END, "expunged"), (END - DAY, "undetermined"), (None, "undetermined")]
)
def test_term_alone_is_not_enough_without_information_on_new_offences(
    informed: date | None, status: str
) -> None:
    found = answer(conviction(), informed_until=informed)

    assert found.status == status
    assert "X-D216-12" in found.rule_ids
    assert ("X-D216-13a" in found.rule_ids) == (status == "expunged")


def test_before_the_decree_the_term_alone_was_enough() -> None:
    found = answer(conviction(), on=date(2026, 6, 30), informed_until=None)

    assert found.status == "expunged"
    assert not {"X-D216-12", "X-D216-13a"} & set(found.rule_ids)


def test_new_offence_within_the_term_keeps_the_conviction() -> None:
    found = answer(conviction(), proceedings=(proceeding("convicted"),))

    assert found.status == "not_expunged"
    assert "X-D216-13b" in found.rule_ids


@pytest.mark.parametrize("committed_on", [END, None])
def test_open_case_holds_the_answer_open(committed_on: date | None) -> None:
    found = answer(conviction(), proceedings=(proceeding("open", committed_on),))

    assert found.status == "undetermined"
    assert "X-D216-12" in found.rule_ids


@pytest.mark.parametrize(
    "told",
    [proceeding("open", END + DAY), proceeding("convicted", EFFECTIVE), proceeding("ended_without_guilt")],
)
def test_case_outside_the_term_or_without_guilt_changes_nothing(told: Proceeding) -> None:
    found = answer(conviction(), proceedings=(told,))

    assert found.status == "expunged"
    assert "X-D216-13a" in found.rule_ids


def test_book_has_all_rules() -> None:
    assert len(rule_book().rules) == 37


def test_rules_of_1999_are_not_answered_for() -> None:
    found = answer(conviction(effective_on=date(2014, 1, 1)), on=date(2017, 12, 31))

    assert found.status == "undetermined"


def test_letters() -> None:
    assert letter_of(Principal("prison", None)) is None
    assert letter_of(Principal("none")) is None


def test_disregarded_crimes() -> None:
    assert disregarded_by(offence(), BORN) is None
    assert disregarded_by(offence(is_negligent=True), None) == "X-69-2a"


def test_document_names_rules_and_facts() -> None:
    document = answer(conviction()).document()

    assert document["status"] == "expunged"
    assert document["judgment"] == {"court": "TAND-HN", "number": "1/2016/HS-ST"}
    assert document["expunged_on"] == (END + DAY).isoformat()
    assert {"code": "principal_done", "on": DONE.isoformat(), "about": None} in document["facts"]


EVERY_RULE = sorted(rule_book().rules)


def test_every_rule_is_answered_with_somewhere() -> None:
    """A row that no answer can name would be a rule that is not kept."""
    juvenile = date(2000, 5, 10)
    young = {"offences": (offence(committed_on=date(2017, 9, 1), gravity="very_serious"),)}
    young_done = {"effective_on": date(2018, 2, 1), "principal_done_on": date(2019, 1, 1)} | young
    asked = [
        *(answer(conviction(principal=principal)) for _, principal, _ in ORDINARY),
        *(answer(national_security(principal=principal)) for _, principal, _ in BY_COURT),
        *(
            answer(conviction(principal=principal, **young_done), born_on=juvenile)
            for principal in (
                Principal("fine"),
                Principal("prison", 60),
                Principal("prison", 100),
                Principal("prison", 200),
            )
        ),
        answer(conviction(additional=(Additional("post_ban", date(2023, 1, 1)),))),
        answer(national_security(additional=(Additional("supervision", date(2024, 1, 1)),))),
        answer(conviction(principal_done_on=None, lapsed_on=DONE)),
        answer(conviction(offences=(offence(is_negligent=True),))),
        answer(conviction(is_exempt=True)),
        answer(minor(15)),
        answer(minor(17, crime={"gravity": "serious"})),
        answer(minor(17, is_judicial_measure=True)),
        answer(national_security(decisions=(CourtDecision(DONE, "rejected"),))),
        answer(national_security(decisions=(CourtDecision(DONE, "rejected"),) * 2)),
        answer(conviction(decisions=(CourtDecision(DONE, "early"),))),
        answer(conviction(), later(END)),
        answer(conviction(offences=(offence(chapter="XIII"), offence()))),
        answer(conviction(is_remitted=True)),
        answer(conviction(is_entity=True), born_on=None),
        answer(conviction(dropped_on=DONE)),
        answer(conviction(), proceedings=(proceeding("convicted"),)),
    ]

    named = {rule for one in asked for rule in one.rule_ids}
    assert sorted(named) == EVERY_RULE
