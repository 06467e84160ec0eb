"""Queries of the intake, on raw asyncpg: this is the hot path (docs/decisions/0004-claim-tables.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import orjson

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

RECORD_VISIT = (
    "select visit_id, version, outcome, citizen_id, is_first from record_visit("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
)

CLAIM_SUBMISSION = (
    "insert into submissions (facility_code, submission_id, sha256, received_at, client_id, size_bytes,"
    " media_type, original) values ($1, $2, $3, $4, $5, $6, $7, $8)"
    " on conflict (facility_code, sha256) do update set client_id = excluded.client_id"
    " returning submission_id"
)
FIND_SUBMISSION = (
    "select submission_id, sha256, received_at, media_type, original, receipt::text as receipt"
    " from submissions where facility_code = $1 and submission_id = $2"
)


@dataclass(frozen=True, slots=True)
class VisitArguments:
    """Values of `record_visit` for the dossier at `position`, before and after submission and arrival."""

    position: int
    visit_code: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]


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


class FileRow(Protocol):
    """What a file's row is made of; `submission_id` becomes that of the first time the file was sent."""

    facility_code: str
    client_id: str
    media_type: str
    size_bytes: int
    sha256: bytes
    original: bytes
    received_at: datetime
    submission_id: UUID


FileT = TypeVar("FileT", bound=FileRow)


async def claim_submissions(connection: Connection, files: Sequence[FileRow]) -> None:
    """Give each file its id, which is that of the first time the same file was sent.

    Holds the files until the transaction ends, so that the same file sent twice at once is worked on in turn.
    The order is the same for all, and files come before visits, so that nobody waits in a circle.
    """
    ordered = sorted(files, key=lambda file: (file.facility_code, file.sha256))
    values = [
        (
            file.facility_code,
            file.submission_id,
            file.sha256,
            file.received_at,
            file.client_id,
            file.size_bytes,
            file.media_type,
            file.original,
        )
        for file in ordered
    ]
    for file, row in zip(ordered, await connection.fetchmany(CLAIM_SUBMISSION, values), strict=True):
        file.submission_id = row["submission_id"]


async def keep_receipts(connection: Connection, receipts: Sequence[tuple[str, UUID, str]]) -> None:
    """Keep receipts, given as (facility, submission, JSON text); that of an earlier sending stays."""
    await connection.executemany(
        "update submissions set receipt = $3::text::jsonb"
        " where facility_code = $1 and submission_id = $2 and receipt is null",
        receipts,
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
    connection: Connection, visits: Sequence[tuple[FileT, VisitArguments]]
) -> list[tuple[FileT, Kept]]:
    """Take visits of files whose ids are settled, in the same order for all senders; answer in that order."""
    ordered = sorted(visits, key=lambda visit: (visit[0].facility_code, visit[1].visit_code))
    values = [(*visit.before, file.submission_id, file.received_at, *visit.after) for file, visit in ordered]
    rows = await connection.fetchmany(RECORD_VISIT, values)
    return [
        (file, Kept(visit.position, visit.visit_code, *row.values()))
        for (file, visit), row in zip(ordered, rows, strict=True)
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
