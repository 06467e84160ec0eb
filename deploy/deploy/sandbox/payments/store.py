"""The platform's intents and the notices that it still owes, kept across restarts."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["waiting", "paid", "failed"]

_TABLES = """
create table if not exists payment_intents (
    code text primary key,
    request text not null,
    status text not null default 'waiting',
    reference text not null,
    paid_vnd integer not null default 0
);
create table if not exists payment_notices (
    id integer primary key,
    code text not null,
    due_at real not null,
    attempts integer not null default 0
);
"""


class Row(BaseModel):
    """One sum of an intent."""

    model_config = ConfigDict(extra="ignore")

    label: str = Field(alias="NoiDung", max_length=500)
    amount_vnd: int = Field(alias="SoTien", ge=0)


class IntentIn(BaseModel):
    """What a caller asks the platform to collect."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    code: str = Field(alias="MaTraCuuTT", min_length=15, max_length=80, pattern=r"^[A-Za-z0-9.\-]+$")
    case_code: str = Field(alias="MaHoSo", min_length=1, max_length=60)
    amount_vnd: int = Field(alias="SoTien", gt=0, le=10**12)
    rows: list[Row] = Field(alias="DSKhoanNop", min_length=1, max_length=100)
    content: str = Field("", alias="NoiDungThanhToan", max_length=500)
    payer_name: str = Field("", alias="HoTenNguoiNop", max_length=255)
    notice_url: str = Field(alias="UrlThongBao", max_length=500)
    return_url: str = Field(alias="UrlQuayLai", max_length=500)


class Stored(BaseModel):
    """An intent and what became of it."""

    intent: IntentIn
    status: Status
    reference: str
    paid_vnd: int


class IntentStore:
    """Intents by look-up code, in the sandbox's own SQLite file."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.executescript(_TABLES)

    def close(self) -> None:
        self._file.close()

    def add(self, intent: IntentIn) -> bool:
        """Keep a new intent; False when this code asks for something else already."""
        text = intent.model_dump_json(by_alias=True)
        self._file.execute(
            "insert or ignore into payment_intents (code, request, reference) values (?, ?,"
            " 'SBX' || printf('%012d', (select count(*) + 1 from payment_intents)))",
            (intent.code, text),
        )
        kept = self.find(intent.code)
        return kept is not None and kept.intent == intent

    def find(self, code: str) -> Stored | None:
        row = self._file.execute(
            "select request, status, reference, paid_vnd from payment_intents where code = ?", (code,)
        ).fetchone()
        if row is None:
            return None
        return Stored(
            intent=IntentIn.model_validate_json(row[0]), status=row[1], reference=row[2], paid_vnd=row[3]
        )

    def settle(self, code: str, status: Status, paid_vnd: int) -> bool:
        """Write down a payment; False when the intent was settled before."""
        changed = self._file.execute(
            "update payment_intents set status = ?, paid_vnd = ? where code = ? and status = 'waiting'",
            (status, paid_vnd, code),
        )
        return changed.rowcount == 1

    def newest(self, limit: int) -> Sequence[dict[str, Any]]:
        """Return the newest intents first, without the payer's name."""
        rows = self._file.execute(
            "select code, request, status, reference, paid_vnd from payment_intents"
            " order by rowid desc limit ?",
            (limit,),
        )
        return [
            {
                "MaTraCuuTT": code,
                "MaHoSo": (asked := json.loads(request))["MaHoSo"],
                "SoTien": asked["SoTien"],
                "status": status,
                "MaGiaoDich": reference,
                "paid_vnd": paid,
            }
            for code, request, status, reference, paid in rows
        ]

    def owe_notice(self, code: str, due_at: float) -> None:
        """Remember that a notice is to be sent at `due_at` (seconds since 1970)."""
        self._file.execute("insert into payment_notices (code, due_at) values (?, ?)", (code, due_at))

    def owed_notices(self) -> list[tuple[int, str, float, int]]:
        """Return id, code, instant and attempts so far of each notice owed, earliest first."""
        return list(
            self._file.execute("select id, code, due_at, attempts from payment_notices order by due_at, id")
        )

    def forget_notice(self, notice_id: int) -> None:
        self._file.execute("delete from payment_notices where id = ?", (notice_id,))

    def put_off_notice(self, notice_id: int, due_at: float) -> None:
        self._file.execute(
            "update payment_notices set due_at = ?, attempts = attempts + 1 where id = ?", (due_at, notice_id)
        )
