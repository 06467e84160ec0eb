"""The personas' visits, as files that the demo and the tests send.

`an` has high blood pressure and diabetes: seen at 99999, corrected, sent on to 01001. `em` is seen at 01001.
`chi`, ten years old, lies three days at 01001 with her mother as guardian.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from deploy.sandbox.people import Person
from deploy.sandbox.personas import personas
from deploy.sandbox.samples import catalogue, papers
from deploy.sandbox.samples.envelope import FacilityDossier, make_submission
from deploy.sandbox.samples.town_visits import town_dossiers
from deploy.sandbox.samples.visit import Visit
from deploy.sandbox.samples.writer import write_visit

FILES = Path(__file__).parent / "files"


def _of(name: str) -> Person:
    person = personas()[name].person
    if person is None:
        raise ValueError(f"{name} is not a person")
    return person


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def an_outpatient(*, code: str = "SBX99999-AN-01", is_corrected: bool = False) -> FacilityDossier:
    """Return `an`'s visit of 5 October at 99999; the corrected one has the HbA1c of the second reading."""
    hba1c = "7.2" if is_corrected else "8.2"
    visit = Visit(
        facility="99999",
        code=code,
        person=_of("an"),
        arrived_at=_at("2026-10-05T07:35"),
        left_at=_at("2026-10-05T10:20"),
        reason="Khám lại định kỳ, lấy thuốc",
        diagnosis="Tăng huyết áp vô căn; đái tháo đường típ 2 chưa có biến chứng",
        main="I10",
        others="E11.9",
        care_type="08",
        drugs=(catalogue.AMLODIPINE, catalogue.METFORMIN, catalogue.ATORVASTATIN),
        services=(
            catalogue.EXAMINATION,
            catalogue.glucose("7.4"),
            catalogue.hba1c(hba1c),
            catalogue.creatinine("88"),
            catalogue.electrocardiogram("Trong giới hạn bình thường"),
        ),
        notes=(
            "Tỉnh, tiếp xúc tốt. Huyết áp 145/90 mmHg, mạch 78 lần/phút. Tim đều, phổi không ran.",
            f"Đường máu lúc đói 7.4 mmol/L, HbA1c {hba1c} %. Tiếp tục thuốc, dặn chế độ ăn và vận động.",
        ),
        advice="Ăn nhạt, giảm tinh bột, đi bộ 30 phút mỗi ngày",
        come_back_on=date(2026, 11, 2),
        weight="68.50",
    )
    return write_visit(replace(visit, more={"XML14": (papers.appointment(visit, f"TK-{code}"),)}))


def an_transfer() -> FacilityDossier:
    """Return `an`'s visit of 2 November at 99999, which sends him on to 01001 with a transfer paper."""
    visit = Visit(
        facility="99999",
        code="SBX99999-AN-02",
        person=_of("an"),
        arrived_at=_at("2026-11-02T07:40"),
        left_at=_at("2026-11-02T11:05"),
        reason="Khám lại theo hẹn, đau ngực khi gắng sức",
        diagnosis="Tăng huyết áp vô căn; theo dõi bệnh tim thiếu máu cục bộ mạn tính",
        main="I10",
        others="E11.9;I25.9",
        route="1.5",
        paper_shown="TK-SBX99999-AN-01",
        services=(catalogue.EXAMINATION, catalogue.electrocardiogram("Thay đổi ST-T thành dưới")),
        notes=("Đau ngực khi lên cầu thang từ hai tuần. Huyết áp 150/90 mmHg.",),
        outcome="3",
        sent_to="01001",
        advice="Chuyển tuyến trên khám chuyên khoa tim mạch",
        weight="68.20",
    )
    paper = papers.transfer(
        visit,
        "26-000412",
        signs="Đau ngực khi gắng sức, huyết áp 150/90 mmHg",
        course="Tăng huyết áp và đái tháo đường đang điều trị; đau ngực hai tuần nay",
        results="Điện tim: thay đổi ST-T thành dưới; HbA1c 7.2 %",
        advice="Khám chuyên khoa tim mạch, cân nhắc điện tim gắng sức",
    )
    return write_visit(replace(visit, more={"XML13": (paper,)}))


def an_specialist() -> FacilityDossier:
    """Return `an`'s visit of 6 November at 01001, with the transfer paper in hand."""
    return write_visit(
        Visit(
            facility="01001",
            code="SBX01001-AN-01",
            person=_of("an"),
            arrived_at=_at("2026-11-06T08:10"),
            left_at=_at("2026-11-06T11:45"),
            reason="Đau ngực khi gắng sức, chuyển từ 99999",
            diagnosis="Bệnh tim thiếu máu cục bộ mạn tính",
            main="I25.9",
            others="I10;E11.9",
            route="1.3",
            came_from="99999",
            paper_shown="99999-26-000412",
            department="K04",
            drugs=(catalogue.AMLODIPINE, catalogue.ATORVASTATIN),
            services=(
                catalogue.EXAMINATION,
                catalogue.electrocardiogram("Thay đổi ST-T thành dưới, không tiến triển"),
                catalogue.chest_image("Bóng tim không to, phổi sáng", "Bình thường"),
                catalogue.blood_count(),
            ),
            notes=("Đau ngực kiểu ổn định. Điều chỉnh thuốc, theo dõi ngoại trú.",),
            advice="Đến ngay cơ sở y tế khi đau ngực quá 15 phút",
            weight="68.20",
        )
    )


