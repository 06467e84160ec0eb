"""Files that are stored together share a transaction, and never one another's fate."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.health_book.conftest import Book
from tests.health_book.factories import make_dossier, make_file

POISON = "POISON"


@pytest.fixture
async def poisoned(book: Book) -> AsyncIterator[Book]:
    """A database that cannot store one visit code, as a constraint nobody foresaw would."""
    await book.rows.execute(
        "create function refuse_poison() returns trigger language plpgsql as $$ begin"
        f" if new.facility_visit_code = '{POISON}' then raise exception using errcode = '22000'; end if;"
        " return new; end $$"
    )
    await book.rows.execute(
        "create trigger poison before insert on visits for each row execute function refuse_poison()"
    )
    yield book
    await book.rows.execute("drop trigger poison on visits; drop function refuse_poison")


async def test_files_that_arrive_together_share_transactions(book: Book) -> None:
    files = [make_file(make_dossier(f"LK{n}")) for n in range(40)]

    answers = await asyncio.gather(*(book.submit(file) for file in files))

    assert {answer.json()["accepted"] for answer in answers} == {1}
    codes = [answer.json()["visits"][0]["facility_visit_code"] for answer in answers]
    assert codes == [f"LK{n}" for n in range(40)]  # each got its own receipt
    transactions = await book.rows.fetchval("select count(distinct xmin::text) from visits")
    assert transactions < 40


async def test_file_that_cannot_be_stored_takes_nobody_with_it(poisoned: Book) -> None:
    codes = [POISON if n == 5 else f"LK{n}" for n in range(12)]

    answers = await asyncio.gather(*(poisoned.submit(make_file(make_dossier(code))) for code in codes))

    assert [answer.status_code for answer in answers] == [422 if code == POISON else 201 for code in codes]
    assert answers[5].json()["rejected"][0]["code"] == "not_storable"
    assert await poisoned.count("visits") == await poisoned.count("visit_claims") == 11
    assert await poisoned.count("submissions") == 11


@pytest.mark.parametrize("count", [3, 120])
async def test_dossier_that_cannot_be_stored_takes_no_other_of_its_file_with_it(
    poisoned: Book, count: int
) -> None:
    dossiers = [make_dossier(POISON if n == 1 else f"LK{n}") for n in range(count)]

    receipt = (await poisoned.submit(make_file(*dossiers))).json()

    assert receipt["accepted"] == count - 1
    assert [(r["dossier"], r["code"]) for r in receipt["rejected"]] == [(2, "not_storable")]
    assert await poisoned.count("visits") == count - 1
    again = await poisoned.client.get(
        f"/v1/facility-submissions/{receipt['id']}", headers=poisoned.facility()
    )
    assert again.json() == receipt


async def test_each_event_carries_the_trace_of_its_own_request(book: Book) -> None:
    traces = [f"{n:032x}" for n in range(1, 9)]
    headers = [{"traceparent": f"00-{trace}-00000000000000aa-01"} for trace in traces]

    await asyncio.gather(
        *(book.submit(make_file(make_dossier(f"LK{n}")), headers=headers[n]) for n in range(8))
    )

    rows = await book.rows.fetch(
        "select o.traceparent, v.facility_visit_code as code from outbox o"
        " join visits v on v.visit_id::text = o.aggregate_id"
    )
    assert {row["code"]: row["traceparent"].split("-")[1] for row in rows} == {
        f"LK{n}": traces[n] for n in range(8)
    }
