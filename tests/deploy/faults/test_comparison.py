"""The comparison finds every loss and every repetition that it claims to look for."""

from collections import Counter
from dataclasses import replace

import pytest

from deploy.faults.broker import ConsumerState, all_caught_up
from deploy.faults.comparison import Holdings, compare
from deploy.faults.load import Ledger

CODES = {"A": "visit-a", "B": "visit-b"}


def ledger() -> Ledger:
    return Ledger(sent={"A", "B"}, acknowledged={code: (visit, 1.0) for code, visit in CODES.items()})


def holdings() -> Holdings:
    once = Counter(CODES.values())
    return Holdings(
        claims=dict(CODES),
        visits=once.copy(),
        versions_over_one=0,
        older_versions=0,
        waiting_for_person=0,
        events=once.copy(),
        unpublished=0,
        notifications=once.copy(),
        failed_events=0,
    )


def failing(told: Ledger, found: Holdings) -> set[str]:
    return {check.name for check in compare(told, found) if not check.holds}


def test_equal_sets_hold() -> None:
    assert failing(ledger(), holdings()) == set()
    assert holdings().is_settled


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"claims": {"A": "visit-a"}}, "acknowledged and lost"),
        ({"claims": CODES | {"A": "visit-x"}}, "acknowledged under another id"),
        ({"claims": CODES | {"C": "visit-c"}}, "stored and never sent"),
        ({"visits": Counter(["visit-a"])}, "claimed and in nobody's book"),
        ({"visits": Counter(["visit-a", "visit-b", "visit-b"])}, "visits stored twice"),
        ({"versions_over_one": 1}, "visits stored twice"),
        ({"older_versions": 1}, "visits stored twice"),
        ({"events": Counter(["visit-a"])}, "visits without an event"),
        ({"events": Counter(["visit-a", "visit-b", "visit-b"])}, "visits with two events"),
        ({"unpublished": 1}, "events not published"),
        ({"notifications": Counter(["visit-a"])}, "visits without a notification"),
        ({"notifications": Counter(["visit-a", "visit-b", "visit-b"])}, "notifications twice"),
        ({"notifications": Counter(["visit-a", "visit-b", "visit-x"])}, "notifications of no visit"),
        ({"failed_events": 1}, "events given up or waiting"),
    ],
)
def test_each_fault_is_found(changes: dict[str, object], name: str) -> None:
    assert name in failing(ledger(), replace(holdings(), **changes))  # type: ignore[arg-type]  # one field each


def test_visit_without_an_answer_is_found() -> None:
    told = ledger()
    told.sent.add("C")
    assert failing(told, holdings()) == {"visits acknowledged"}


def test_answer_500_is_found() -> None:
    told = ledger()
    told.faults.append("0123456789abcdef0123456789abcdef")
    assert failing(told, holdings()) == {"answers 500 instead of 503"}


def test_longest_silence_counts_both_ends() -> None:
    told = Ledger(acknowledged={"A": ("a", 2.0), "B": ("b", 3.0), "C": ("c", 9.0)})
    assert told.longest_silence(0.0, 10.0) == 6.0
    assert told.longest_silence(0.0, 30.0) == 21.0
    assert told.since(3.0) == 2


def consumer(**fields: int) -> ConsumerState:
    values = {"messages": 9, "last": 9, "acknowledged": 9, "pending": 0} | fields
    return ConsumerState(name="identity--notifications", stream="HEALTH_BOOK", **values)


def test_consumer_that_is_missing_behind_or_unacknowledged_has_not_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    durable = type("Durable", (), {"stream": "HEALTH_BOOK", "name": "identity--notifications"})
    monkeypatch.setattr("contracts.catalogue.durables", lambda: (durable,))
    key = "HEALTH_BOOK/identity--notifications"
    assert all_caught_up({key: consumer()})
    assert not all_caught_up({})
    assert not all_caught_up({key: consumer(pending=1)})
    assert not all_caught_up({key: consumer(acknowledged=8)})
