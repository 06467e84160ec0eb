"""The national payment platform, as its client: open an intent, ask what became of it, read its notices.

Source: field names `MaTraCuuTT … DSKhoanNop[]` and results 0, -1, 1 of the portal's payment adapters, read in
public code of provincial products. `UrlThongBao`, `UrlQuayLai`, `MaGiaoDich` and `SoTien` are our names for
what those products pass in other ways; the real platform's agreement replaces them here and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import httpx2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

PlatformResult = Literal["paid", "failed", "pending"]
_NO_SUCH_INTENT = -2
_RESULTS: dict[int, PlatformResult] = {0: "paid", -1: "failed", 1: "pending"}
TIMEOUT = httpx2.Timeout(connect=1.0, read=3.0, write=2.0, pool=1.0)


class OutcomeUnknown(Exception):
    """The platform may or may not have done it: no answer, an error of its own, or half an answer."""


class PlatformRefused(Exception):
    """The platform understood and refuses: the intent does not exist there."""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One fee of a payment, as the payer sees it."""

    code: str
    label: str
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class Intent:
    """What the platform is asked to collect. `lookup_code` is the idempotency key."""

    lookup_code: str
    case_code: str
    kind: str
    lines: Sequence[PaymentLine]
    payer_name: str
    notice_url: str
    return_url: str

    @property
    def amount_vnd(self) -> int:
        return sum(line.amount_vnd for line in self.lines)


class PaymentNotice(BaseModel):
    """What the platform tells of one payment, as a notice or as the answer to a question."""

    model_config = ConfigDict(populate_by_name=True, extra="ignore", strict=True, frozen=True)

    lookup_code: str = Field(
        alias="MaTraCuuTT",
        min_length=1,
        max_length=80,
        description="Look-up code of the payment.",
        examples=["G18-20261123-000000120261123103000"],
    )
    reference: str = Field(
        alias="MaGiaoDich",
        max_length=80,
        description="The platform's own number of the transaction.",
        examples=["SBX-000000000017"],
    )
    amount_vnd: int = Field(
        alias="SoTien", ge=0, le=10**13, description="Amount paid, in VND.", examples=[200000]
    )
    error_code: Literal[0, -1, 1] = Field(description="0 paid, -1 failed, 1 still under way.", examples=[0])

    pay_url: str | None = Field(
        None, alias="UrlThanhToan", max_length=2000, description="The payment page, while it can be paid."
    )

    @property
    def result(self) -> PlatformResult:
        return _RESULTS[self.error_code]


class PlatformClient:
    """Speaks to the platform over the caller's HTTP client."""

    def __init__(self, http: httpx2.AsyncClient, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    async def open_intent(self, intent: Intent) -> str:
        """Return the address of the payment page. Idempotent by look-up code.

        Raises:
            OutcomeUnknown: the intent may exist; ask later.
            PlatformRefused: it does not.
        """
        body = {
            "MaTraCuuTT": intent.lookup_code,
            "MaDichVu": intent.kind,
            "MaHoSo": intent.case_code,
            "PhiLePhi": [
                {"MaPhiLePhi": line.code, "TenPhiLePhi": line.label, "SoTien": line.amount_vnd}
                for line in intent.lines
            ],
            "DSKhoanNop": [{"NoiDung": line.label, "SoTien": line.amount_vnd} for line in intent.lines],
            "SoTien": intent.amount_vnd,
            "NoiDungThanhToan": f"Nộp phí hồ sơ {intent.case_code}",
            "HoTenNguoiNop": intent.payer_name,
            "UrlThongBao": intent.notice_url,
            "UrlQuayLai": intent.return_url,
        }
        answer = await self._send("POST", "/intents", json=body)
        if answer.get("error_code") != 0:
            raise PlatformRefused(str(answer.get("message", ""))[:200])
        url = answer.get("UrlThanhToan")
        if not isinstance(url, str):
            raise OutcomeUnknown("no address in the answer")
        return url

    async def find(self, lookup_code: str) -> PaymentNotice | None:
        """Return what the platform knows of a payment, None when it knows none. Raises: OutcomeUnknown."""
        answer = await self._send("GET", f"/intents/{lookup_code}")
        if answer.get("error_code") == _NO_SUCH_INTENT and answer.get("MaTraCuuTT") == lookup_code:
            return None
        try:
            notice = PaymentNotice.model_validate(answer)
        except ValidationError as failure:
            raise OutcomeUnknown("the answer cannot be read") from failure
        if notice.lookup_code != lookup_code:
            raise OutcomeUnknown("the answer is about another payment")
        return notice

    async def _send(self, method: str, path: str, json: object = None) -> dict[str, object]:
        try:
            answer = await self._http.request(method, self._base_url + path, json=json, timeout=TIMEOUT)
            if answer.status_code >= 500:
                raise OutcomeUnknown(f"status {answer.status_code}")
            document = answer.json()
        except (httpx2.HTTPError, ValueError) as failure:
            raise OutcomeUnknown(type(failure).__name__) from failure
        if not isinstance(document, dict):
            raise OutcomeUnknown("the answer is no object")
        return document
