"""What stands on each national slip, as typed values; texts in Vietnamese, as the circular prints them.

Source: names and fields of the slips of Circular 01/2018/TT-VPCP as listed in docs/sources.md; the receipt,
the supplement request and the refusal are named in Decree 216/2026/NĐ-CP, art. 23. The fields are general
knowledge and not read from the circular, so a value that is empty is left out and never a reason to refuse.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import ClassVar

from casework.qr import svg
from casework.slips import FOLDER, Plain
from chassis.clock import LEGAL_ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What every slip names. `issued_at` and all instants are aware; they are printed in Việt Nam time."""

    template: ClassVar[Path]
    agency: str
    code: str
    applicant: str
    procedure: str
    officer: str
    issued_at: datetime

    def data(self) -> dict[str, Plain]:
        """Return the values of the template, for `SlipPrinter.render(slip.template, slip.data())`."""
        day = self.issued_at.astimezone(LEGAL_ZONE).date()
        return {
            "agency": self.agency,
            "code": self.code,
            "applicant": self.applicant,
            "procedure": self.procedure,
            "officer": self.officer,
            "issued_day": day_in_words(day),
            "issued_on": {"year": day.year, "month": day.month, "day": day.day},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Slip):
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả (form 01)."""

    template: ClassVar[Path] = FOLDER / "templates" / "receipt.typ"
    received_at: datetime
    due_at: datetime
    due_rule: str = ""
    address: str = ""
    phone: str = ""
    papers: tuple[tuple[str, int], ...] = ()
    """Name and number of copies of each paper, in the order handed in."""
    return_channel: str = ""
    fee_vnd: int | None = None
    lookup_url: str = ""

    def data(self) -> dict[str, Plain]:
        return Slip.data(self) | {
            "address": self.address,
            "phone": self.phone,
            "papers": [[str(n), name, str(count)] for n, (name, count) in enumerate(self.papers, 1)],
            "received_at": instant_in_words(self.received_at),
            "due_at": due_in_words(self.due_at),
            "due_rule": self.due_rule,
            "return_channel": self.return_channel,
            "fee": "" if self.fee_vnd is None else money(self.fee_vnd),
            "lookup_url": self.lookup_url,
            "lookup_qr": svg(self.lookup_url) if self.lookup_url else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementRequest(Slip):
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (form 02): one complete list per round."""

    template: ClassVar[Path] = FOLDER / "templates" / "supplement_request.typ"
    round_number: int
    items: tuple[tuple[str, str], ...]
    """What to add, and why."""
    add_by: date | None = None
    contact: str = ""
    lookup_url: str = ""

    def data(self) -> dict[str, Plain]:
        return Slip.data(self) | {
            "round": str(self.round_number),
            "items": [[str(n), what, why] for n, (what, why) in enumerate(self.items, 1)],
            "add_by": "" if self.add_by is None else f"{self.add_by:%d/%m/%Y}",
            "contact": self.contact,
            "lookup_url": self.lookup_url,
            "lookup_qr": svg(self.lookup_url) if self.lookup_url else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Slip):
    """Phiếu từ chối tiếp nhận giải quyết hồ sơ (form 03)."""

    template: ClassVar[Path] = FOLDER / "templates" / "refusal.typ"
    title: str = "Phiếu từ chối tiếp nhận giải quyết hồ sơ"
    reason: str
    legal_basis: str

    def data(self) -> dict[str, Plain]:
        return Slip.data(self) | {
            "title": self.title,
            "reason": self.reason,
            "legal_basis": self.legal_basis,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Apology(Slip):
    """Phiếu xin lỗi và hẹn lại ngày trả kết quả (form 04); `officer` is who signs it."""

    template: ClassVar[Path] = FOLDER / "templates" / "apology.typ"
    old_due_at: datetime
    new_due_at: datetime
    reason: str

    def data(self) -> dict[str, Plain]:
        return Slip.data(self) | {
            "old_due": due_in_words(self.old_due_at),
            "new_due": due_in_words(self.new_due_at),
            "reason": self.reason,
        }


def day_in_words(day: date) -> str:
    """Return `ngày 23 tháng 11 năm 2026`; days and the first two months are written with two digits."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def instant_in_words(instant: datetime) -> str:
    """Return `16 giờ 30 phút, ngày 23/11/2026` in Việt Nam time; the instant is aware."""
    local = instant.astimezone(LEGAL_ZONE)
    return f"{local.hour:02} giờ {local.minute:02} phút, ngày {local:%d/%m/%Y}"


def due_in_words(due_at: datetime) -> str:
    """Return until when, in Việt Nam time: `hết ngày 03/12/2026` where it ends at midnight, else the instant.

    A due day is kept as its exclusive end, which printed as it is would name the day after.
    """
    local = due_at.astimezone(LEGAL_ZONE)
    if local.time() == time(0):
        return f"hết ngày {local - timedelta(days=1):%d/%m/%Y}"
    return instant_in_words(due_at)


def money(amount_vnd: int) -> str:
    """Return `200.000 đồng`."""
    return f"{amount_vnd:,}".replace(",", ".") + " đồng"
