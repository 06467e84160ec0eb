"""What the sandbox remembers across restarts, in one SQLite file.

SQLite and not JSON files: a kill in the middle of a write loses nothing, and no server has to start first.
Calls take microseconds on a local file, so they are made straight from the event loop.
"""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opentelemetry import trace

from chassis import telemetry

JOURNAL_KEPT = 1000

_TABLES = """
create table if not exists settings (key text primary key, value text not null);
create table if not exists register_changes (personal_id text primary key, patch text not null);
create table if not exists journal (
    id integer primary key,
    occurred_at text not null,
    peer text not null,
    kind text not null,
    facts text not null
);
"""


class State:
    """Settings, changes of the population register, and the journal of what the peers received."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        self._file.execute("pragma journal_mode = wal")
        self._file.execute("pragma synchronous = normal")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        self._file.close()

    def get(self, key: str, default: Any = None) -> Any:  # JSON value of the caller's own choosing
        row = self._file.execute("select value from settings where key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def put(self, key: str, value: Any) -> None:  # JSON value of the caller's own choosing
        self._file.execute("insert or replace into settings values (?, ?)", (key, json.dumps(value)))

    def patches(self) -> dict[str, dict[str, Any]]:
        """Return what was changed of each person: personal number → changed fields, in JSON form."""
        return {row[0]: json.loads(row[1]) for row in self._file.execute("select * from register_changes")}

    def put_patch(self, personal_id: str, patch: Mapping[str, Any]) -> None:
        values = (personal_id, json.dumps(patch, ensure_ascii=False))
        self._file.execute("insert or replace into register_changes values (?, ?)", values)

    def record(self, peer: str, kind: str, **facts: Any) -> None:
        """Write down that `peer` received something, in whose trace; only the last 1,000 entries are kept."""
        trace_id = telemetry.trace_id_of(trace.get_current_span())
        if trace_id is not None:
            facts["trace_id"] = trace_id
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        cursor = self._file.execute(
            "insert into journal (occurred_at, peer, kind, facts) values (?, ?, ?, ?)",
            (at, peer, kind, json.dumps(facts, ensure_ascii=False)),
        )
        if (cursor.lastrowid or 0) % 100 == 0:
            self._file.execute("delete from journal where id <= ?", ((cursor.lastrowid or 0) - JOURNAL_KEPT,))

    def journal(self, limit: int, peer: str | None = None) -> list[dict[str, Any]]:
        """Return the newest entries first."""
        rows = self._file.execute(
            "select id, occurred_at, peer, kind, facts from journal"
            " where ?1 is null or peer = ?1 order by id desc limit ?2",
            (peer, limit),
        )
        return [
            {"id": id_, "occurred_at": at, "peer": peer_, "kind": kind, "facts": json.loads(facts)}
            for id_, at, peer_, kind, facts in rows
        ]
