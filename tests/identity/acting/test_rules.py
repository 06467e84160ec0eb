"""What a parent may do for a child of what age, birthday by birthday."""

from datetime import date

import pytest

from identity.acting.rules import OF_A_CHILD, OF_A_YOUNG_PERSON, scopes_for_child

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("born_on", "scopes"),
    [
        ("2026-11-23", OF_A_CHILD),
        ("2016-06-01", OF_A_CHILD),
        ("2010-11-24", OF_A_CHILD),
        ("2010-11-23", OF_A_YOUNG_PERSON),
        ("2008-11-24", OF_A_YOUNG_PERSON),
        ("2008-11-23", frozenset()),
        ("1985-03-12", frozenset()),
        ("2026-11-24", frozenset()),
        ("2016", frozenset()),
        (None, frozenset()),
    ],
    ids=[
        "born today", "a child", "last day under 16", "16th birthday", "last day under 18", "18th birthday",
        "grown up", "born tomorrow", "only a year", "unknown",
    ],
)  # fmt: skip
def test_rights_end_on_the_birthday(born_on: str | None, scopes: frozenset[str]) -> None:
    assert scopes_for_child(born_on, TODAY) == scopes


def test_who_is_born_on_a_leap_day_has_the_birthday_on_the_first_of_march() -> None:
    assert scopes_for_child("2008-02-29", date(2026, 2, 28)) == OF_A_YOUNG_PERSON
    assert scopes_for_child("2008-02-29", date(2026, 3, 1)) == frozenset()
