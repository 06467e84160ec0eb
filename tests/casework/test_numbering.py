"""Numbers without a gap while transactions run at once and some of them fail."""

import asyncio
import random
from collections.abc import Callable
from datetime import date

import pytest

from casework.numbering import certificate_number, dossier_code, next_number, result_code
from chassis.db import Database
from tests.support.waiting import until


class Undone(Exception):
    pass


async def take(database: Database, *, fails: bool = False, period: str = "2026") -> int:
    async with database.transaction() as db:
        number = await next_number(db, "certificate", period)
        if fails:
            raise Undone
        return number


async def test_numbers_have_no_gap_when_many_ask_at_once_and_some_fail(database: Database) -> None:
    chances = random.Random(7)
    asked = [take(database, fails=chances.random() < 0.4) for _ in range(120)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    taken = [answer for answer in answers if isinstance(answer, int)]

    assert any(isinstance(answer, Undone) for answer in answers)
    assert sorted(taken) == list(range(1, len(taken) + 1))
    assert len(taken) + sum(isinstance(answer, Undone) for answer in answers) == 120


async def test_first_number_that_is_undone_is_given_again(database: Database) -> None:
    with pytest.raises(Undone):
        await take(database, fails=True)

    assert [await take(database), await take(database)] == [1, 2]


async def test_second_waits_for_the_first_and_takes_what_it_gave_back(database: Database) -> None:
    begun, undo = asyncio.Event(), asyncio.Event()

    async def take_and_give_back() -> None:
        async with database.transaction() as db:
            assert await next_number(db, "certificate", "2026") == 1
            begun.set()
            await undo.wait()
            raise Undone

    first = asyncio.create_task(take_and_give_back())
    await begun.wait()
    second = asyncio.create_task(take(database))
    await until(lambda: somebody_waits(database))
    undo.set()

    with pytest.raises(Undone):
        await first
    assert await second == 1


async def somebody_waits(database: Database) -> bool:
    async with database.connection() as connection:
        return bool(await connection.fetchval("select exists (select from pg_locks where not granted)"))


async def test_periods_and_series_count_apart(database: Database) -> None:
    assert [await take(database), await take(database, period="2027"), await take(database)] == [1, 1, 2]
    async with database.transaction() as db:
        assert await next_number(db, "dossier", "2026") == 1


def test_national_formats() -> None:
    assert dossier_code("G18", date(2026, 11, 23), 1) == "G18-20261123-0000001"
    assert dossier_code("G09.20", date(2026, 6, 9), 92637) == "G09.20-20260609-0092637"
    assert result_code("G18", 42) == "KQ.G18.000042"
    assert certificate_number("H26", 2026, 7) == "LLTP-H26-2026-0000007"


@pytest.mark.parametrize(
    "make",
    [
        lambda: dossier_code("G18", date(2026, 1, 1), 10_000_000),
        lambda: dossier_code("G18", date(2026, 1, 1), 0),
        lambda: dossier_code("../G18", date(2026, 1, 1), 1),
        lambda: result_code("G18", 1_000_000),
        lambda: certificate_number("", 2026, 1),
        lambda: certificate_number("H26\n", 2026, 1),
    ],
)
def test_what_does_not_fit_the_format_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(ValueError, match=r"fit|agency"):
        make()
