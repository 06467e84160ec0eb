"""Each hot query touches one partition, whatever the number of citizens."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from chassis.ids import new_id
from health_book.access_log import repository as access_log
from health_book.submissions import repository as submissions
from health_book.visits import repository as visits
from tests.health_book.conftest import Book
from tests.health_book.factories import AN, make_dossier, make_file

NOW = datetime(2026, 10, 13, tzinfo=UTC)


def executed(plan: dict[str, Any]) -> set[str]:
    """Names of the tables in nodes that ran: a generic plan keeps the others but never starts them."""
    found = {plan["Relation Name"]} if "Relation Name" in plan and plan["Actual Loops"] > 0 else set()
    for child in plan.get("Plans", []):
        found |= executed(child)
    return found


@pytest.mark.parametrize(
    ("query", "arguments", "tables"),
    [
        (visits.BOOK, (), 1),
        (visits.PAGE_FIRST, (20,), 1),
        (visits.PAGE_AFTER, (20, NOW, new_id()), 1),
        (visits.VISIT, (new_id(),), 1),
        (visits.VERSION, (new_id(), 1), 2),  # one of visits, one of visit_versions
        (access_log.PAGE_FIRST, (20,), 1),
        (access_log.PAGE_AFTER, (20, new_id()), 1),
    ],
)
@pytest.mark.parametrize("plan_cache_mode", ["force_custom_plan", "force_generic_plan"])
async def test_reading_touches_one_partition(
    book: Book, query: str, arguments: tuple[Any, ...], tables: int, plan_cache_mode: str
) -> None:
    await book.rows.execute(f"set plan_cache_mode = {plan_cache_mode}")
    plan = await book.rows.fetchval(
        f"explain (analyze, format json) {query}", book.identity.citizen(AN), *arguments
    )

    touched = executed(orjson.loads(plan)[0]["Plan"])
    assert len(touched) == tables, touched


async def test_receipt_of_a_facility_touches_one_partition(book: Book) -> None:
    plan = await book.rows.fetchval(
        f"explain (analyze, format json) {submissions.FIND_SUBMISSION}", "99999", new_id()
    )

    assert len(executed(orjson.loads(plan)[0]["Plan"])) == 1


async def test_a_citizen_s_rows_lie_in_one_partition_of_each_table(book: Book) -> None:
    await book.submit(make_file(*(make_dossier(f"LK{n}") for n in range(20))))
    await book.submit(make_file(*(make_dossier(f"LK{n}", MA_BENH_CHINH="I10") for n in range(20))))

    for table in ("visits", "visit_versions"):
        parts = await book.rows.fetch(f"select tableoid::regclass, count(*) from {table} group by 1")  # noqa: S608
        assert [row["count"] for row in parts] == [20]
