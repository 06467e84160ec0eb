"""Queries of `people`, on raw asyncpg: resolution is a hot path and every statement takes a whole batch.

All methods run inside the caller's transaction at READ COMMITTED, which the second look after a lost race
depends on: it must see what the winner has committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from identity.people.papers import PaperKind, Sex
from identity.people.rules import Description

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """A paper as the database knows it."""

    kind: PaperKind
    blind_index: bytes


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as resolution needs one."""

    citizen_id: UUID
    state: str
    description: Description


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be entered, with the paper that they are found by."""

    key: ClaimKey
    citizen_id: UUID
    ciphertext: bytes
    description: Description


@dataclass(frozen=True, slots=True)
class PersonToCheck:
    """An unconfirmed person leased to one worker."""

    citizen_id: UUID
    ciphertext: bytes
    description: Description
    check_count: int


_FIND = """
select c.kind, c.blind_index, p.citizen_id, p.state, p.name, p.born_on, p.sex
from unnest($1::text[], $2::bytea[]) as asked (kind, blind_index)
join paper_claims c on c.kind = asked.kind and c.blind_index = asked.blind_index
join people p on p.citizen_id = c.citizen_id
"""

_ADD = """
with asked as (
    select * from unnest($1::text[], $2::bytea[], $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::text[])
        as t (kind, blind_index, citizen_id, ciphertext, name, born_on, sex)
), claimed as (
    insert into paper_claims (kind, blind_index, citizen_id, claimed_at)
    select kind, blind_index, citizen_id, $8 from asked order by kind, blind_index
    on conflict (kind, blind_index) do nothing
    returning citizen_id
)
insert into people (
    citizen_id, state, name, born_on, sex, personal_id_ciphertext, created_at, updated_at, next_check_at
)
select a.citizen_id, 'unconfirmed', a.name, a.born_on, a.sex, a.ciphertext, $8, $8, $8
from claimed join asked a using (citizen_id)
returning citizen_id
"""

_LEASE = """
with due as (
    select citizen_id from people
    where state = 'unconfirmed' and next_check_at <= $1
    order by next_check_at limit $2 for update skip locked
)
update people p set next_check_at = $3 from due where p.citizen_id = due.citizen_id
returning p.citizen_id, p.personal_id_ciphertext, p.name, p.born_on, p.sex, p.check_count
"""

_CONFIRM = """
update people set state = 'confirmed', name = $2, born_on = $3, sex = $4, updated_at = $5,
    confirmed_at = coalesce(confirmed_at, $5), confirmed_by = $6, next_check_at = null,
    check_outcome = 'found', check_count = least(check_count + 1, 1000), version = version + 1
where citizen_id = $1 and (state <> 'confirmed' or (name, born_on, sex) is distinct from ($2, $3, $4))
"""


class PeopleRepository:
    """People and their papers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, keys: Sequence[ClaimKey]) -> dict[ClaimKey, KnownPerson]:
        """Return the people known under any of the papers."""
        rows = await self._connection.fetch(
            _FIND, [k.kind.value for k in keys], [k.blind_index for k in keys]
        )
        return {
            ClaimKey(PaperKind(row["kind"]), row["blind_index"]): KnownPerson(
                row["citizen_id"], row["state"], _description(row)
            )
            for row in rows
        }

    async def add_unconfirmed(self, people: Sequence[NewPerson], now: datetime) -> set[UUID]:
        """Enter people whose paper nobody has claimed yet; return those entered.

        Who is missing from the answer lost a race: another transaction has claimed the paper and committed.
        Papers are claimed in one order, so that batches with the same people wait for each other in turn
        and never in a circle.
        """
        rows = await self._connection.fetch(
            _ADD,
            [p.key.kind.value for p in people],
            [p.key.blind_index for p in people],
            [p.citizen_id for p in people],
            [p.ciphertext for p in people],
            [p.description.name for p in people],
            [p.description.born_on for p in people],
            [p.description.sex.value for p in people],
            now,
        )
        return {row["citizen_id"] for row in rows}

    async def claim(self, key: ClaimKey, citizen_id: UUID, now: datetime) -> UUID:
        """Attach a paper to a person unless it has an owner; return its owner."""
        await self._connection.execute(
            "insert into paper_claims (kind, blind_index, citizen_id, claimed_at) values ($1, $2, $3, $4)"
            " on conflict (kind, blind_index) do nothing",
            key.kind.value,
            key.blind_index,
            citizen_id,
            now,
        )
        owner: UUID = await self._connection.fetchval(
            "select citizen_id from paper_claims where kind = $1 and blind_index = $2",
            key.kind.value,
            key.blind_index,
        )
        return owner

    async def reclaim(self, key: ClaimKey, owner: UUID, citizen_id: UUID) -> bool:
        """Move a paper from one owner to another; return whether it still was the first one's."""
        done = await self._connection.execute(
            "update paper_claims set citizen_id = $4"
            " where kind = $1 and blind_index = $2 and citizen_id = $3",
            key.kind.value,
            key.blind_index,
            owner,
            citizen_id,
        )
        return done == "UPDATE 1"

    async def add_confirmed(self, person: NewPerson, now: datetime, by: str) -> None:
        """Enter a person whose paper is claimed separately."""
        await self._connection.execute(
            "insert into people (citizen_id, state, name, born_on, sex, personal_id_ciphertext, created_at,"
            " updated_at, confirmed_at, confirmed_by)"
            " values ($1, 'confirmed', $2, $3, $4, $5, $6, $6, $6, $7)",
            person.citizen_id,
            person.description.name,
            person.description.born_on,
            person.description.sex.value,
            person.ciphertext,
            now,
            by,
        )

    async def lease_unconfirmed(self, now: datetime, until: datetime, limit: int) -> list[PersonToCheck]:
        """Return people whose check is due and keep other workers off them until `until`."""
        rows = await self._connection.fetch(_LEASE, now, limit, until)
        return [
            PersonToCheck(
                row["citizen_id"], row["personal_id_ciphertext"], _description(row), row["check_count"]
            )
            for row in rows
        ]

    async def confirm(self, citizen_id: UUID, official: Description, now: datetime, by: str) -> None:
        """Make a person confirmed, under the official name, birth and sex. Idempotent."""
        await self._connection.execute(
            _CONFIRM, citizen_id, official.name, official.born_on, official.sex.value, now, by
        )

    async def set_number(self, citizen_id: UUID, ciphertext: bytes, now: datetime) -> None:
        """Store the personal number that now holds; the claims of earlier ones stay."""
        await self._connection.execute(
            "update people set personal_id_ciphertext = $2, updated_at = $3, version = version + 1"
            " where citizen_id = $1",
            citizen_id,
            ciphertext,
            now,
        )

    async def postpone(self, citizen_id: UUID, outcome: str, next_check_at: datetime) -> None:
        """Note why a person could not be confirmed, and when to ask again."""
        await self._connection.execute(
            "update people set check_outcome = $2, next_check_at = $3,"
            " check_count = least(check_count + 1, 1000)"
            " where citizen_id = $1 and state = 'unconfirmed'",
            citizen_id,
            outcome,
            next_check_at,
        )


def _description(row: Any) -> Description:  # Any: asyncpg.Record is not subscriptable by its stubs
    return Description(row["name"], row["born_on"], Sex(row["sex"]))
