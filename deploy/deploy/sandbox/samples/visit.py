"""A visit told in a few words: who, when, why, what was ordered, what came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from deploy.sandbox.people import Person
from deploy.sandbox.samples.envelope import Row


@dataclass(frozen=True, slots=True)
class Drug:
    """One prescribed drug: catalogue code, name, strength, unit, dose, quantity, unit price in VND."""

    code: str
    name: str
    strength: str
    dose: str
    quantity: int
    price: int
    unit: str = "Viên"
    route: str = "1.01"


@dataclass(frozen=True, slots=True)
class Result:
    """One index of a test: code, name, value and unit, or a description with a conclusion."""

    code: str
    name: str
    value: str = ""
    unit: str = ""
    description: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One examination, test, image or bed: cost group (`MA_NHOM`), code, name, price in VND, results."""

    group: int
    code: str
    name: str
    price: int
    results: tuple[Result, ...] = ()
    quantity: int = 1
    bed: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of one person. Times are local times of Việt Nam."""

    facility: str
    code: str
    person: Person
    arrived_at: datetime
    left_at: datetime
    reason: str
    diagnosis: str
    main: str
    others: str = ""
    care_type: str = "01"
    route: str = "1.1"
    department: str = "K02"
    drugs: tuple[Drug, ...] = ()
    services: tuple[Service, ...] = ()
    notes: tuple[str, ...] = ()
    advice: str = ""
    outcome: str = "2"
    treatment: str = "Nội khoa"
    come_back_on: date | None = None
    sent_to: str = ""
    came_from: str = ""
    paper_shown: str = ""
    weight: str = "60.00"
    more: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    @property
    def is_insured(self) -> bool:
        return self.person.insurance is not None


def minute(at: datetime) -> str:
    """Return a date-time as QĐ 130 writes it: yyyymmddHHMM."""
    return at.strftime("%Y%m%d%H%M")


def day(on: date) -> str:
    """Return a date as QĐ 130 writes it: yyyymmdd."""
    return on.strftime("%Y%m%d")


def is_inpatient(visit: Visit) -> bool:
    return visit.care_type in ("03", "04", "06")


def treatment_days(visit: Visit) -> int:
    """Return SO_NGAY_DTRI. Source: QĐ 4750/QĐ-BYT 2023, annex, table XML1."""
    if is_inpatient(visit) or visit.care_type == "02":
        return (visit.left_at.date() - visit.arrived_at.date()).days + 1
    return 1 if visit.care_type == "08" else 0