def em_outpatient() -> FacilityDossier:
    """Return `em`'s visit of 12 October at 01001: knees and stomach."""
    return write_visit(
        Visit(
            facility="01001",
            code="SBX01001-EM-01",
            person=_of("em"),
            arrived_at=_at("2026-10-12T08:00"),
            left_at=_at("2026-10-12T10:35"),
            reason="Đau hai gối, ợ nóng",
            diagnosis="Thoái hóa khớp gối; viêm dạ dày",
            main="M17.9",
            others="K29.7",
            drugs=(catalogue.GLUCOSAMINE, catalogue.OMEPRAZOLE, catalogue.PARACETAMOL),
            services=(catalogue.EXAMINATION, catalogue.blood_count(), catalogue.glucose("5.4")),
            notes=("Gối hai bên đau khi đi lại, không sưng nóng đỏ. Bụng mềm.",),
            advice="Tránh ngồi xổm, tập nhẹ",
            weight="59.00",
        )
    )


def chi_inpatient() -> FacilityDossier:
    """Return `chi`'s three days at 01001 in October, with discharge paper and summary naming her mother."""
    visit = Visit(
        facility="01001",
        code="SBX01001-CHI-01",
        person=replace(_of("chi"), phone=_of("binh").phone),
        arrived_at=_at("2026-10-19T09:15"),
        left_at=_at("2026-10-22T10:00"),
        reason="Sốt, ho, thở nhanh",
        diagnosis="Viêm phổi, tác nhân không xác định",
        main="J18.9",
        care_type="03",
        department="K18",
        drugs=(catalogue.CEFTRIAXONE, catalogue.PARACETAMOL_CHILD),
        services=(
            catalogue.CHILD_EXAMINATION,
            catalogue.blood_count(),
            catalogue.chest_image("Đám mờ đáy phổi phải", "Viêm phổi thùy dưới phải"),
            catalogue.bed(3),
        ),
        notes=(
            "Sốt 38.9 °C, thở 32 lần/phút, ran ẩm đáy phổi phải. Nhập viện.",
            "Ngày thứ hai: sốt 38.0 °C, ăn được.",
            "Hết sốt hai ngày, phổi bớt ran. Ra viện, mẹ đón về.",
        ),
        outcome="1",
        advice="Nghỉ học đến hết tuần, uống đủ nước",
        weight="31.00",
    )
    guardian = _of("binh").name.upper()
    more = {
        "XML7": (papers.discharge(visit, "LT-26-03155", mother=guardian),),
        "XML8": (
            papers.record_summary(
                visit,
                course="Sốt, ho ba ngày trước khi vào viện; đáp ứng kháng sinh từ ngày thứ hai",
                results="X quang: viêm phổi thùy dưới phải; bạch cầu 7.1 G/L",
                guardian=guardian,
            ),
        ),
    }
    return write_visit(replace(visit, more=more))


def em_and_a_bad_one(*, code: str = "SBX99999-EM") -> tuple[FacilityDossier, FacilityDossier]:
    """Return a good visit of `em` at 99999 and one of `an` whose insurance share does not add up."""
    moved = {"MA_LK": f"{code}-01", "MA_CSKCB": "99999"}
    good = {name: [_changed(row, moved) for row in rows] for name, rows in em_outpatient().tables.items()}
    wrong = an_outpatient(code=f"{code}-02")
    summary = _changed(wrong.tables["XML1"][0], {"T_BHTT": "1.00"})
    return FacilityDossier(good), FacilityDossier({**wrong.tables, "XML1": [summary]})


def _changed(row: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    return {**row, **{key: value for key, value in values.items() if key in row}}


BUILDERS: Mapping[str, Callable[[], bytes]] = {
    "an-99999-outpatient.xml": lambda: make_submission("99999", [an_outpatient()]),
    "an-99999-outpatient-corrected.xml": lambda: make_submission("99999", [an_outpatient(is_corrected=True)]),
    "an-99999-transfer.xml": lambda: make_submission("99999", [an_transfer()]),
    "an-01001-specialist.xml": lambda: make_submission("01001", [an_specialist()]),
    "em-01001-outpatient.xml": lambda: make_submission("01001", [em_outpatient()]),
    "chi-01001-inpatient.xml": lambda: make_submission("01001", [chi_inpatient()]),
    "em-99999-with-a-bad-dossier.xml": lambda: make_submission("99999", em_and_a_bad_one()),
    "town-99999-many.xml": lambda: make_submission("99999", town_dossiers("99999", 12, series="MANY")),
}
"""Every committed file and what builds it."""


def sample(name: str) -> bytes:
    """Return a committed file, e.g. `an-99999-outpatient.xml`."""
    return (FILES / name).read_bytes()
