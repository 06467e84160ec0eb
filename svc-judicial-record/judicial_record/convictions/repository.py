"""Queries on documents, coverage and findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from judicial_record.convictions.coverage import CoverageEntry
from judicial_record.convictions.models import NOBODY, ClaimRow, CoverageRow, FindingRow, RecordRow

Json = dict[str, Any]  # Any: JSON members


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be added; `citizen_id` is `NOBODY` where nobody was named."""

    citizen_id: UUID
    source: str
    state: str
    content: bytes
    person_index: bytes | None
    name_index: bytes | None
    received_at: datetime
    next_attempt_at: datetime | None


class ConvictionRepository:
    """Queries of one unit of work."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def claim(
        self, key_index: bytes, record_id: UUID, citizen_id: UUID, issued_at: datetime, content_index: bytes
    ) -> tuple[ClaimRow, bool]:
        """Return the locked claim of a document and whether it is new, made with these values."""
        made = await self._db.scalar(
            upsert(ClaimRow)
            .values(
                key_index=key_index,
                record_id=record_id,
                citizen_id=citizen_id,
                version=1,
                issued_at=issued_at,
                content_index=content_index,
            )
            .on_conflict_do_nothing()
            .returning(ClaimRow.record_id)
        )
        claim = await self._db.scalar(
            select(ClaimRow).where(ClaimRow.key_index == key_index).with_for_update()
        )
        if claim is None:
            raise LookupError("a claim is never deleted")
        return claim, made is not None

    async def add(self, record_id: UUID, version: int, new: NewVersion) -> None:
        """Add the version that holds from now on."""
        await self._db.execute(
            insert(RecordRow).values(
                citizen_id=new.citizen_id,
                record_id=record_id,
                version=version,
                source=new.source,
                is_current=True,
                state=new.state,
                content=new.content,
                person_index=new.person_index,
                name_index=new.name_index,
                received_at=new.received_at,
                attempts=0,
                next_attempt_at=new.next_attempt_at,
            )
        )

    async def retire(self, record_id: UUID, citizen_id: UUID) -> None:
        """Let the version that held until now be history."""
        await self._db.execute(
            update(RecordRow)
            .where(RecordRow.citizen_id == citizen_id, RecordRow.record_id == record_id, RecordRow.is_current)
            .values(is_current=False, next_attempt_at=None)
        )

    async def list_current(self, citizen_id: UUID) -> Sequence[RecordRow]:
        """Return a person's documents as they hold, in the order received."""
        found = await self._db.scalars(
            select(RecordRow)
            .where(RecordRow.citizen_id == citizen_id, RecordRow.is_current)
            .order_by(RecordRow.record_id)
        )
        return found.all()

    async def count_unlinked(self, person_index: bytes | None, name_index: bytes | None) -> int:
        """Return how many documents without their person could concern somebody."""
        matches = [
            column == value
            for column, value in ((RecordRow.person_index, person_index), (RecordRow.name_index, name_index))
            if value is not None
        ]
        if not matches:
            return 0
        count = await self._db.scalar(
            select(func.count()).where(
                RecordRow.citizen_id == NOBODY,
                RecordRow.is_current,
                RecordRow.state != "organisation",
                or_(*matches),
            )
        )
        return count or 0

    async def list_due(self, now: datetime, limit: int) -> Sequence[RecordRow]:
        """Return documents whose person is to be asked for again, the longest waiting first."""
        found = await self._db.scalars(
            select(RecordRow)
            .where(RecordRow.citizen_id == NOBODY, RecordRow.is_current, RecordRow.next_attempt_at <= now)
            .order_by(RecordRow.next_attempt_at)
            .limit(limit)
        )
        return found.all()

    async def link(self, record_id: UUID, citizen_id: UUID) -> None:
        """Put every version of a document that waited under its citizen; the claim is locked first."""
        await self._db.execute(
            update(ClaimRow).where(ClaimRow.record_id == record_id).values(citizen_id=citizen_id)
        )
        await self._db.execute(
            update(RecordRow)
            .where(RecordRow.citizen_id == NOBODY, RecordRow.record_id == record_id)
            .values(citizen_id=citizen_id, state="linked", next_attempt_at=None)
        )

    async def postpone(self, record_id: UUID, version: int, state: str, next_attempt_at: datetime) -> None:
        """Note an attempt that named nobody."""
        await self._db.execute(
            update(RecordRow)
            .where(
                RecordRow.citizen_id == NOBODY,
                RecordRow.record_id == record_id,
                RecordRow.version == version,
                RecordRow.is_current,
            )
            .values(state=state, attempts=RecordRow.attempts + 1, next_attempt_at=next_attempt_at)
        )

    async def coverage(self) -> Mapping[str, CoverageRow]:
        """Return what each source told last, by its code."""
        found = await self._db.scalars(
            select(CoverageRow)
            .ext(distinct_on(CoverageRow.source))
            .order_by(CoverageRow.source, CoverageRow.version.desc())
        )
        return {row.source: row for row in found}

    async def add_coverage(self, source: str, version: int, entries: list[Json], told_at: datetime) -> bool:
        """Add what a source tells now; False when another request was first with this version."""
        made = await self._db.scalar(
            upsert(CoverageRow)
            .values(source=source, version=version, entries=entries, told_at=told_at)
            .on_conflict_do_nothing()
            .returning(CoverageRow.version)
        )
        return made is not None

    async def list_findings(self, citizen_id: UUID) -> Sequence[FindingRow]:
        found = await self._db.scalars(
            select(FindingRow).where(FindingRow.citizen_id == citizen_id).order_by(FindingRow.finding_id)
        )
        return found.all()


def read_entries(row: CoverageRow) -> list[CoverageEntry]:
    """Return what a source told, from its JSON."""
    return [
        CoverageEntry(
            kind=one["kind"],
            state=one["state"],
            since=date.fromisoformat(one["since"]),
            until=date.fromisoformat(one["until"]) if one["until"] else None,
            checked_on=date.fromisoformat(one["checked_on"]),
            province_code=one["province_code"],
        )
        for one in row.entries
    ]
