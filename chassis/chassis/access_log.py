"""Who read, or tried to read, whose data: the trace that the person sees.

An allowed reading is traced in the reader's own transaction: no trace, no reading. A refusal is traced in a
transaction of its own and before the refusal is raised, since the reader's transaction is rolled back.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from opentelemetry import trace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Database
from chassis.ids import new_id

COLUMNS = (
    "citizen_id",
    "id",
    "occurred_at",
    "actor_kind",
    "actor_subject",
    "actor_role",
    "actor_organisation",
    "purpose",
    "legal_ground",
    "sections",
    "outcome",
    "reason",
    "resource",
    "trace_id",
)
INSERT_SQL = (
    f"insert into access_entries ({', '.join(COLUMNS)})"  # noqa: S608
    f" values ({', '.join(f'${n}' for n in range(1, len(COLUMNS) + 1))})"
)
"""For raw asyncpg: `await connection.execute(INSERT_SQL, *row(entry))`."""

_INSERT = text(
    f"insert into access_entries ({', '.join(COLUMNS)})"  # noqa: S608
    f" values ({', '.join(':' + name for name in COLUMNS)})"
)

PARENT = "parent by the population register"
"""Legal ground of a parent who acts for a child."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One reading, or attempt. `citizen_id` is the person whose data it is, the rest says by whom and why.

    `resource` names what was asked for by opaque ids only (`visits/018f…`); `sections` are the parts
    that were shown, empty for a refusal; `reason` is the code of the refusal.
    """

    citizen_id: UUID
    actor_kind: str
    actor_subject: str
    actor_role: str | None
    actor_organisation: str | None
    purpose: str
    legal_ground: str
    sections: tuple[str, ...]
    outcome: Literal["allowed", "refused"]
    resource: str
    reason: str | None = None


def row(entry: AccessEntry) -> tuple[object, ...]:
    """Return the values of one row in the order of `COLUMNS`, with a new id and the real time in UTC."""
    context = trace.get_current_span().get_span_context()
    return (
        entry.citizen_id,
        new_id(),
        datetime.now(UTC),
        entry.actor_kind,
        entry.actor_subject,
        entry.actor_role,
        entry.actor_organisation,
        entry.purpose,
        entry.legal_ground,
        list(entry.sections),
        entry.outcome,
        entry.reason,
        entry.resource,
        trace.format_trace_id(context.trace_id) if context.is_valid else None,
    )


async def record(db: AsyncSession, entry: AccessEntry) -> UUID:
    """Add `entry` in the reader's transaction; return its id."""
    values = row(entry)
    await db.execute(_INSERT, dict(zip(COLUMNS, values, strict=True)))
    entry_id = values[1]
    assert isinstance(entry_id, UUID)  # noqa: S101
    return entry_id


async def record_refusal(database: Database, entry: AccessEntry) -> None:
    """Add and commit `entry` at once; call it before raising the refusal.

    On the connection beside the pool: the reader still holds one of the pool, and may not wait for another.
    """
    if entry.outcome != "refused":
        raise ValueError("only a refusal is committed apart from its reader")
    await database.side.execute(INSERT_SQL, *row(entry))
