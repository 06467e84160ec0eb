"""Queries of FHIR resources, on raw asyncpg. Each names compartments, so that it touches their partitions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
COLUMNS = (
    "compartment_id, resource_type, resource_id, version, facility_code, visit_id, happened_at, tokens,"
    " digest, content, submission_id, received_at"
)

# The update locks the row: who sends the same resource at the same time comes after.
CLAIM = (
    "insert into fhir_claims (facility_code, resource_type, key, resource_id) values ($1, $2, $3, $4)"
    " on conflict (facility_code, resource_type, key) do update set resource_id = fhir_claims.resource_id"
    " returning resource_id"
)
KEEP_VERSIONS = (
    f"with old as (delete from fhir_resources r using unnest($1::uuid[], $2::text[], $3::uuid[])"  # noqa: S608
    f" as gone (compartment_id, resource_type, resource_id) where r.compartment_id = gone.compartment_id"
    f" and r.resource_type = gone.resource_type and r.resource_id = gone.resource_id"
    f" returning r.*) insert into fhir_resource_versions ({COLUMNS}) select {COLUMNS} from old"
)
INSERT = (
    f"insert into fhir_resources ({COLUMNS})"  # noqa: S608
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)
ADDRESS = (
    "insert into fhir_addresses (resource_id, resource_type, facility_code, compartment_id)"
    " values ($1, $2, $3, $4) on conflict (resource_id) do update set compartment_id = $4"
)
PATIENT = (
    "insert into fhir_patients (patient_id, facility_code, citizen_id, question, question_index, state,"
    " next_attempt_at) values ($1, $2, $3, $4, $5, $6, $7)"
    " on conflict (patient_id) do update set citizen_id = coalesce(fhir_patients.citizen_id, $3),"
    " question = $4, question_index = $5, attempts = 0, next_attempt_at = $7,"
    " state = case when fhir_patients.citizen_id is null then $6 else 'linked' end"
    " returning citizen_id"
)


async def claim(connection: Connection, rows: Sequence[tuple[str, str, str, UUID]]) -> list[UUID]:
    """Return whose key each (facility, type, key, proposed id) is, in the order given: a sorted one."""
    return [row["resource_id"] for row in await connection.fetchmany(CLAIM, rows)]


async def settle_claims(connection: Connection, rows: Sequence[tuple[str, str, str, UUID]]) -> None:
    """Let keys mean these ids from now on; the caller holds their claims."""
    await connection.executemany(
        "update fhir_claims set resource_id = $4"
        " where facility_code = $1 and resource_type = $2 and key = $3",
        rows,
    )


async def find_claims(
    connection: Connection, facility_code: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """Return the ids that (type, key) mean at a facility."""
    rows = await connection.fetch(
        "select c.resource_type, c.key, c.resource_id from fhir_claims c"
        " join unnest($2::text[], $3::text[]) as asked (resource_type, key) using (resource_type, key)"
        " where c.facility_code = $1",
        facility_code,
        [kind for kind, _ in keys],
        [key for _, key in keys],
    )
    return {(row["resource_type"], row["key"]): row["resource_id"] for row in rows}


async def find_current(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """Return (compartment_id, resource_type, version, digest, visit_id) of the current versions."""
    rows = await connection.fetch(
        "select r.compartment_id, r.resource_type, r.resource_id, r.version, r.digest, r.visit_id"
        " from fhir_addresses a join fhir_resources r using (compartment_id, resource_type, resource_id)"
        " where a.resource_id = any($1::uuid[])",
        ids,
    )
    return {row["resource_id"]: row for row in rows}


async def find_last_versions(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the highest earlier version of resources that are not current."""
    rows = await connection.fetch(
        "select v.resource_id, max(v.version) as version from fhir_addresses a"
        " join fhir_resource_versions v using (resource_id, resource_type)"
        " where a.resource_id = any($1::uuid[]) group by v.resource_id",
        ids,
    )
    return {row["resource_id"]: row["version"] for row in rows}


