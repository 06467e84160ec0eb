"""Personas and town: numbers that hold to the rules, the same people every time."""

import hashlib
from collections import Counter
from datetime import date

import pytest

from deploy.sandbox.geography import communes, personal_number_provinces
from deploy.sandbox.people import NotAPersonalNumber, make_personal_number, read_personal_number
from deploy.sandbox.personas import personas
from deploy.sandbox.town import town

PEOPLE = [one.person for one in personas().values() if one.person] + list(town())


def test_every_number_states_province_sex_and_birth_year_of_its_person() -> None:
    for person in PEOPLE:
        province, sex, year = read_personal_number(person.personal_id)
        assert (sex, year) == (person.sex, person.born_on.year), person
        assert province in personal_number_provinces()


def test_numbers_and_technical_ids_are_unique() -> None:
    assert len({person.personal_id for person in PEOPLE}) == len(PEOPLE)
    assert len({person.tech_id for person in PEOPLE}) == len(PEOPLE)


@pytest.mark.parametrize(
    ("born_on", "sex", "digits"),
    [
        (date(1999, 12, 31), "male", "099"),
        (date(2000, 1, 1), "female", "300"),
        (date(1985, 3, 12), "female", "185"),
    ],
)
def test_century_and_sex_make_the_fourth_digit(born_on: date, sex: str, digits: str) -> None:
    assert make_personal_number("001", sex, born_on, 17) == f"001{digits}000017"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "number", ["00108500001", "0010850000170", "003085000017", "00108500001x", "００１０８５００００１７"]
)
def test_what_is_no_personal_number_is_refused(number: str) -> None:
    with pytest.raises(NotAPersonalNumber):
        read_personal_number(number)


def test_town_is_the_same_everywhere() -> None:
    text = "\n".join(repr(person.as_register_entry()) for person in town(3000, 20260701))
    assert (
        hashlib.sha256(text.encode()).hexdigest()
        == "5715af25a69bce6f34d3fd95b702c5a6db461740abeb84b51974216d36107f90"
    )


def test_another_seed_is_another_town() -> None:
    assert {person.personal_id for person in town(100, 1)} != {person.personal_id for person in town(100, 2)}


def test_relations_point_at_people_of_the_register_and_back() -> None:
    by_number = {person.personal_id: person for person in PEOPLE}
    back = {"mother": "child", "father": None, "child": "mother", "spouse": "spouse"}
    kinds: Counter[str] = Counter()
    for person in PEOPLE:
        for relation in person.relations:
            kinds[relation.kind] += 1
            if relation.personal_id is None:
                continue
            other = by_number[relation.personal_id]
            assert (other.name, other.born_on, other.sex) == (relation.name, relation.born_on, relation.sex)
            if back[relation.kind]:
                assert (back[relation.kind], person.personal_id) in {
                    (one.kind, one.personal_id) for one in other.relations
                }
    assert min(kinds.values()) > 100


def test_addresses_are_communes_of_today_and_names_are_spelled_in_vietnamese() -> None:
    for person in PEOPLE:
        assert communes()[person.commune.code] == person.commune
        assert "\u00d0" not in person.name


def test_insurance_cards_have_fifteen_characters() -> None:
    cards = [person.insurance.card for person in PEOPLE if person.insurance]
    assert {len(card) for card in cards} == {15}
    assert len(set(cards)) == len(cards)
