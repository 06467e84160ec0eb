"""A few thousand made-up people, the same ones wherever the same seed and size are used.

Households and not loose people, so that children have the mothers that guardianship and newborn rules need.
Only `Random.random()` is drawn: its sequence is promised to stay the same across Python versions, that of
`choice` and `shuffle` is not.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TypeVar

from deploy.sandbox.accounts import tech_id_of
from deploy.sandbox.geography import DATA, Commune, communes, personal_number_provinces
from deploy.sandbox.people import Insurance, Level, Person, Relation, Sex, make_personal_number

T = TypeVar("T")

DEFAULT_SEED = 20260701
DEFAULT_SIZE = 3000
_FIRST_DAY = date(1936, 1, 1)
_AS_OF = date(2026, 7, 1)


@cache
def _names() -> tuple[tuple[str, ...], dict[Sex, tuple[str, ...]]]:
    lists = json.loads((DATA / "vi_names_faker.json").read_text(encoding="utf-8"))["name"]

    # The list spells Đ as the Icelandic U+00D0; no Vietnamese keyboard makes that letter.
    def spelled(key: str) -> tuple[str, ...]:
        return tuple(name.replace("\u00d0", "\u0110") for name in lists[key])

    return spelled("last_name"), {"male": spelled("male_first_name"), "female": spelled("female_first_name")}


class _Maker:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible town, not a secret
        self._communes = tuple(communes().values())
        self._serials: set[str] = set()
        by_province: dict[str, list[str]] = {}
        for code, province in personal_number_provinces().items():
            by_province.setdefault(province, []).append(code)
        self._codes = by_province

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def between(self, first: date, last: date) -> date:
        return first + timedelta(days=int(self._random.random() * ((last - first).days + 1)))

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def person(self, sex: Sex, born_on: date, family: str, home: tuple[str, Commune]) -> Person:
        """Make one person of the household at `home`; most were registered where they live."""
        codes = self._codes.get(home[1].province_code) if self.chance(0.8) else None
        province = self.pick(codes or tuple(personal_number_provinces()))
        while True:
            serial = 100_000 + int(self._random.random() * 900_000)
            number = make_personal_number(province, sex, born_on, serial)
            if number not in self._serials:
                self._serials.add(number)
                break
        years = (_AS_OF - born_on).days // 365
        level: Level = 0
        if years >= 14:
            level = 2 if self.chance(0.78) else 1 if self.chance(0.6) else 0
        return Person(
            personal_id=number,
            name=f"{family} {self.pick(_names()[1][sex])}",
            born_on=born_on,
            sex=sex,
            level=level,
            address=home[0],
            commune=home[1],
            tech_id=tech_id_of(number),
            insurance=self._card(number, years, home[1]) if self.chance(0.93) else None,
            phone=f"09{int(self._random.random() * 1e8):08d}" if years >= 14 else "",
        )

    def _card(self, number: str, years: int, home: Commune) -> Insurance:
        kind = "TE1" if years < 6 else "HS4" if years < 18 else "HT3" if years >= 60 else "DN4"
        card = f"{kind}{home.province_code}{number[2:]}"
        return Insurance(card, f"{home.province_code}001", date(2026, 1, 1), date(2026, 12, 31))

    def household(self) -> Iterator[Person]:
        """Yield a couple or a single person, and the children of the couple, related to their mother."""
        family = self.pick(_names()[0])
        home = (f"Số {1 + int(self._random.random() * 300)} đường Mẫu", self.pick(self._communes))
        born_on = self.between(_FIRST_DAY, date(2003, 12, 31))
        if self.chance(0.25):
            yield self.person(self.pick(("male", "female")), born_on, family, home)
            return
        father = self.person("male", born_on, family, home)
        mother_born = born_on + timedelta(days=int(self._random.random() * 1500) - 500)
        mother = self.person("female", mother_born, self.pick(_names()[0]), home)
        first, last = mother_born + timedelta(days=20 * 366), mother_born + timedelta(days=40 * 366)
        children = [
            self.person(self.pick(("male", "female")), self.between(first, min(last, _AS_OF)), family, home)
            for _ in range(int(self._random.random() * 4) if first < _AS_OF else 0)
        ]
        yield replace(father, relations=(_relation("spouse", mother),))
        own = (_relation("spouse", father), *(_relation("child", child) for child in children))
        yield replace(mother, relations=own)
        for child in children:
            yield replace(child, relations=(_relation("mother", mother), _relation("father", father)))


def _relation(kind: str, person: Person) -> Relation:
    return Relation(kind, person.name, person.born_on, person.sex, person.personal_id)  # type: ignore[arg-type]  # the callers pass the literals of Relation.kind


@cache
def town(size: int = DEFAULT_SIZE, seed: int = DEFAULT_SEED) -> tuple[Person, ...]:
    """Return `size` people in a fixed order; equal arguments give equal people on every machine."""
    maker = _Maker(seed)
    people: list[Person] = []
    while len(people) < size:
        household = tuple(maker.household())
        # Only whole households, so that no relation points at somebody who is not in the register.
        if len(people) + len(household) <= size:
            people.extend(household)
    return tuple(people)
