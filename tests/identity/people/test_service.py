"""Resolution on a real database: one number, one person, whatever happens at once."""

import asyncio
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from chassis.db import Database
from identity.people.papers import Paper, PaperKind
from identity.people.rules import Finding
from identity.people.schemas import PersonIn
from identity.people.service import PeopleService, Resolution
from tests.identity.factories import person_item, random_personal_id


@pytest.fixture
def people(client: httpx2.AsyncClient, app: FastAPI) -> PeopleService:
    service: PeopleService = app.state.people
    return service


async def resolve(people: PeopleService, *items: dict[str, Any]) -> list[Resolution]:
    return await people.resolve([PersonIn.model_validate(item) for item in items])


async def count(database: Database, table: str) -> int:
    async with database.connection() as connection:
        found: int = await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
        return found


async def test_an_unknown_number_becomes_an_unconfirmed_person(people: PeopleService) -> None:
    (answer,) = await resolve(people, person_item())

    assert answer.state == "unconfirmed"
    assert answer.citizen_id is not None


async def test_asking_again_answers_the_same_person(people: PeopleService, database: Database) -> None:
    (first,) = await resolve(people, person_item())
    (second,) = await resolve(people, person_item(ref="other", name="nguyen van an"))

    assert (second.citizen_id, second.ref) == (first.citizen_id, "other")
    assert await count(database, "people") == 1


async def test_answers_come_in_the_order_asked(people: PeopleService) -> None:
    items = [person_item(ref=str(n), personal_id=f"00108500{n:04d}") for n in range(50)]

    answers = await resolve(people, *items)

    assert [answer.ref for answer in answers] == [str(n) for n in range(50)]
    assert len({answer.citizen_id for answer in answers}) == 50


async def test_one_person_twice_in_a_batch_is_one(people: PeopleService, database: Database) -> None:
    first, second = await resolve(people, person_item(), person_item(ref="1", name="NGUYỄN VĂN AN"))

    assert first.citizen_id == second.citizen_id
    assert await count(database, "paper_claims") == 1


async def test_a_second_description_in_a_batch_is_held_to_the_first(people: PeopleService) -> None:
    _, second = await resolve(people, person_item(), person_item(ref="1", name="Trần Thị Bình"))

    assert (second.state, second.citizen_id) == ("conflict", None)


async def test_another_name_under_a_known_number_is_a_conflict(people: PeopleService) -> None:
    await resolve(people, person_item())

    (answer,) = await resolve(people, person_item(name="Trần Thị Bình", sex="female"))

    assert (answer.state, answer.citizen_id, answer.reason) == ("conflict", None, Finding.NAME_DIFFERS)


async def test_a_small_difference_is_the_same_person_with_a_warning(people: PeopleService) -> None:
    (first,) = await resolve(people, person_item())

    (answer,) = await resolve(people, person_item(born_on="1985-12-03"))

    assert answer.citizen_id == first.citizen_id
    assert answer.warnings == (Finding.BIRTH_DIFFERS,)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (person_item(personal_id=None), Finding.NO_USABLE_PAPER),
        (person_item(personal_id="00108500001"), Finding.NUMBER_MALFORMED),
        (person_item(personal_id="00108500001X"), Finding.NUMBER_MALFORMED),
        (person_item(name="  "), Finding.NO_NAME),
        (
            person_item(personal_id=None, other_papers=[{"kind": "old_id", "number": "012345678"}]),
            Finding.PAPER_UNKNOWN,
        ),
        (person_item(personal_id=None, insurance_card="DN4010012345678"), Finding.PAPER_UNKNOWN),
    ],
)
async def test_papers_that_do_not_suffice_enter_nobody(
    people: PeopleService, database: Database, item: dict[str, Any], reason: Finding
) -> None:
    (answer,) = await resolve(people, item)

    assert (answer.state, answer.citizen_id, answer.reason) == ("insufficient", None, reason)
    assert await count(database, "people") == 0


async def test_a_bad_item_does_not_lose_the_good_ones(people: PeopleService) -> None:
    answers = await resolve(people, person_item(personal_id="x"), person_item(ref="1"))

    assert [answer.state for answer in answers] == ["insufficient", "unconfirmed"]


async def test_an_old_number_finds_the_person_it_belongs_to(
    people: PeopleService, app: FastAPI, database: Database
) -> None:
    (known,) = await resolve(people, person_item())
    key = app.state.vault.key(Paper(PaperKind.OLD_ID, "012345678"))
    async with database.connection() as connection:
        await connection.execute(
            "insert into paper_claims values ($1, $2, $3, now())",
            key.kind.value,
            key.blind_index,
            known.citizen_id,
        )

    papers = [{"kind": "old_id", "number": "012 345 678"}]
    (answer,) = await resolve(people, person_item(personal_id=None, other_papers=papers))

    assert answer.citizen_id == known.citizen_id


async def test_an_unreadable_birth_is_ignored_and_said(people: PeopleService) -> None:
    (answer,) = await resolve(people, person_item(born_on="1985-02-31"))

    assert answer.citizen_id is not None
    assert Finding.BIRTH_UNREADABLE in answer.warnings


async def test_twenty_batches_at_once_make_one_person_of_each_number(
    people: PeopleService, database: Database
) -> None:
    """Each batch holds the same people in another order, which would deadlock without one order of claims."""
    numbers = list({random_personal_id() for _ in range(40)})
    batches = [numbers[n:] + numbers[:n] for n in range(20)]

    answers = await asyncio.gather(
        *(
            resolve(people, *(person_item(ref=number, personal_id=number) for number in batch))
            for batch in batches
        )
    )

    found: dict[str, set[Any]] = {number: set() for number in numbers}
    for batch in answers:
        for answer in batch:
            found[answer.ref].add(answer.citizen_id)
    assert all(len(ids) == 1 and None not in ids for ids in found.values())
    assert await count(database, "people") == len(numbers)
    assert await count(database, "paper_claims") == len(numbers)


async def test_the_number_is_not_in_the_database_and_comes_back_out(
    people: PeopleService, app: FastAPI, database: Database
) -> None:
    (answer,) = await resolve(people, person_item())

    async with database.connection() as connection:
        row = await connection.fetchrow("select people.*, people::text as whole from people")
    assert row is not None
    assert "001085000017" not in row["whole"]
    assert app.state.vault.open(row["personal_id_ciphertext"], answer.citizen_id) == "001085000017"


async def test_the_database_refuses_a_second_owner_of_a_paper(
    people: PeopleService, database: Database
) -> None:
    await resolve(people, person_item())

    async with database.connection() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(
                "insert into paper_claims"
                " select kind, blind_index, gen_random_uuid(), now() from paper_claims"
            )


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "dead"), ("sex", "x"), ("born_on", "12/3/1985"), ("language", "fr"), ("name", "")],
)
async def test_the_database_refuses_impossible_people(
    people: PeopleService, database: Database, column: str, value: str
) -> None:
    await resolve(people, person_item())

    async with database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(f"update people set {column} = $1", value)  # noqa: S608 - our own names


async def test_the_application_role_has_no_ddl(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table mine (id int)")


async def test_looking_people_up_touches_one_partition_each(database: Database) -> None:
    async with database.connection() as connection:
        plan = await connection.fetch(
            "explain select * from people where citizen_id = '01a205f3-8966-7485-8fab-9d39f289881b'"
        )

    assert sum("on people_" in row[0] for row in plan) == 1
