"""Queries of the book. Each names the citizen, so that each touches one partition (tests prove it)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Each part goes its own way over the index of the citizen's one partition, so that a book of a thousand
# visits opens about as fast as one of ten: only the conditions look at every visit, and not at its documents.
BOOK = """
select
    (select count(*) from visits where citizen_id = $1) as visit_count,
    coalesce((
        select json_agg(overview order by started_at desc, visit_id desc)
        from (
            select overview, started_at, visit_id from visits
            where citizen_id = $1 order by started_at desc, visit_id desc limit 5
        ) latest
    ), '[]'::json)::text as latest_visits,
    coalesce((
        select json_agg(
            json_build_object(
                'code', code, 'text', text, 'first_seen_at', first_seen_at, 'last_seen_at', last_seen_at,
                'visit_count', visit_count, 'latest_visit_id', latest_visit_id)
            order by last_seen_at desc, code)
        from (
            select condition_code as code, count(*) as visit_count,
                min(started_at) as first_seen_at, max(started_at) as last_seen_at,
                (array_agg(condition_text order by started_at desc, visit_id desc))[1] as text,
                (array_agg(visit_id order by started_at desc, visit_id desc))[1] as latest_visit_id
            from visits where citizen_id = $1 and condition_code is not null group by condition_code
        ) conditions
    ), '[]'::json)::text as conditions,
    newest.patient, newest.facility_code, newest.facility_visit_code
from (select 1) one
left join (
    select patient, facility_code, facility_visit_code from visits
    where citizen_id = $1 order by started_at desc, visit_id desc limit 1
) newest on true
"""

PAGE_FIRST = """
select started_at, visit_id, overview::text as overview from visits
where citizen_id = $1
order by started_at desc, visit_id desc limit $2
"""

PAGE_AFTER = """
select started_at, visit_id, overview::text as overview from visits
where citizen_id = $1 and (started_at, visit_id) < ($3, $4)
order by started_at desc, visit_id desc limit $2
"""

VISIT = """
select version, document::text as document from visits where citizen_id = $1 and visit_id = $2
"""

VERSION = """
select document::text as document from (
    select version, document from visits where citizen_id = $1 and visit_id = $2
    union all
    select version, document from visit_versions where citizen_id = $1 and visit_id = $2
) versions where version = $3
"""

DOCUMENTS = """
select started_at, visit_id, document::text as document from visits
where citizen_id = $1 and document ->> 'standard' <> $3
    and ($4::timestamptz is null or (started_at, visit_id) < ($4, $5)
        or ($6 and started_at = $4 and visit_id = $5))
order by started_at desc, visit_id desc limit $2
"""

NEWEST_PATIENT = """
select patient, facility_code, facility_visit_code from visits
where citizen_id = $1 order by started_at desc, visit_id desc limit 1
"""

OWNER = "select citizen_id from visit_claims where visit_id = $1"


async def get_book(connection: Connection, citizen_id: UUID) -> asyncpg.Record:
    """Return counts, latest visits, conditions and the encrypted patient of the newest visit, as one row."""
    row = await connection.fetchrow(BOOK, citizen_id)
    assert row is not None  # noqa: S101  (the query starts from a row of its own)
    return row


async def list_overviews(
    connection: Connection, citizen_id: UUID, limit: int, after: tuple[datetime, UUID] | None
) -> list[asyncpg.Record]:
    """Return (started_at, visit_id, overview as JSON text), newest first, at most `limit`."""
    if after is None:
        return await connection.fetch(PAGE_FIRST, citizen_id, limit)
    return await connection.fetch(PAGE_AFTER, citizen_id, limit, *after)


async def find_visit(connection: Connection, citizen_id: UUID, visit_id: UUID) -> asyncpg.Record | None:
    """Return (version, document as JSON text) of a citizen's own visit."""
    return await connection.fetchrow(VISIT, citizen_id, visit_id)


async def find_version(connection: Connection, citizen_id: UUID, visit_id: UUID, version: int) -> str | None:
    """Return one version of a citizen's own visit as JSON text."""
    document: str | None = await connection.fetchval(VERSION, citizen_id, visit_id, version)
    return document


async def find_owner(connection: Connection, visit_id: UUID) -> UUID | None:
    """Return whose visit it is."""
    owner: UUID | None = await connection.fetchval(OWNER, visit_id)
    return owner


async def list_documents(
    connection: Connection,
    citizen_id: UUID,
    limit: int,
    after: tuple[datetime, UUID, bool] | None,
    except_standard: str,
) -> list[asyncpg.Record]:
    """Return (started_at, visit_id, document as JSON text), newest first, of visits in other standards.

    `after` is a visit, and whether the page begins with it.
    """
    return await connection.fetch(
        DOCUMENTS, citizen_id, limit, except_standard, *(after or (None, None, False))
    )


async def find_newest_patient(connection: Connection, citizen_id: UUID) -> asyncpg.Record | None:
    """Return (patient, encrypted; facility_code; facility_visit_code) of the newest visit."""
    return await connection.fetchrow(NEWEST_PATIENT, citizen_id)
