"""What the portal of the sandbox keeps, in the sandbox's SQLite file: what is sent can be read back."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_TABLES = """
create table if not exists dvcqg_sessions (session text primary key);
create table if not exists dvcqg_dossiers (code text primary key, fields text not null, day text not null);
create index if not exists dvcqg_dossiers_day on dvcqg_dossiers (day);
create table if not exists dvcqg_steps (
    id integer primary key,
    code text not null,
    fields text not null
);
create index if not exists dvcqg_steps_code on dvcqg_steps (code, id);
"""

Fields = dict[str, Any]  # Any: strings, and lists and objects of strings


class PortalStore:
    """Sessions, dossiers and rows of progress. A row that is sent twice stands twice, as one would see."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("pragma synchronous = normal")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        self._file.close()

    def open_session(self) -> str:
        session = secrets.token_hex(16)
        self._file.execute("insert into dvcqg_sessions values (?)", (session,))
        return session

    def is_open(self, session: object) -> bool:
        found = self._file.execute("select 1 from dvcqg_sessions where session = ?", (str(session),))
        return found.fetchone() is not None

    def expire_sessions(self) -> int:
        """Let every session end now; return how many there were."""
        return self._file.execute("delete from dvcqg_sessions").rowcount

    def put(self, code: str, fields: Fields) -> None:
        day = fields.get("NgayNopHoSo", "")[:8]
        self._file.execute(
            "insert into dvcqg_dossiers values (?, ?, ?)"
            " on conflict (code) do update set fields = excluded.fields",
            (code, json.dumps(fields, ensure_ascii=False), day),
        )

    def append(self, code: str, rows: Sequence[Fields]) -> None:
        for row in rows:
            self._file.execute(
                "insert into dvcqg_steps (code, fields) values (?, ?)",
                (code, json.dumps(row, ensure_ascii=False)),
            )
            day = str(row.get("ThoiDiemXuLy", ""))[:8]
            self._file.execute("update dvcqg_dossiers set day = max(day, ?) where code = ?", (day, code))

    def find(self, code: str) -> Fields | None:
        """Return `{HoSo, TienDo}` of a dossier."""
        row = self._file.execute("select fields from dvcqg_dossiers where code = ?", (code,)).fetchone()
        if row is None:
            return None
        steps = self._file.execute("select fields from dvcqg_steps where code = ? order by id", (code,))
        return {"HoSo": json.loads(row[0]), "TienDo": [json.loads(one[0]) for one in steps]}

    def forget(self, code: str) -> bool:
        """Lose a dossier, so that a reconciliation has something to find."""
        self._file.execute("delete from dvcqg_steps where code = ?", (code,))
        return self._file.execute("delete from dvcqg_dossiers where code = ?", (code,)).rowcount > 0

    def codes(self, limit: int) -> list[str]:
        """Return the codes of the dossiers last made, newest first."""
        rows = self._file.execute("select code from dvcqg_dossiers order by rowid desc limit ?", (limit,))
        return [row[0] for row in rows]

    def list_day(self, day: str) -> list[Fields]:
        """Return `{MaHoSo, Digest}` of each dossier whose last change was on a day (`yyyyMMdd`)."""
        rows = self._file.execute("select code from dvcqg_dossiers where day = ? order by code", (day,))
        return [{"MaHoSo": code, "Digest": digest_of(self.find(code) or {})} for (code,) in rows.fetchall()]


def digest_of(dossier: Fields) -> str:
    """Return SHA-256 in hexadecimal over the canonical JSON of a dossier and its rows."""
    text = json.dumps(dossier, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
