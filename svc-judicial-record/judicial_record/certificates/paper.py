"""What is printed on a certificate and on an interim status; pure functions over what was applied for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from casework.qr import svg
from casework.slip_forms import day_in_words, due_in_words, instant_in_words
from casework.slips import Plain
from chassis.clock import LEGAL_ZONE
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.reference import Office, procedure_of, status_words
from judicial_record.applications.vault import Holder

Json = dict[str, Any]  # Any: JSON members
TEMPLATES = Path(__file__).parent / "templates"
CERTIFICATE = TEMPLATES / "certificate.typ"
INTERIM_STATUS = TEMPLATES / "interim_status.typ"

NO_CONVICTION = "Không có án tích"
CONVICTED = "Có án tích"
_SEX = {"male": "Nam", "female": "Nữ"}
_PENALTIES = {
    "warning": "Cảnh cáo",
    "fine": "Phạt tiền",
    "non_custodial_reform": "Cải tạo không giam giữ",
    "suspended_prison": "Phạt tù cho hưởng án treo",
    "prison": "Tù có thời hạn",
    "life": "Tù chung thân",
    "death_commuted": "Tử hình, đã được ân giảm",
    "expulsion": "Trục xuất",
    "operation_suspended": "Đình chỉ hoạt động",
    "none": "Miễn hình phạt",
    "supervision": "Quản chế",
    "residence_ban": "Cấm cư trú",
    "post_ban": "Cấm đảm nhiệm chức vụ",
    "profession_ban": "Cấm hành nghề hoặc làm công việc nhất định",
    "civic_rights": "Tước một số quyền công dân",
    "confiscation": "Tịch thu tài sản",
    "capital_ban": "Cấm huy động vốn",
}
_BANS = frozenset({"post_ban", "profession_ban", "capital_ban"})
_STATUSES = {
    "not_expunged": "Chưa được xóa án tích",
    "expunged": "Đã được xóa án tích",
    "never_counted": "Không bị coi là có án tích",
}
_GROUND = "Luật Lý lịch tư pháp 28/2009/QH12 (sửa đổi theo Luật 107/2025/QH15), Nghị định 216/2026/NĐ-CP"


def verification_address(public_url: str, number: str, code: str) -> str:
    """Return where the QR code leads: the page that asks about this very certificate."""
    return f"{public_url.rstrip('/')}/verify?{urlencode({'number': number, 'code': code})}"


def certificate_data(
    row: ApplicationRow,
    holder: Holder,
    office: Office,
    content: Sequence[Json],
    *,
    number: str,
    code: str,
    signer: str,
    public_url: str,
    issued_at: datetime,
) -> Mapping[str, Plain]:
    """Return the values of the certificate's template; `content` is what it shows, after expungement."""
    day = issued_at.astimezone(LEGAL_ZONE).date()
    return {
        "title": f"Phiếu lý lịch tư pháp số {row.form}",
        "parent": office.name["vi"],
        "agency": office.unit["vi"],
        "number": number,
        "code": code,
        "issued_day": day_in_words(day),
        "issued_on": {"year": day.year, "month": day.month, "day": day.day},
        "legal_ground": f"Căn cứ {_GROUND}",
        "name": holder.name,
        "sex": _SEX.get(holder.sex, ""),
        "born": birth_of(holder),
        "nationality": "Việt Nam" if holder.nationality == "VN" else holder.nationality,
        "residence": holder.residence or "",
        "personal_id": holder.personal_id,
        "purpose": holder.purpose,
        "conclusion": conclusion_of(content),
        "convictions": [_conviction(n, one) for n, one in enumerate(content, 1)],
        "bans": bans_of(content) if row.include_bans else "",
        "verify_qr": svg(verification_address(public_url, number, code)),
        "verify_address": f"{public_url.rstrip('/')}/verify",
        "office_title": "Người có thẩm quyền",
        "signer": signer,
    }


def shown_to_verifiers(holder: Holder, content: Sequence[Json], form: int) -> Json:
    """Return what a verifier sees of a valid certificate: never more than the paper itself says.

    Form 2 is for its holder alone, and nobody may demand it: its verifiers learn that it is genuine.
    Source: Law 107/2025/QH15 (nobody may demand form 2); the choice of fields is ours, decision 0024.
    """
    if form == 2:
        return {}
    return {
        "name": holder.name,
        "born_on": None if holder.is_year_only else holder.born_on.isoformat(),
        "birth_year": holder.born_on.year,
        "personal_id_ending": holder.personal_id[-3:],
        "has_convictions": conclusion_of(content) == CONVICTED,
    }


def interim_status_data(
    row: ApplicationRow, holder: Holder, office: Office, *, now: datetime
) -> Mapping[str, Plain]:
    """Return the values of the interim status: where the case stands and nothing about any conviction."""
    day = now.astimezone(LEGAL_ZONE).date()
    return {
        "parent": office.name["vi"],
        "agency": office.unit["vi"],
        "code": row.code,
        "name": holder.name,
        "procedure": procedure_of(row.form).procedure_name,
        "submitted": instant_in_words(row.submitted_at or row.created_at),
        "status": status_words()[row.status].label["vi"],
        "due": "" if row.due_at is None else due_in_words(row.due_at),
        "is_overdue": row.overdue_at is not None,
        "confirmed": instant_in_words(now),
        "issued_day": day_in_words(day),
        "issued_on": {"year": day.year, "month": day.month, "day": day.day},
    }


def conclusion_of(content: Sequence[Json]) -> str:
    """Return the words of the certificate; on form 2 judgments that no longer count are no conviction."""
    return CONVICTED if any(one["status"] == "not_expunged" for one in content) else NO_CONVICTION


def bans_of(content: Sequence[Json]) -> str:
    """Return the bans that are still to be served, in words."""
    found = [
        _penalty(penalty)
        for one in content
        for penalty in one.get("additional", ())
        if penalty["kind"] in _BANS and not penalty.get("done_on")
    ]
    return "; ".join(found) or "Không có thông tin trong cơ sở dữ liệu"


def birth_of(holder: Holder) -> str:
    """Return the birth as papers write it, the year alone where no day is known."""
    return str(holder.born_on.year) if holder.is_year_only else f"{holder.born_on:%d/%m/%Y}"


def _conviction(index: int, one: Json) -> list[str]:
    judgment = f"Số {one.get('judgment_number', '')}, {_day(one.get('judged_on'))}, {one.get('court', '')}"
    crimes = "; ".join(
        crime["name"] + (f" (Điều {crime['article']})" if crime.get("article") else "")
        for crime in one.get("crimes", ())
    )
    penalties = [_penalty(one["principal"])] if one.get("principal") else []
    penalties += [_penalty(penalty) for penalty in one.get("additional", ())]
    status = _STATUSES.get(one.get("status", ""), "")
    if one.get("expunged_on"):
        status += f" ({_day(one['expunged_on'])})"
    return [str(index), judgment, crimes, "; ".join(penalties), status]


def _penalty(penalty: Json) -> str:
    kind = str(penalty.get("kind", ""))
    months = penalty.get("months")
    return _PENALTIES.get(kind, kind) + (f" {months} tháng" if months else "")


def _day(iso: str | None) -> str:
    return "" if not iso else "/".join(reversed(iso[:10].split("-")))
