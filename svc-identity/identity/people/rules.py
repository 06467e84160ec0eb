"""Which person a set of papers means, and what a personal number lets one say. Pure: no I/O, no clock.

The digits of a personal number are only ever a reason to warn: a correction of sex or date of birth in the
civil register does not always change the number, and the list of country codes is not published.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from identity.people.papers import Sex, bare_name, comparable_name, is_personal_id
from identity.people.provinces import BIRTH_REGISTRATION_CODES


class Finding(StrEnum):
    """What was noticed; also the public code of a reason or a warning."""

    NO_NAME = "name_missing"
    NO_USABLE_PAPER = "papers_insufficient"
    PAPER_UNKNOWN = "paper_unknown"
    NUMBER_MALFORMED = "personal_id_malformed"
    NAME_DIFFERS = "name_differs"
    NAME_CLOSE = "name_close"
    BIRTH_DIFFERS = "birth_differs"
    SEX_DIFFERS = "sex_differs"
    BIRTH_UNREADABLE = "birth_unreadable"
    BIRTH_IN_FUTURE = "birth_in_future"
    NUMBER_BIRTH_YEAR = "number_disagrees_with_birth_year"
    NUMBER_SEX = "number_disagrees_with_sex"
    NUMBER_PLACE = "number_place_unknown"


class Agreement(StrEnum):
    """How well two descriptions of a person fit."""

    AGREES = "agrees"
    CLOSE = "close"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Description:
    """What somebody says about a person. `born_on` is `YYYY-MM-DD`, `YYYY` or `None`."""

    name: str
    born_on: str | None
    sex: Sex


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict on two descriptions, with what differed."""

    agreement: Agreement
    findings: tuple[Finding, ...]


def birth_year_and_sex(personal_id: str) -> tuple[int, Sex]:
    """Return the birth year and sex that digits 4 to 6 of a personal number stand for.

    The fourth digit names century and sex: even is male, odd is female, each pair one century from 1900.

    Source: Decree 137/2015/NĐ-CP, art. 13; Circular 07/2016/TT-BCA (table of the century and sex digit).
    """
    digit = int(personal_id[3])
    year = 1900 + 100 * (digit // 2) + int(personal_id[4:6])
    return year, Sex.FEMALE if digit % 2 else Sex.MALE


def number_warnings(personal_id: str, description: Description, today: date) -> tuple[Finding, ...]:
    """Return what in a personal number does not fit the description: to be told, never to be refused for.

    `today` is the legal day. A place code that is not in the list of provinces (births registered abroad) is
    accepted like any other and only noted.

    Source: Decree 137/2015/NĐ-CP, art. 13.
    """
    year, sex = birth_year_and_sex(personal_id)
    born_on = description.born_on
    found = []
    if personal_id[:3] not in BIRTH_REGISTRATION_CODES:
        found.append(Finding.NUMBER_PLACE)
    if born_on is not None and int(born_on[:4]) != year:
        found.append(Finding.NUMBER_BIRTH_YEAR)
    if description.sex is not Sex.UNKNOWN and description.sex is not sex:
        found.append(Finding.NUMBER_SEX)
    if born_on is not None and born_on > today.isoformat()[: len(born_on)]:
        found.append(Finding.BIRTH_IN_FUTURE)
    return tuple(found)


def compare(known: Description, told: Description) -> Comparison:
    """Return whether what is told can be the person who is known under the same paper.

    Names are compared in NFC without regard to case; a name written without its marks is the same name; one
    or two letters off, or some words left out, is close. A different name is always a conflict, a close
    one only when birth or sex differ too, and the same name only when birth year and sex both differ:
    joining two people's health records harms more than asking a human.

    Source: decision 0005.
    """
    name = _compare_names(known.name, told.name)
    birth = _births_fit(known.born_on, told.born_on)
    same_year = _births_fit(_year(known.born_on), _year(told.born_on))
    sex = Sex.UNKNOWN in (known.sex, told.sex) or known.sex is told.sex
    findings = []
    if name is not Agreement.AGREES:
        findings.append(Finding.NAME_CLOSE if name is Agreement.CLOSE else Finding.NAME_DIFFERS)
    if not birth:
        findings.append(Finding.BIRTH_DIFFERS)
    if not sex:
        findings.append(Finding.SEX_DIFFERS)
    conflict = (
        name is Agreement.CONFLICT
        or (name is Agreement.CLOSE and not (birth and sex))
        or (not same_year and not sex)
    )
    if conflict:
        return Comparison(Agreement.CONFLICT, tuple(findings))
    return Comparison(Agreement.CLOSE if findings else Agreement.AGREES, tuple(findings))


def can_start_a_person(personal_id: str | None, name: str) -> bool:
    """Return whether an unknown person may be entered as unconfirmed on these papers.

    Only a 12-digit number does: it is for life and unique, and the population register can confirm it. An
    old 9-digit number, a passport or an insurance card finds a person who is known, never a new one.

    Source: Law on Identification 26/2023/QH15, art. 12; decision 0005.
    """
    return personal_id is not None and is_personal_id(personal_id) and bool(name)


def _compare_names(known: str, told: str) -> Agreement:
    if comparable_name(known) == comparable_name(told):
        return Agreement.AGREES
    one, other = bare_name(known), bare_name(told)
    if one == other:
        return Agreement.AGREES
    shorter, longer = sorted((one.split(), other.split()), key=len)
    if len(shorter) >= 2 and _in_order(shorter, longer):
        return Agreement.CLOSE
    limit = min(2, max(len(one), len(other)) // 5)
    return Agreement.CLOSE if _letters_apart(one, other, limit=limit) <= limit else Agreement.CONFLICT


def _in_order(shorter: list[str], longer: list[str]) -> bool:
    rest = iter(longer)
    return all(word in rest for word in shorter)


def _births_fit(known: str | None, told: str | None) -> bool:
    """Return whether two dates of birth can be the same, each known only as far as it goes."""
    if known is None or told is None:
        return True
    length = min(len(known), len(told))
    return known[:length] == told[:length]


def _year(born_on: str | None) -> str | None:
    return born_on[:4] if born_on else None


def _letters_apart(one: str, other: str, *, limit: int) -> int:
    """Return the Levenshtein distance, or `limit + 1` as soon as it is known to be larger."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous, row = row, [i]
        for j, against in enumerate(other, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (letter != against)))
        if min(row) > limit:
            return limit + 1
    return row[-1]
