"""Who a dossier says its patient is: asked of identity, and kept encrypted beside the visit."""

from dataclasses import dataclass
from typing import Any

from health_book.submissions.tables import Row
from health_book.submissions.values import born_on, codes, instant

Json = dict[str, Any]  # Any: JSON members

_SEXES = {"1": "male", "2": "female", "3": "unknown"}


@dataclass(frozen=True, slots=True)
class Patient:
    """Who a dossier says its patient is; held encrypted, and asked of identity."""

    personal_id: str | None
    other_papers: tuple[tuple[str, str], ...]
    insurance_card: str | None
    name: str
    born_on: str | None
    sex: str
    administrative: Json

    @property
    def question(self) -> Json:
        """Return what identity is asked, without the reference."""
        return {
            "personal_id": self.personal_id,
            "other_papers": [{"kind": kind, "number": number} for kind, number in self.other_papers],
            "insurance_card": self.insurance_card,
            "name": self.name,
            "born_on": self.born_on,
            "sex": self.sex,
        }


def patient_of(summary: Row) -> Patient:
    """Return who the dossier says its patient is."""
    get = summary.get
    paper = "".join(get("SO_CCCD", "").split()).upper()
    personal_id = paper if len(paper) == 12 and paper.isascii() and paper.isdigit() else None
    other: tuple[tuple[str, str], ...] = ()
    if paper and personal_id is None:
        is_old = len(paper) == 9 and paper.isascii() and paper.isdigit()
        other = (("old_id" if is_old else "passport", paper),)
    cards = codes(get("MA_THE_BHYT"))
    return Patient(
        personal_id=personal_id,
        other_papers=other,
        insurance_card=cards[-1] if cards else None,
        name=get("HO_TEN", ""),
        born_on=born_on(get("NGAY_SINH")),
        sex=_SEXES.get(get("GIOI_TINH", "3"), "unknown"),
        administrative={
            "name": get("HO_TEN"),
            "personal_id": personal_id,
            "other_paper": None if personal_id else paper or None,
            "born_on": born_on(get("NGAY_SINH")),
            "sex": _SEXES.get(get("GIOI_TINH", "3"), "unknown"),
            "nationality_code": get("MA_QUOCTICH"),
            "ethnic_group_code": get("MA_DANTOC"),
            "occupation_code": get("MA_NGHE_NGHIEP"),
            "address": get("DIA_CHI"),
            "province_code": get("MATINH_CU_TRU"),
            "commune_code": get("MAXA_CU_TRU"),
            "phone": get("DIEN_THOAI"),
            "blood_group": get("NHOM_MAU"),
            "insurance_cards": cards,
            "registered_facility_codes": codes(get("MA_DKBD")),
            "insured_from": [instant(day) for day in codes(get("GT_THE_TU"))],
            "insured_until": [instant(day) for day in codes(get("GT_THE_DEN"))],
        },
    )
