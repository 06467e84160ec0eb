"""The parts of papers alone, in one process: typst and pyHanko print and sign, pyHanko verifies."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from casework.seals import FileSeals, read_roots
from casework.signatures import verify_now
from casework.signing import DocumentSigner, Signature
from casework.slips import Plain, SlipPrinter
from judicial_record.certificates.paper import CERTIFICATE
from judicial_record.certificates.service import LEADER_FIELD, SEAL_FIELD

OFFICE = "lltp-ha-noi"
_DATA: dict[str, Plain] = {
    "title": "Phiếu lý lịch tư pháp số 1",
    "parent": "Công an thành phố Hà Nội",
    "agency": "Phòng Hồ sơ nghiệp vụ",
    "number": "0001/2026/G01-LLTP",
    "code": "0000-0000-0000-0000",
    "issued_day": "ngày 01 tháng 11 năm 2026",
    "issued_on": {"year": 2026, "month": 11, "day": 1},
    "legal_ground": "Căn cứ Luật Lý lịch tư pháp",
    "name": "Nguyễn Văn Mẫu",
    "sex": "Nam",
    "born": "01/01/1990",
    "nationality": "Việt Nam",
    "residence": "Số 1 đường Mẫu",
    "personal_id": "001090000001",
    "purpose": "Xin việc làm",
    "conclusion": "Không có án tích",
    "convictions": [],
    "bans": "",
    "verify_address": "http://127.0.0.1/verify",
    "office_title": "Người có thẩm quyền",
    "signer": "Người ký",
}


def print_and_sign(seals: Path, verify_qr: str, seconds: float) -> float:
    """Return certificates per second, printed and signed twice, without time stamps, number or database."""
    printer, signer = SlipPrinter(), DocumentSigner(FileSeals(seals), time_stamping_url=None)
    signatures = (
        Signature(f"{OFFICE}.leader", LEADER_FIELD, "Cấp Phiếu lý lịch tư pháp", certify=True),
        Signature(f"{OFFICE}.seal", SEAL_FIELD, "Đóng dấu cơ quan cấp Phiếu"),
    )

    def once() -> None:
        printed = printer.render(CERTIFICATE, _DATA | {"verify_qr": verify_qr})
        asyncio.run(signer.sign(printed, *signatures))

    try:
        return _repeat(once, seconds)
    finally:
        signer.close()


def verify(pdf: bytes, roots: Path, seconds: float) -> float:
    """Return verifications of one file per second by pyHanko alone, each of both signatures and stamps."""
    known = read_roots(roots)
    return _repeat(lambda: verify_now(pdf, known), seconds)


def _repeat(once: Callable[[], object], seconds: float) -> float:
    once()
    began, done = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        once()
        done += 1
    return done / (time.monotonic() - began)
