"""Papers that go with a visit: discharge and record summary (XML7, XML8), transfer (XML13), slip (XML14)."""

from deploy.sandbox.samples.envelope import Row
from deploy.sandbox.samples.visit import Visit, day, minute
from deploy.sandbox.samples.writer import DOCTOR, HEAD, HEAD_NUMBER, patient_fields

_SHARED = ("HO_TEN", "NGAY_SINH", "GIOI_TINH", "DIA_CHI", "MA_THE_BHYT")


def _times(visit: Visit) -> dict[str, str]:
    return {"NGAY_VAO": minute(visit.arrived_at), "NGAY_RA": minute(visit.left_at)}


def _card_end(visit: Visit) -> str:
    return day(visit.person.insurance.valid_to) if visit.person.insurance else ""


def appointment(visit: Visit, number: str) -> Row:
    """Return the re-examination slip (XML14) of a visit that says when to come back."""
    if visit.come_back_on is None:
        raise ValueError("the visit names no day to come back")
    person = {key: value for key, value in patient_fields(visit.person).items() if key in _SHARED}
    return (
        person
        | _times(visit)
        | {
            "MA_LK": visit.code,
            "SO_GIAYHEN_KL": number,
            "MA_CSKCB": visit.facility,
            "GT_THE_DEN": _card_end(visit),
            "NGAY_HEN_KL": f"{day(visit.come_back_on)}0730",
            "CHAN_DOAN_RV": visit.diagnosis,
            "MA_BENH_CHINH": visit.main,
            "MA_BENH_KT": visit.others,
            "MA_DOITUONG_KCB": visit.route,
            "MA_BAC_SI": DOCTOR,
            "MA_TTDV": HEAD_NUMBER,
            "NGAY_CT": day(visit.left_at.date()),
        }
    )


def transfer(visit: Visit, number: str, *, signs: str, course: str, results: str, advice: str) -> Row:
    """Return the transfer paper (XML13, shape of QĐ 3176) of a visit that sends the person on."""
    return (
        patient_fields(visit.person)
        | _times(visit)
        | {
            "MA_LK": visit.code,
            "SO_HOSO": f"HS{number}",
            "SO_CHUYENTUYEN": number,
            "GIAY_CHUYEN_TUYEN": f"{visit.facility}-{number}",
            "MA_CSKCB": visit.facility,
            "MA_CSKCB_DI": visit.facility,
            "MA_CSKCB_DEN": visit.sent_to,
            "GT_THE_DEN": _card_end(visit),
            "DAU_HIEU_LS": signs,
            "CHAN_DOAN_RV": visit.diagnosis,
            "QT_BENHLY": course,
            "TOMTAT_KQ": results,
            "PP_DIEUTRI": visit.treatment,
            "MA_BENH_CHINH": visit.main,
            "MA_BENH_KT": visit.others,
            "TINH_TRANG_CT": "Tỉnh, tiếp xúc tốt",
            "MA_LOAI_RV": "2",
            "MA_LYDO_CT": "1",
            "HUONG_DIEU_TRI": advice,
            "PHUONGTIEN_VC": "Tự túc",
            "MA_BAC_SI": DOCTOR,
            "MA_TTDV": HEAD_NUMBER,
        }
    )


def discharge(visit: Visit, number: str, *, mother: str) -> Row:
    """Return the discharge paper (XML7); a child's names the mother."""
    return _times(visit) | {
        "MA_LK": visit.code,
        "SO_LUU_TRU": number,
        "MA_YTE": f"BN{visit.facility}{visit.person.personal_id[-5:]}",
        "MA_KHOA_RV": visit.department,
        "CHAN_DOAN_RV": visit.diagnosis,
        "PP_DIEUTRI": visit.treatment,
        "GHI_CHU": visit.advice,
        "MA_TTDV": HEAD_NUMBER,
        "MA_BS": DOCTOR,
        "TEN_BS": HEAD,
        "NGAY_CT": day(visit.left_at.date()),
        "HO_TEN_ME": mother,
    }


def record_summary(visit: Visit, *, course: str, results: str, guardian: str) -> Row:
    """Return the summary of the record (XML8); a child's names the guardian."""
    return _times(visit) | {
        "MA_LK": visit.code,
        "MA_LOAI_KCB": visit.care_type,
        "HO_TEN_ME": guardian,
        "NGUOI_GIAM_HO": guardian,
        "CHAN_DOAN_VAO": f"Theo dõi {visit.diagnosis[0].lower()}{visit.diagnosis[1:]}",
        "CHAN_DOAN_RV": visit.diagnosis,
        "QT_BENHLY": course,
        "TOMTAT_KQ": results,
        "PP_DIEUTRI": visit.treatment,
        "KET_QUA_DTRI": visit.outcome,
        "MA_TTDV": HEAD_NUMBER,
        "NGAY_CT": day(visit.left_at.date()),
    }