async def list_of_visits(connection: Connection, visit_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """Return (compartment_id, resource_type, resource_id) of what belongs to visits."""
    return await connection.fetch(
        "select compartment_id, resource_type, resource_id from fhir_resources"
        " where visit_id = any($1::uuid[]) and resource_type <> 'Encounter'",
        visit_ids,
    )


async def retire(connection: Connection, rows: Sequence[tuple[UUID, str, UUID]]) -> None:
    """Move current rows (compartment, type, id) to the history."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(KEEP_VERSIONS, *columns)


async def find_address(connection: Connection, resource_id: UUID) -> asyncpg.Record | None:
    """Return (resource_id, resource_type, facility_code, compartment_id, citizen_id) of a resource."""
    return await connection.fetchrow(
        "select a.resource_id, a.resource_type, a.facility_code, a.compartment_id, p.citizen_id"
        " from fhir_addresses a"
        " left join fhir_patients p on p.patient_id = a.compartment_id where a.resource_id = $1",
        resource_id,
    )


async def get_content(
    connection: Connection, compartment_id: UUID, kind: str, resource_id: UUID, version: int | None = None
) -> asyncpg.Record | None:
    """Return (facility_code, version, content, received_at, submission_id), current or of one version."""
    columns = "facility_code, version, content, received_at, submission_id"
    where = "where compartment_id = $1 and resource_type = $2 and resource_id = $3"
    if version is None:
        return await connection.fetchrow(
            f"select {columns} from fhir_resources {where}",  # noqa: S608
            compartment_id,
            kind,
            resource_id,
        )
    return await connection.fetchrow(
        f"select {columns} from fhir_resources {where} and version = $4"  # noqa: S608
        f" union all select {columns} from fhir_resource_versions {where} and version = $4",
        compartment_id,
        kind,
        resource_id,
        version,
    )


async def list_patients(connection: Connection, citizen_id: UUID) -> list[UUID]:
    """Return the ids of a citizen's Patient resources."""
    rows = await connection.fetch(
        "select patient_id from fhir_patients where citizen_id = $1 order by patient_id", citizen_id
    )
    return [row["patient_id"] for row in rows]


async def is_sent_with(connection: Connection, compartments: Sequence[UUID], submission_id: UUID) -> bool:
    """Return whether a submission brought something into one of these compartments."""
    found: bool = await connection.fetchval(
        "select exists (select from fhir_resources where compartment_id = any($1::uuid[])"
        " and submission_id = $2)",
        compartments,
        submission_id,
    )
    return found


async def search(
    connection: Connection, where: Sequence[str], values: Sequence[Any], limit: int
) -> list[asyncpg.Record]:
    """Return (resource_id, facility_code, content, citizen_id), newest first.

    `where` are conditions of ours, with numbered places for `values`.
    """
    return await connection.fetch(
        "select resource_id, r.facility_code, content, p.citizen_id from ("  # noqa: S608
        " select compartment_id, resource_id, facility_code, content from fhir_resources"
        f" where {' and '.join(where)} order by resource_id desc limit {limit:d}"
        ") r left join fhir_patients p on p.patient_id = r.compartment_id order by resource_id desc",
        *values,
    )


async def list_due_patients(connection: Connection, now: datetime, limit: int) -> list[asyncpg.Record]:
    """Return (patient_id, question, attempts) of patients whose turn has come to be asked for again."""
    return await connection.fetch(
        "select patient_id, question, attempts from fhir_patients"
        " where state in ('waiting', 'insufficient') and next_attempt_at <= $1"
        " order by next_attempt_at limit $2",
        now,
        limit,
    )


async def settle_patient(
    connection: Connection, patient_id: UUID, citizen_id: UUID | None, state: str, next_attempt_at: datetime
) -> None:
    """Note what identity answered; a citizen that was found meanwhile stays."""
    await connection.execute(
        "update fhir_patients set citizen_id = $2, state = $3, attempts = attempts + 1, next_attempt_at = $4"
        " where patient_id = $1 and citizen_id is null",
        patient_id,
        citizen_id,
        state,
        next_attempt_at,
    )


async def find_own(connection: Connection, facility_code: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the types of those of these resources that the facility sent."""
    rows = await connection.fetch(
        "select resource_id, resource_type from fhir_addresses"
        " where resource_id = any($1::uuid[]) and facility_code = $2",
        ids,
        facility_code,
    )
    return {row["resource_id"]: row["resource_type"] for row in rows}
