"""Names, papers, what a number says, and whether two descriptions are one person."""

import unicodedata
from datetime import date, timedelta

import pytest

from identity.people import rules
from identity.people.confirmation import LONGEST_WAIT, next_wait
from identity.people.papers import Sex, comparable_name, paper_number, read_born_on, stored_name
from identity.people.rules import Agreement, Description, Finding
from identity.people.wording import WORDING

AN = Description("Nguyễn Văn An", "1985-03-12", Sex.MALE)
TODAY = date(2026, 11, 23)


def told(**overrides: str | Sex | None) -> Description:
    values = {"name": AN.name, "born_on": AN.born_on, "sex": AN.sex, **overrides}
    return Description(**values)  # type: ignore[arg-type]  # the overrides are of the fields' types


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_unicode_form_case_and_spaces_make_no_difference(form: str) -> None:
    written = unicodedata.normalize(form, "  NGUYỄN   VĂN AN ")  # type: ignore[arg-type]  # four literals

    assert comparable_name(written) == comparable_name("Nguyễn Văn An")


def test_a_stored_name_is_nfc_and_at_most_255_characters() -> None:
    assert stored_name(unicodedata.normalize("NFD", "Đặng")) == "Đặng"
    assert len(stored_name("a" * 300)) == 255


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1985-03-12", "1985-03-12"),
        ("1985", "1985"),
        (" 1985 ", "1985"),
        ("1985-02-30", None),
        ("0000", None),
        ("1985-03", None),
        ("12/03/1985", None),
        ("19850312", None),
        ("", None),
        (None, None),
        ("١٩٨٥", None),
    ],
)
def test_only_full_dates_and_years_are_read(text: str | None, read: str | None) -> None:
    assert read_born_on(text) == read


def test_paper_numbers_lose_spacing_and_case() -> None:
    assert paper_number(" dn 4-01.0012 ") == "DN4010012"


@pytest.mark.parametrize(
    ("number", "year", "sex"),
    [
        ("001085000017", 1985, Sex.MALE),
        ("046179000025", 1979, Sex.FEMALE),
        ("046316000031", 2016, Sex.FEMALE),
        ("001200000000", 2000, Sex.MALE),
        ("001499000000", 2199, Sex.MALE),
        ("001900000000", 2300, Sex.FEMALE),
    ],
)
def test_digits_four_to_six_are_century_sex_and_year(number: str, year: int, sex: Sex) -> None:
    assert rules.birth_year_and_sex(number) == (year, sex)


def test_a_fitting_number_warns_of_nothing() -> None:
    assert rules.number_warnings("001085000017", AN, TODAY) == ()


def test_a_corrected_birth_year_or_sex_is_only_a_warning() -> None:
    other = told(born_on="1986-03-12", sex=Sex.FEMALE)

    found = rules.number_warnings("001085000017", other, TODAY)

    assert set(found) == {Finding.NUMBER_BIRTH_YEAR, Finding.NUMBER_SEX}


def test_unknown_prefixes_are_only_noted() -> None:
    assert rules.number_warnings("999085000017", AN, TODAY) == (Finding.NUMBER_PLACE,)


@pytest.mark.parametrize(
    ("born_on", "warns"),
    [("2026-11-23", False), ("2026-11-24", True), ("2026", False), ("2027", True), (None, False)],
)
def test_a_birth_after_the_legal_day_is_in_the_future(born_on: str | None, warns: bool) -> None:
    found = rules.number_warnings("001226000017", told(born_on=born_on), TODAY)

    assert (Finding.BIRTH_IN_FUTURE in found) == warns


def test_unknown_birth_and_sex_warn_of_nothing() -> None:
    assert rules.number_warnings("001085000017", told(born_on=None, sex=Sex.UNKNOWN), TODAY) == ()


@pytest.mark.parametrize(
    ("description", "agreement"),
    [
        (told(), Agreement.AGREES),
        (told(name="NGUYEN VAN AN"), Agreement.AGREES),
        (told(name="Nguyễn Văn Ân"), Agreement.AGREES),
        (told(born_on="1985"), Agreement.AGREES),
        (told(born_on=None, sex=Sex.UNKNOWN), Agreement.AGREES),
        (told(name="Nguyễn An"), Agreement.CLOSE),
        (told(name="Nguyễn Văn Anh"), Agreement.CLOSE),
        (told(born_on="1985-12-03"), Agreement.CLOSE),
        (told(born_on="1986-03-12"), Agreement.CLOSE),
        (told(sex=Sex.FEMALE), Agreement.CLOSE),
        (told(name="Nguyễn Văn Anh", born_on="1985-12-03"), Agreement.CONFLICT),
        (told(name="Nguyễn Văn Anh", sex=Sex.FEMALE), Agreement.CONFLICT),
        (told(born_on="1990-01-01", sex=Sex.FEMALE), Agreement.CONFLICT),
        (told(born_on="1985-12-03", sex=Sex.FEMALE), Agreement.CLOSE),
        (told(name="Trần Thị Bình"), Agreement.CONFLICT),
        (told(name="An"), Agreement.CONFLICT),
        (told(name="An Nguyễn Văn"), Agreement.CONFLICT),
    ],
)
def test_who_can_be_the_same_person(description: Description, agreement: Agreement) -> None:
    assert rules.compare(AN, description).agreement is agreement


def test_short_names_are_not_close_by_chance() -> None:
    known, other = Description("Lê An", None, Sex.MALE), Description("Lý Em", None, Sex.MALE)

    assert rules.compare(known, other).agreement is Agreement.CONFLICT


def test_d_with_stroke_counts_as_d() -> None:
    known = Description("Đỗ Hoàng Sơn", None, Sex.MALE)

    assert rules.compare(known, Description("DO HOANG SON", None, Sex.MALE)).agreement is Agreement.AGREES


@pytest.mark.parametrize(
    ("personal_id", "name", "can"),
    [
        ("001085000017", "An", True),
        ("001085000017", "", False),
        ("00108500001", "An", False),
        (None, "An", False),
        ("٠٠١٠٨٥٠٠٠٠١٧", "An", False),
    ],
)
def test_only_a_personal_number_and_a_name_start_a_person(
    personal_id: str | None, name: str, can: bool
) -> None:
    assert rules.can_start_a_person(personal_id, name) == can


def test_every_finding_has_words_and_a_rule() -> None:
    for finding in Finding:
        assert WORDING[finding].message["vi"]
        assert WORDING[finding].message["en"]
        assert WORDING[finding].rule


def test_waiting_doubles_up_to_a_day() -> None:
    assert next_wait(0) == timedelta(minutes=1)
    assert next_wait(3) == timedelta(minutes=8)
    assert next_wait(10) == timedelta(minutes=1024)
    assert next_wait(11) == LONGEST_WAIT
    assert next_wait(1000) == LONGEST_WAIT
