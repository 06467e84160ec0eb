"""What an operator asks is answered from the services' own tables."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from chassis.ids import new_id
from deploy.cli import operations
from deploy.cli.stack import CommandFailed, RunningStack, services_named
from deploy.local.layout import Layout
from tests.support.databases import ServiceDatabases

HEALTH_BOOK = services_named("health-book")


@pytest.fixture
async def stack(
    service_databases: ServiceDatabases, project_root: Path, tmp_path: Path
) -> AsyncIterator[RunningStack]:
    """A stack of which only the health book's database runs."""
    layout = Layout(tmp_path / "var")
    layout.make_folders()
    async with service_databases.clean(
        "health_book", project_root / "svc-health-book" / "migrations"
    ) as found:
        layout.environment_of("health-book").write_text(f"LIENTHONG_HEALTH_BOOK_DATABASE_URL={found.url}\n")
        yield RunningStack(layout)


async def run_sql(stack: RunningStack, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(stack.database_url(HEALTH_BOOK[0]))
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def add_to_outbox(stack: RunningStack, lane: int, age: timedelta, *, published: bool = False) -> None:
    now = datetime.now(UTC)
    await run_sql(
        stack,
        "insert into outbox"
        " (event_id, lane, aggregate_id, event_type, source, occurred_at, data, published_at)"
        " values ($1, $2, 'visit', 'health-book.visit.recorded.v1', 'health-book', $3, '{}', $4)",
        new_id(), lane, now - age, now if published else None,
    )  # fmt: skip


async def add_dead_letter(stack: RunningStack) -> UUID:
    event_id = new_id()
    await run_sql(
        stack,
        "insert into inbox_failures (consumer, aggregate_id, event_id, attempts, state, reason, envelope)"
        " values ('health-book.persons', 'person', $1, 12, 'dead', 'KeyError', $2)",
        event_id, '{"type": "identity.person.linked.v1"}',
    )  # fmt: skip
    return event_id


async def test_outbox_shows_what_waits_on_which_lane_since_when(stack: RunningStack) -> None:
    await add_to_outbox(stack, 3, timedelta(seconds=2))
    await add_to_outbox(stack, 3, timedelta(seconds=40))
    await add_to_outbox(stack, 7, timedelta(seconds=1))
    await add_to_outbox(stack, 7, timedelta(seconds=90), published=True)
    (state,) = await operations.outbox_states(stack, HEALTH_BOOK)
    assert (state.service, state.unpublished, state.lanes) == ("health-book", 3, {3: 2, 7: 1})
    assert state.oldest_seconds is not None
    assert 40 <= state.oldest_seconds < 80


async def test_empty_outbox_has_no_age(stack: RunningStack) -> None:
    assert await operations.outbox_states(stack, HEALTH_BOOK) == [
        operations.OutboxState("health-book", 0, None, {})
    ]


async def test_dead_letter_is_listed_with_its_reason_and_replayed_once(stack: RunningStack) -> None:
    event_id = await add_dead_letter(stack)
    (letter,) = await operations.list_dead_letters(stack, HEALTH_BOOK)
    assert letter["service"] == "health-book"
    assert letter["event_id"] == event_id
    assert letter["event_type"] == "identity.person.linked.v1"
    assert (letter["attempts"], letter["reason"]) == (12, "KeyError")

    assert await operations.replay(stack, HEALTH_BOOK, event_id) == ["health-book"]
    assert await operations.list_dead_letters(stack, HEALTH_BOOK) == []
    with pytest.raises(CommandFailed, match="replayed already"):
        await operations.replay(stack, HEALTH_BOOK, event_id)


async def test_database_that_is_away_is_named(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "var")
    layout.make_folders()
    layout.environment_of("health-book").write_text(
        "LIENTHONG_HEALTH_BOOK_DATABASE_URL=postgresql://a:b@127.0.0.1:1/nothing\n"
    )
    stack = RunningStack(layout)
    with pytest.raises(CommandFailed, match="health-book"):
        await operations.outbox_states(stack, HEALTH_BOOK)
    with pytest.raises(CommandFailed, match="health-book"):
        await operations.list_dead_letters(stack, HEALTH_BOOK)
