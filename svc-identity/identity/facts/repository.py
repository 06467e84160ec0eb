"""Queries of `facts`, each with a whole batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from chassis.access_log import INSERT_SQL, AccessEntry, row

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_PEOPLE = """
select citizen_id, state, name, born_on, sex, personal_id_ciphertext, register_facts_ciphertext,
    register_facts_at
from people where citizen_id = any($1::uuid[])
"""
_ORGANISATIONS = """
select organisation_id, tax_code, name, address, representative_citizen_id
from organisations where organisation_id = any($1::uuid[]) or tax_code = any($2::text[])
"""


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """A person as stored; `born_on` is `YYYY-MM-DD`, `YYYY` or `None`."""

    citizen_id: UUID
    state: str
    name: str
    born_on: str | None
    sex: str
    personal_id_ciphertext: bytes | None
    register_facts_ciphertext: bytes | None
    register_facts_at: datetime | None


class FactsRepository:
    """People and organisations by id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find_people(self, citizen_ids: Sequence[UUID]) -> dict[UUID, StoredPerson]:
        """Return the people that exist, by id."""
        rows = await self._connection.fetch(_PEOPLE, citizen_ids)
        return {found["citizen_id"]: StoredPerson(**dict(found)) for found in rows}

    async def find_organisations(
        self, organisation_ids: Sequence[UUID], tax_codes: Sequence[str]
    ) -> dict[UUID, dict[str, Any]]:
        """Return the columns of the organisations that exist under either, by id."""
        rows = await self._connection.fetch(_ORGANISATIONS, organisation_ids, tax_codes)
        return {found["organisation_id"]: dict(found) for found in rows}

    async def set_register_facts(self, citizen_id: UUID, ciphertext: bytes, now: datetime) -> None:
        """Keep what the register has said of a person, in place of what it said before."""
        await self._connection.execute(
            "update people set register_facts_ciphertext = $2, register_facts_at = $3 where citizen_id = $1",
            citizen_id,
            ciphertext,
            now,
        )

    async def record(self, entries: Sequence[AccessEntry]) -> None:
        """Add access entries in the reader's transaction."""
        await self._connection.executemany(INSERT_SQL, [row(entry) for entry in entries])
