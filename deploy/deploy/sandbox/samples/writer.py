"""The dossier that a hospital would make of a visit.

Whoever writes a story says what was done; amounts, shares and totals follow here by the rules of QĐ 130 and
4750, so that no sample can disagree with itself.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from deploy.sandbox.people import Person
from deploy.sandbox.samples.envelope import FacilityDossier, Row
from deploy.sandbox.samples.visit import Visit, day, is_inpatient, minute, treatment_days

_CENT = Decimal("0.01")
_RATES = {"TE1": 100, "HS4": 80, "HT3": 95, "DN4": 80}
DOCTOR, TECHNICIAN, HEAD, HEAD_NUMBER = "000001/SBX-CCHN", "000002/SBX-CCHN", "BÁC SĨ MẪU", "0000000001"


def _money(value: Decimal) -> str:
    return str(value.quantize(_CENT, ROUND_HALF_UP))


@dataclass(slots=True)
class _Sums:
    drugs: Decimal = Decimal(0)
    all: Decimal = Decimal(0)
    insured: Decimal = Decimal(0)
    shared: Decimal = Decimal(0)


class _Writer:
    """Builds the tables of one visit and adds up its amounts."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.sums = _Sums()
        card = visit.person.insurance.card[:3] if visit.person.insurance else ""
        self.rate = _RATES.get(card, 80) if card else 0

    def _amounts(self, price: int, quantity: int) -> dict[str, str]:
        amount = Decimal(price * quantity)
        insured = amount if self.visit.is_insured else Decimal(0)
        fund = (insured * self.rate / 100).quantize(_CENT, ROUND_HALF_UP)
        self.sums.all += amount
        self.sums.insured += insured
        self.sums.shared += insured - fund
        nothing = (
            "T_NGUONKHAC_NSNN",
            "T_NGUONKHAC_VTNN",
            "T_NGUONKHAC_VTTN",
            "T_NGUONKHAC_CL",
            "T_NGUONKHAC",
        )
        return dict.fromkeys(nothing, "0") | {
            "SO_LUONG": f"{quantity}.000",
            "PHAM_VI": "1" if self.visit.is_insured else "2",
            "TYLE_TT_BH": "100" if self.visit.is_insured else "0",
            "THANH_TIEN_BV": _money(amount),
            "THANH_TIEN_BH": _money(insured),
            "MUC_HUONG": str(self.rate),
            "T_BHTT": _money(fund),
            "T_BNCCT": _money(insured - fund),
            "T_BNTT": _money(amount - insured),
            "MA_KHOA": self.visit.department,
            "MA_BAC_SI": DOCTOR,
            "MA_PTTT": "1",
        }

    def drugs(self) -> list[Row]:
        rows: list[Row] = []
        ordered = self.visit.left_at - timedelta(minutes=20)
        for number, drug in enumerate(self.visit.drugs, 1):
            amounts = self._amounts(drug.price, drug.quantity)
            self.sums.drugs += Decimal(drug.price * drug.quantity)
            rows.append(
                amounts
                | {
                    "MA_LK": self.visit.code,
                    "STT": str(number),
                    "MA_THUOC": drug.code,
                    "MA_NHOM": "4",
                    "TEN_THUOC": f"{drug.name} {drug.strength}",
                    "DON_VI_TINH": drug.unit,
                    "HAM_LUONG": drug.strength,
                    "DUONG_DUNG": drug.route,
                    "LIEU_DUNG": drug.dose,
                    "CACH_DUNG": "Uống sau ăn",
                    "SO_DANG_KY": "VD-00000-00",
                    "TT_THAU": "2026;SBX;G1;N1;99",
                    "DON_GIA": f"{drug.price}.000",
                    "NGAY_YL": minute(ordered),
                    "NGAY_TH_YL": minute(ordered + timedelta(minutes=5)),
                    "NGUON_CTRA": "1" if self.visit.is_insured else "4",
                }
            )
        return rows

    def services(self) -> tuple[list[Row], list[Row]]:
        rows: list[Row] = []
        results: list[Row] = []
        for number, service in enumerate(self.visit.services, 1):
            ordered = self.visit.arrived_at + timedelta(minutes=10 + number)
            finished = min(ordered + timedelta(minutes=45), self.visit.left_at)
            rows.append(
                self._amounts(service.price, service.quantity)
                | {
                    "MA_LK": self.visit.code,
                    "STT": str(number),
                    "MA_DICH_VU": service.code,
                    "MA_NHOM": str(service.group),
                    "TEN_DICH_VU": service.name,
                    "DON_VI_TINH": "Ngày" if service.bed else "Lần",
                    "DON_GIA_BV": f"{service.price}.000",
                    "DON_GIA_BH": f"{service.price if self.visit.is_insured else 0}.000",
                    "TYLE_TT_DV": "100",
                    "MA_GIUONG": service.bed,
                    "NGUOI_THUC_HIEN": TECHNICIAN,
                    "MA_BENH": self.visit.main,
                    "NGAY_YL": minute(ordered),
                    "NGAY_TH_YL": minute(ordered + timedelta(minutes=5)),
                    "NGAY_KQ": minute(finished) if service.results else "",
                }
            )
            results.extend(
                {
                    "MA_LK": self.visit.code,
                    "STT": str(len(results) + offset),
                    "MA_DICH_VU": service.code,
                    "MA_CHI_SO": result.code,
                    "TEN_CHI_SO": result.name,
                    "GIA_TRI": result.value,
                    "DON_VI_DO": result.unit,
                    "MO_TA": result.description,
                    "KET_LUAN": result.conclusion,
                    "NGAY_KQ": minute(finished),
                    "MA_BS_DOC_KQ": TECHNICIAN,
                }
                for offset, result in enumerate(service.results, 1)
            )
        return rows, results

    def notes(self) -> list[Row]:
        first = self.visit.arrived_at + timedelta(minutes=15)
        step = (self.visit.left_at - first) / max(len(self.visit.notes), 1)
        return [
            {
                "MA_LK": self.visit.code,
                "STT": str(number + 1),
                "DIEN_BIEN_LS": text,
                "THOI_DIEM_DBLS": minute(first + number * step),
                "NGUOI_THUC_HIEN": DOCTOR,
            }
            for number, text in enumerate(self.visit.notes)
        ]

    def summary(self) -> Row:
        visit, person, card = self.visit, self.visit.person, self.visit.person.insurance
        sums = self.sums
        return patient_fields(person) | {
            "MA_LK": visit.code,
            "STT": "1",
            "MA_BN": f"BN{visit.facility}{person.personal_id[-5:]}",
            "SO_CCCD": person.personal_id,
            "MATINH_CU_TRU": person.commune.province_code,
            "MAHUYEN_CU_TRU": "000",
            "MAXA_CU_TRU": person.commune.code,
            "DIEN_THOAI": person.phone,
            "MA_DKBD": card.facility_code if card else "",
            "GT_THE_TU": day(card.valid_from) if card else "",
            "GT_THE_DEN": day(card.valid_to) if card else "",
            "LY_DO_VV": visit.reason,
            "CHAN_DOAN_VAO": f"Theo dõi {visit.diagnosis[0].lower()}{visit.diagnosis[1:]}",
            "CHAN_DOAN_RV": visit.diagnosis,
            "MA_BENH_CHINH": visit.main,
            "MA_BENH_KT": visit.others,
            "MA_DOITUONG_KCB": visit.route if card else "9",
            "MA_NOI_DI": visit.came_from,
            "MA_NOI_DEN": visit.sent_to,
            "MA_TAI_NAN": "0",
            "NGAY_VAO": minute(visit.arrived_at),
            "NGAY_VAO_NOI_TRU": minute(visit.arrived_at + timedelta(minutes=30))
            if is_inpatient(visit)
            else "",
            "NGAY_RA": minute(visit.left_at),
            "GIAY_CHUYEN_TUYEN": visit.paper_shown,
            "SO_NGAY_DTRI": str(treatment_days(visit)),
            "PP_DIEU_TRI": visit.treatment,
            "KET_QUA_DTRI": visit.outcome,
            "MA_LOAI_RV": "2" if visit.sent_to else "1",
            "GHI_CHU": visit.advice,
            "NGAY_TTOAN": minute(visit.left_at + timedelta(minutes=25)),
            "T_THUOC": _money(sums.drugs),
            "T_VTYT": "0",
            "T_TONGCHI_BV": _money(sums.all),
            "T_TONGCHI_BH": _money(sums.insured),
            "T_BNTT": _money(sums.all - sums.insured),
            "T_BNCCT": _money(sums.shared),
            "T_BHTT": _money(sums.insured - sums.shared),
            "T_NGUONKHAC": "0",
            "T_BHTT_GDV": _money(sums.insured - sums.shared),
            "NAM_QT": str(visit.left_at.year),
            "THANG_QT": f"{visit.left_at.month:02d}",
            "MA_LOAI_KCB": visit.care_type,
            "MA_KHOA": visit.department,
            "MA_CSKCB": visit.facility,
            "CAN_NANG": visit.weight,
            "NGAY_TAI_KHAM": day(visit.come_back_on) if visit.come_back_on else "",
            "MA_HSBA": f"HSBA-{visit.code}",
            "MA_TTDV": HEAD_NUMBER,
        }


def patient_fields(person: Person) -> dict[str, str]:
    """Return the fields about the person that several tables share."""
    return {
        "HO_TEN": person.name.upper(),
        "NGAY_SINH": f"{day(person.born_on)}0000",
        "GIOI_TINH": "1" if person.sex == "male" else "2",
        "MA_QUOCTICH": "000",
        "MA_DANTOC": "01",
        "MA_NGHE_NGHIEP": "00000",
        "DIA_CHI": person.full_address,
        "MA_THE_BHYT": person.insurance.card if person.insurance else "",
    }


def write_visit(visit: Visit) -> FacilityDossier:
    """Return the dossier of a visit: XML1–XML5 as far as there is something in them, then its papers."""
    writer = _Writer(visit)
    drugs = writer.drugs()
    services, results = writer.services()
    tables = {
        "XML1": [writer.summary()],
        "XML2": drugs,
        "XML3": services,
        "XML4": results,
        "XML5": writer.notes(),
        **visit.more,
    }
    return FacilityDossier({name: rows for name, rows in tables.items() if rows})
