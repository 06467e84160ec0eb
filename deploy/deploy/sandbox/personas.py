"""The people, companies and systems of the public contract, all made up.

Everybody with a personal number stands in the population register and, save the child, has a VNeID account.
Systems (hospitals, courts, portals) have none: they sign their requests with a key of `var/clients`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from deploy.sandbox.accounts import password_of, tech_id_of
from deploy.sandbox.geography import communes
from deploy.sandbox.people import Insurance, Level, Person, Relation, read_personal_number

Kind = Literal["citizen", "child", "staff", "company", "system"]


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone to act as. `person` is None for companies and systems; `number` is a company's tax code."""

    name: str
    kind: Kind
    title: str
    about_vi: str
    about_en: str
    person: Person | None = None
    organisation: str | None = None
    number: str | None = None
    represented_by: str | None = None

    @property
    def password(self) -> str | None:
        """Return the VNeID password, or None without an account."""
        return password_of(self.name) if self.person is not None and self.person.level else None


@dataclass(frozen=True, slots=True)
class _Facts:
    commune: str = "00004"
    street: str = "Số 1 phố Thử Nghiệm"
    level: Level = 2
    card: str = ""
    facility: str = "01001"
    phone: str = ""
    old_paper: str = ""
    relations: tuple[Relation, ...] = ()


def _person(personal_id: str, name: str, born: str, facts: _Facts) -> Person:
    _, sex, _ = read_personal_number(personal_id)
    card = Insurance(facts.card, facts.facility, date(2026, 1, 1), date(2026, 12, 31)) if facts.card else None
    return Person(
        personal_id=personal_id,
        name=name,
        born_on=date.fromisoformat(born),
        sex=sex,
        level=facts.level,
        address=facts.street,
        commune=communes()[facts.commune],
        tech_id=tech_id_of(personal_id),
        insurance=card,
        phone=facts.phone,
        old_paper=facts.old_paper,
        relations=facts.relations,
    )


_CHI = Relation("child", "Trần Gia Chi", date(2016, 6, 1), "female", "046316000031")
_NEWBORN = Relation("child", "Trần Gia Bảo", date(2026, 11, 10), "male", None)
_MOTHER = Relation("mother", "Trần Thị Bình", date(1979, 11, 2), "female", "046179000025")

_CITIZENS = (
    ("an", "001085000017", "Nguyễn Văn An", "1985-03-12",
     "bệnh mạn tính, có thẻ bảo hiểm, không có án tích", "a chronic disease, insured, nothing on record",
     _Facts("00004", "Số 12 phố Thử Nghiệm", card="DN4010100000017", phone="0900000017",
            old_paper="010000017")),
    ("binh", "046179000025", "Trần Thị Bình", "1979-11-02",
     "án tích chưa được xóa, mẹ của chi và một trẻ sơ sinh",
     "a conviction not yet expunged, mother of chi and of a newborn",
     _Facts("19753", "Số 5 đường Mẫu", card="DN4460100000025", facility="46001", phone="0900000025",
            relations=(_CHI, _NEWBORN))),
    ("dung", "079092000042", "Lê Hoàng Dũng", "1992-01-20",
     "tài khoản mức 1, nâng mức được tại đây, không có thẻ",
     "level 1, can be raised here, no insurance card",
     _Facts("25747", "Số 9 đường Thí Dụ", level=1, phone="0900000042")),
    ("em", "001060000055", "Phạm Văn Em", "1960-08-15", "án tích đã được xóa, được miễn phí (từ 60 tuổi)",
     "an expunged conviction, pays no fee (60+)",
     _Facts("00070", "Số 3 ngõ Ví Dụ", card="HT3010100000055", phone="0900000055", old_paper="010000055")),
)  # fmt: skip

