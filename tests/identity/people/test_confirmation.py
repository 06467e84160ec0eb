"""Unconfirmed people meet the population register."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from chassis.clock import Clocks
from chassis.db import Database
from identity.peers.population_register import PopulationRegister
from identity.people.confirmation import Confirmation
from identity.people.schemas import PersonIn
from tests.identity.factories import person_item

Answer = Callable[[httpx2.Request], httpx2.Response]
AN = {
    "personal_id": "001085000017",
    "name": "Nguyễn Văn An",
    "born_on": "1985-03-12",
    "sex": "male",
    "is_alive": True,
}


def found(**overrides: Any) -> Answer:
    return lambda _request: httpx2.Response(200, json={"found": True, "person": {**AN, **overrides}})


@pytest.fixture
async def check(client: httpx2.AsyncClient, app: FastAPI) -> Callable[[Answer], Confirmation]:
    """Make the worker that asks a register which answers as given."""

    def make(answer: Answer) -> Confirmation:
        peer = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
        register = PopulationRegister("http://register.test/look-ups", peer)
        return Confirmation(app.state.database, app.state.vault, app.state.clocks, register)

    await app.state.people.resolve(
        [PersonIn.model_validate(person_item(name="NGUYEN VAN AN", born_on="1985"))]
    )
    return make


async def person(database: Database) -> dict[str, Any]:
    async with database.connection() as connection:
        row = await connection.fetchrow("select * from people")
    assert row is not None
    return dict(row)


async def test_a_person_found_is_confirmed_under_the_official_name(
    check: Callable[[Answer], Confirmation], database: Database
) -> None:
    assert await check(found()).run() == 1

    row = await person(database)
    assert (row["state"], row["name"], row["born_on"]) == ("confirmed", "Nguyễn Văn An", "1985-03-12")
    assert (row["confirmed_by"], row["next_check_at"]) == ("population_register", None)


async def test_a_confirmed_person_is_not_asked_about_again(check: Callable[[Answer], Confirmation]) -> None:
    await check(found()).run()

    assert await check(found(name="Somebody Else")).run() == 0


@pytest.mark.parametrize(
    "unknown",
    [lambda _request: httpx2.Response(200, json={"found": False}), lambda _request: httpx2.Response(404)],
)
async def test_an_unknown_number_waits_and_is_asked_about_later(
    check: Callable[[Answer], Confirmation], database: Database, unknown: Answer
) -> None:
    before = Clocks.real().real_now()

    await check(unknown).run()

    row = await person(database)
    assert (row["state"], row["check_outcome"], row["check_count"]) == ("unconfirmed", "not_found", 1)
    assert row["next_check_at"] >= before + timedelta(minutes=1)


async def test_somebody_else_in_the_register_stays_unconfirmed_for_a_human(
    check: Callable[[Answer], Confirmation], database: Database
) -> None:
    await check(found(name="Trần Thị Bình", sex="female")).run()

    row = await person(database)
    assert (row["state"], row["check_outcome"], row["name"]) == ("unconfirmed", "differs", "NGUYEN VAN AN")


@pytest.mark.parametrize(
    "answer",
    [
        lambda _request: httpx2.Response(500),
        lambda _request: httpx2.Response(200, text="<html>"),
        lambda _request: httpx2.Response(200, json={"found": True}),
        lambda _request: httpx2.Response(200, json=[]),
        lambda _request: httpx2.Response(429),
    ],
)
async def test_a_register_that_fails_changes_nothing_and_is_asked_again(
    check: Callable[[Answer], Confirmation], database: Database, answer: Answer
) -> None:
    assert await check(answer).run() == 0

    row = await person(database)
    assert (row["state"], row["check_outcome"]) == ("unconfirmed", "register_unavailable")
    assert row["next_check_at"] is not None


async def test_workers_at_once_ask_once(check: Callable[[Answer], Confirmation]) -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return found()(request)

    confirmed = await asyncio.gather(*(check(answer).run() for _ in range(5)))

    assert (sum(confirmed), len(asked)) == (1, 1)


async def test_a_long_queue_is_worked_off_in_one_turn(
    check: Callable[[Answer], Confirmation], app: FastAPI
) -> None:
    items = [person_item(ref=str(n), personal_id=f"001085{n:06d}") for n in range(100, 219)]
    await app.state.people.resolve([PersonIn.model_validate(item) for item in items])

    assert await check(found()).run() == 120
