"""The comparison of cases finds every loss and every repetition that it claims to look for."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from deploy.faults.case_comparison import CaseHoldings, Seen, compare_cases
from deploy.faults.cases import Case

CASES = [
    Case("application", "an", id="a", code="G01-1", paid_vnd=100),
    Case("dossier", "binh", id="d", code="G18-1", paid_vnd=50),
]
ROWS = [("20261123090000", "1", "first"), ("20261123090000", "2", "second"), ("20261123100000", "9", "third")]
HOLDINGS = CaseHoldings(
    payments=[("a", 100), ("d", 50)],
    postings=2,
    balance_vnd=0,
    signed=Counter("ad"),
    numbers=Counter(["G01-1", "G18-1", "LLTP-1", "KQ-1"]),
    counted=4,
    notices=Counter(["c", "d"]),
    told_of=frozenset({"c", "d"}),
    left=0,
    undelivered=0,
)
SEEN = Seen(
    faults=0,
    verified=1,
    ours={"G01-1": "9", "G18-1": "9"},
    portal={"G01-1": ROWS, "G18-1": ROWS},
    differences=0,
)


def failing(found: CaseHoldings, seen: Seen) -> set[str]:
    return {check.name for check in compare_cases(CASES, found, seen) if not check.holds}


def test_what_is_as_it_should_be_holds() -> None:
    assert failing(HOLDINGS, SEEN) == set()
    assert HOLDINGS.is_settled


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        (
            {"payments": [("a", 100)], "postings": 1},
            {"cases without a payment", "paid here, against paid there"},
        ),
        ({"postings": 3}, {"payments counted twice"}),
        ({"payments": [("a", 100), ("d", 60)]}, {"paid here, against paid there"}),
        ({"balance_vnd": 1}, {"ledger out of balance (VND)"}),
        ({"signed": Counter("a")}, {"cases without a signed result"}),
        ({"signed": Counter("add")}, {"signed twice"}),
        (
            {"numbers": Counter(["G01-1", "G18-1", "LLTP-1", "LLTP-1"])},
            {"numbers given twice", "gaps in the numbers"},
        ),
        ({"counted": 5}, {"gaps in the numbers"}),
        ({"notices": Counter("c")}, {"finished and not notified"}),
        ({"notices": Counter("cdd")}, {"notified twice"}),
        ({"left": 1}, {"events or deliveries left"}),
        ({"undelivered": 1}, {"events or deliveries left"}),
    ],
)
def test_each_harm_to_what_is_stored_is_found(changes: dict[str, Any], names: set[str]) -> None:
    assert failing(replace(HOLDINGS, **changes), SEEN) == names


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"faults": 1}, "answers 500 instead of 503"),
        ({"verified": 0}, "certificates that verify"),
        ({"portal": {"G01-1": ROWS, "G18-1": ROWS[:2]}}, "portal without last status"),
        ({"portal": {"G01-1": ROWS, "G18-1": []}}, "portal without last status"),
        ({"portal": {"G01-1": ROWS, "G18-1": [ROWS[2], *ROWS]}}, "progress twice or disordered"),
        ({"portal": {"G01-1": ROWS, "G18-1": [ROWS[0], ROWS[0], *ROWS[1:]]}}, "progress twice or disordered"),
        ({"differences": 1}, "differences of the day"),
    ],
)
def test_each_harm_seen_from_outside_is_found(changes: dict[str, Any], name: str) -> None:
    assert failing(HOLDINGS, replace(SEEN, **changes)) == {name}
