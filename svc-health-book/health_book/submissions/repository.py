"""Queries of the intake, on raw asyncpg: this is the hot path (docs/decisions/0004-claim-tables.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

RECORD_VISIT = (
    "select visit_id, version, outcome, citizen_id, is_first from record_visit("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
)

FIND_SUBMISSION = (
    "select submission_id, sha256, received_at, media_type, original, receipt::text as receipt"
    " from submissions where facility_code = $1 and submission_id = $2"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one dossier. Outcomes: recorded, superseded, unchanged, unlinked, other_person."""

    position: int
    facility_visit_code: str
    visit_id: UUID | None
    version: int
    outcome: str
    citizen_id: UUID | None
    is_first: bool

    @property
    def is_unlinked(self) -> bool:
        return self.outcome == "unlinked"


@dataclass(frozen=True, slots=True)
class Submission:
    """One file as kept; `original` is encrypted, `receipt` missing while the file is being worked on."""

    submission_id: UUID
    sha256: bytes
    received_at: datetime
    media_type: str
    original: bytes
    receipt: dict[str, Any] | None


async def claim_submission(
    connection: Connection,
    *,
    facility_code: str,
    submission_id: UUID,
    sha256: bytes,
    received_at: datetime,
    client_id: str,
    size_bytes: int,
    media_type: str,
    original: bytes,
) -> UUID:
    """Return the id of this file: the given one, or that of the first time it was sent.

    Holds the file until the transaction ends, so that the same file sent twice at once is worked on in turn.
    """
    found: UUID = await connection.fetchval(
        "insert into submissions (facility_code, submission_id, sha256, received_at, client_id, size_bytes,"
        " media_type, original) values ($1, $2, $3, $4, $5, $6, $7, $8)"
        " on conflict (facility_code, sha256) do update set client_id = excluded.client_id"
        " returning submission_id",
        facility_code,
        submission_id,
        sha256,
        received_at,
        client_id,
        size_bytes,
        media_type,
        original,
    )
    return found


async def keep_receipt(
    connection: Connection, facility_code: str, submission_id: UUID, receipt: dict[str, Any]
) -> None:
    """Keep the receipt of the first time; a later sending of the same file does not replace it."""
    await connection.execute(
        "update submissions set receipt = $3::text::jsonb"
        " where facility_code = $1 and submission_id = $2 and receipt is null",
        facility_code,
        submission_id,
        orjson.dumps(receipt).decode(),
    )


async def drop_submission(connection: Connection, facility_code: str, submission_id: UUID) -> None:
    """Forget a file of which nothing was taken."""
    await connection.execute(
        "delete from submissions where facility_code = $1 and submission_id = $2 and receipt is null",
        facility_code,
        submission_id,
    )


async def find_submission(
    connection: Connection, facility_code: str, submission_id: UUID
) -> Submission | None:
    """Return a facility's own submission."""
    row = await connection.fetchrow(FIND_SUBMISSION, facility_code, submission_id)
    if row is None:
        return None
    values = dict(row)
    values["receipt"] = orjson.loads(row["receipt"]) if row["receipt"] else None
    return Submission(**values)


async def record_visits(
    connection: Connection, visits: Sequence[tuple[int, str, tuple[Any, ...]]]
) -> list[Kept]:
    """Take visits, given as (position, visit code, arguments of `record_visit`), in order of the visit code.

    The order is the same in every file, so that two files with the same visits never wait for each other in a
    circle.
    """
    ordered = sorted(visits, key=lambda visit: visit[1])
    rows = await connection.fetchmany(RECORD_VISIT, [arguments for _, _, arguments in ordered])
    return [
        Kept(position, code, *row.values()) for (position, code, _), row in zip(ordered, rows, strict=True)
    ]


async def find_claims(
    connection: Connection, facility_code: str, visit_codes: Sequence[str]
) -> dict[str, asyncpg.Record]:
    """Return the claims that exist of a facility's visit codes; reads only."""
    rows = await connection.fetch(
        "select facility_visit_code, visit_id, version, digest, is_closed, citizen_id from visit_claims"
        " where facility_code = $1 and facility_visit_code = any($2::text[])",
        facility_code,
        visit_codes,
    )
    return {row["facility_visit_code"]: row for row in rows}
