"""A person as the population register of the sandbox holds one, and the rules of the 12-digit number.

Plain dataclasses and not pydantic models: the register is made of thousands of them at start, and they are
shaped once, in `as_register_entry`, for the wire.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from deploy.sandbox.geography import Commune, personal_number_provinces

Sex = Literal["male", "female"]
Level = Literal[0, 1, 2]
"""Assurance level of the VNeID account; 0 means that the person has no account."""


class NotAPersonalNumber(ValueError):
    """The number cannot be one; the message says why."""


def read_personal_number(number: str) -> tuple[str, Sex, int]:
    """Return (province code of birth registration, sex, birth year) that a number states.

    Raises:
        NotAPersonalNumber: not 12 digits, or the province code is not in the list.
    Source: Decree 137/2015/NĐ-CP, art. 13; digit table of Circular 07/2016/TT-BCA (general knowledge).
    """
    if len(number) != 12 or not (number.isascii() and number.isdigit()):
        raise NotAPersonalNumber("a personal number has 12 digits")
    if number[:3] not in personal_number_provinces():
        raise NotAPersonalNumber(f"{number[:3]} is not a province of birth registration")
    century, is_female = divmod(int(number[3]), 2)
    return number[:3], "female" if is_female else "male", 1900 + 100 * century + int(number[4:6])


def make_personal_number(province: str, sex: Sex, born_on: date, serial: int) -> str:
    """Return the number of someone whose birth was registered in `province`; `serial` is 0–999999.

    Source: Decree 137/2015/NĐ-CP, art. 13; digit table of Circular 07/2016/TT-BCA (general knowledge).
    """
    digit = (born_on.year // 100 - 19) * 2 + (sex == "female")
    return f"{province}{digit}{born_on.year % 100:02d}{serial:06d}"


@dataclass(frozen=True, slots=True)
class Insurance:
    """A health-insurance card of 15 characters, its facility of first registration, its validity."""

    card: str
    facility_code: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class Relation:
    """What the register knows of a relative. `personal_id` is None while a birth is not yet registered."""

    kind: Literal["mother", "father", "child", "spouse"]
    name: str
    born_on: date
    sex: Sex
    personal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the population register together with the person's VNeID account."""

    personal_id: str
    name: str
    born_on: date
    sex: Sex
    level: Level
    address: str
    commune: Commune
    tech_id: str
    insurance: Insurance | None = None
    phone: str = ""
    old_paper: str = ""
    relations: tuple[Relation, ...] = field(default=())
    is_alive: bool = True

    @property
    def full_address(self) -> str:
        """Return street, commune and province, as written on papers since 2025-07-01."""
        return f"{self.address}, {self.commune.name}, {self.commune.province_name}"

    def as_register_entry(self) -> dict[str, Any]:
        """Return the JSON form that a look-up answers."""
        return {
            "personal_id": self.personal_id,
            "name": self.name,
            "born_on": self.born_on.isoformat(),
            "sex": self.sex,
            "is_alive": self.is_alive,
            "nationality": "000",
            "old_paper": self.old_paper or None,
            "phone": self.phone or None,
            "address": {
                "text": self.full_address,
                "province_code": self.commune.province_code,
                "commune_code": self.commune.code,
            },
            "insurance": None
            if self.insurance is None
            else {
                "card": self.insurance.card,
                "facility_code": self.insurance.facility_code,
                "valid_from": self.insurance.valid_from.isoformat(),
                "valid_to": self.insurance.valid_to.isoformat(),
            },
            "relations": [
                {
                    "kind": relation.kind,
                    "personal_id": relation.personal_id,
                    "name": relation.name,
                    "born_on": relation.born_on.isoformat(),
                    "sex": relation.sex,
                }
                for relation in self.relations
            ],
            "vneid_level": self.level,
        }