_STAFF = (
    ("giam-doc", "001077000152", "Lý Quốc Đạt", "1977-04-18", "0100000010", "giám đốc của cty-duoc",
     "legal representative of cty-duoc"),
    ("nhan-vien", "001191000160", "Phan Thị Ngân", "1991-09-09", "0100000010", "nhân viên của cty-duoc",
     "staff of cty-duoc"),
    ("bs-hoa", "001180000063", "Phạm Thị Hoa", "1980-02-14", "99999", "bác sĩ cơ sở 99999",
     "clinician of facility 99999"),
    ("bs-khanh", "079188000071", "Vũ Ngọc Khánh", "1988-07-25", "01001", "bác sĩ cơ sở 01001",
     "clinician of facility 01001"),
    ("tiep-don", "001195000178", "Trịnh Thu Hà", "1995-12-03", "99999", "tiếp đón cơ sở 99999",
     "receptionist of facility 99999"),
    ("cb-son", "001082000089", "Đỗ Hoàng Sơn", "1982-05-30", "cuc-quan-ly-duoc",
     "chuyên viên Cục Quản lý Dược", "officer, Drug Administration"),
    ("ld-mai", "001175000097", "Nguyễn Thị Mai", "1975-10-11", "cuc-quan-ly-duoc",
     "lãnh đạo Cục Quản lý Dược", "leader, Drug Administration"),
    ("mot-cua", "001190000105", "Ngô Lan Anh", "1990-03-08", "bo-y-te", "bộ phận một cửa Bộ Y tế",
     "receiving desk, Ministry of Health"),
    ("danh-muc", "001188000186", "Bùi Thu Trang", "1988-11-27", "bo-y-te", "quản lý danh mục thủ tục",
     "catalogue owner, Ministry of Health"),
    ("cb-tuan", "001084000113", "Hoàng Anh Tuấn", "1984-06-16", "lltp-ha-noi",
     "chuyên viên lý lịch tư pháp Hà Nội", "officer, judicial records, Hà Nội"),
    ("ld-lan", "001178000121", "Lê Thị Lan", "1978-01-05", "lltp-ha-noi", "lãnh đạo lý lịch tư pháp Hà Nội",
     "leader, judicial records, Hà Nội"),
    ("ops", "001183000139", "Đặng Thu Vân", "1983-08-22", "lien-thong", "vận hành hệ thống", "operator"),
    ("auditor", "001181000147", "Mai Thị Thanh", "1981-12-19", "lien-thong", "kiểm toán", "auditor"),
)  # fmt: skip

_SYSTEMS = (
    ("his-99999", "99999", "hệ thống bệnh viện 99999", "hospital system of the sandbox facility"),
    ("his-01001", "01001", "hệ thống bệnh viện 01001", "hospital system of facility 01001"),
    ("toa-an", "toa-an", "hệ thống tòa án", "court system"),
    ("cong-an", "cong-an", "hệ thống công an", "police system"),
    ("dvcqg", "dvcqg", "Cổng Dịch vụ công quốc gia", "national portal"),
    ("vnsw", "vnsw", "Cổng một cửa quốc gia", "national single window"),
    ("tinh-hanoi", "tinh-hanoi", "hệ thống tỉnh (Hà Nội)", "provincial system (Hà Nội)"),
)


def _all() -> list[Persona]:
    found = [
        Persona(name, "citizen", full, vi, en, _person(number, full, born, facts))
        for name, number, full, born, vi, en, facts in _CITIZENS
    ]
    chi = _person(
        "046316000031",
        "Trần Gia Chi",
        "2016-06-01",
        _Facts(
            "19753", "Số 5 đường Mẫu", level=0, card="HS4460100000031", facility="46001", relations=(_MOTHER,)
        ),
    )
    found.insert(
        2,
        Persona("chi", "child", "Trần Gia Chi", "trẻ em, không có tài khoản riêng", "child, no account", chi),
    )
    found.append(
        Persona("cty-duoc", "company", "Công ty TNHH Dược Mẫu", "doanh nghiệp; đại diện: giam-doc",
                "company; legal representative giam-doc", organisation="0100000010", number="0100000010",
                represented_by="giam-doc")
    )  # fmt: skip
    for index, (name, number, full, born, organisation, vi, en) in enumerate(_STAFF):
        card = f"DN401{number[-10:]}"
        facts = _Facts("00008", f"Số {index + 20} phố Thử Nghiệm", card=card)
        found.append(Persona(name, "staff", full, vi, en, _person(number, full, born, facts), organisation))
    found.extend(
        Persona(name, "system", name, vi, en, organisation=organisation)
        for name, organisation, vi, en in _SYSTEMS
    )
    return found


@cache
def personas() -> Mapping[str, Persona]:
    """Return every persona by name, in the order of the public contract."""
    return {persona.name: persona for persona in _all()}
