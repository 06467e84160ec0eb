"""Dossiers of townspeople, as many as a load test wants.

The story follows from the position, so equal arguments give equal bytes; `series` keeps the visit codes of
one run apart from those of another.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from deploy.sandbox.people import Person
from deploy.sandbox.samples import catalogue
from deploy.sandbox.samples.envelope import FacilityDossier
from deploy.sandbox.samples.visit import Drug, Service, Visit
from deploy.sandbox.samples.writer import write_visit
from deploy.sandbox.town import town

_FIRST = datetime.fromisoformat("2026-09-01T07:00+07:00")
_STORIES: tuple[tuple[str, str, str, tuple[Drug, ...], tuple[Service, ...]], ...] = (
    ("Ho, đau họng", "Viêm mũi họng cấp", "J00", (catalogue.PARACETAMOL,), ()),
    ("Sốt, ho đờm", "Viêm phế quản cấp", "J20.9", (catalogue.AMOXICILLIN, catalogue.PARACETAMOL),
     (catalogue.blood_count(),)),
    ("Khám định kỳ", "Tăng huyết áp vô căn", "I10", (catalogue.AMLODIPINE,),
     (catalogue.creatinine("76"), catalogue.electrocardiogram("Bình thường"))),
    ("Khám định kỳ", "Đái tháo đường típ 2 chưa có biến chứng", "E11.9", (catalogue.METFORMIN,),
     (catalogue.glucose("8.1"), catalogue.hba1c("7.6"))),
    ("Đau thượng vị", "Viêm dạ dày", "K29.7", (catalogue.OMEPRAZOLE,), (catalogue.blood_count(),)),
)  # fmt: skip


def town_dossiers(
    facility_code: str,
    count: int,
    *,
    series: str,
    first: int = 0,
    people: Sequence[Person] | None = None,
) -> list[FacilityDossier]:
    """Return outpatient dossiers with visit codes `<series>-<n>`, n from `first`; people take turns."""
    known = town() if people is None else people
    return [
        write_visit(_visit(facility_code, f"{series}-{number:07d}", known[number % len(known)], number))
        for number in range(first, first + count)
    ]


def _visit(facility_code: str, code: str, person: Person, number: int) -> Visit:
    reason, diagnosis, main, drugs, services = _STORIES[number % len(_STORIES)]
    arrived_at = _FIRST + timedelta(days=number % 60, minutes=(number * 7) % 480)
    return Visit(
        facility=facility_code,
        code=code,
        person=person,
        arrived_at=arrived_at,
        left_at=arrived_at + timedelta(hours=2),
        reason=reason,
        diagnosis=diagnosis,
        main=main,
        drugs=drugs,
        services=(catalogue.EXAMINATION, *services),
        notes=("Tỉnh, tiếp xúc tốt, bụng mềm, phổi không ran.",),
    )
