"""The table of transitions, walked through completely."""

import csv
from itertools import product

import pytest

from chassis.errors import IllegalTransition, RoleMissing
from dossier.desk import rules
from dossier.desk.table import TRANSITIONS, WORK_ACTIONS, conditions_of, key_of, label_of, transitions
from tests.dossier.desk.cases import NOW, broken, fitting

TABLE = transitions()
with TRANSITIONS.open(encoding="utf-8") as file:
    NATIONAL = list(csv.DictReader(file))
with WORK_ACTIONS.open(encoding="utf-8") as file:
    WORK = list(csv.DictReader(file))
ROWS = [*NATIONAL, *WORK]
KEYS = {(row["from"], row["action"], role): row for row in ROWS for role in row["roles"].split("|")}
STATUSES = sorted({row["from"] for row in ROWS} | {key_of(number) for number in range(11)})
ACTIONS = sorted({row["action"] for row in ROWS})
ROLES = sorted({role for row in ROWS for role in row["roles"].split("|")} | {"catalogue_owner", "auditor"})


def test_the_table_has_the_53_rows_of_the_ten_statuses() -> None:
    assert len(NATIONAL) == 53
    assert {row["id"] for row in NATIONAL} >= {"T01", "T10", "T54", "T76"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_row_works_under_its_condition(row: dict[str, str]) -> None:
    for role in row["roles"].split("|"):
        found = TABLE.find(row["from"], row["action"], role)
        case, ask = fitting(tuple(conditions_of(found)), found.action)

        assert (found.transition_id, found.to_status) == (row["id"], row["to"])
        assert rules.unmet(conditions_of(found), case, ask, NOW) == []
        assert all(label_of(found).values())


@pytest.mark.parametrize(
    ("row", "condition"),
    [(row, name) for row in ROWS for name in row["conditions"].split("|") if name not in ("", "complete")],
    ids=lambda value: value if isinstance(value, str) else value["id"],
)
def test_row_does_not_work_when_a_condition_fails(row: dict[str, str], condition: str) -> None:
    names = tuple(row["conditions"].split("|"))
    case, ask = broken(*fitting(names, row["action"]), condition)

    failed = rules.unmet(names, case, ask, NOW)

    assert failed
    assert all(one.text["vi"] and one.text["en"] for one in failed)
    assert condition in {one.condition for one in failed} | {"proposed_by_another", "proposal_complete"}


@pytest.mark.parametrize("status", STATUSES)
def test_every_other_step_is_refused(status: str) -> None:
    """4,000 combinations of status, action and role: each is a row of the table, or a 409 or a 403."""
    for action, role in product(ACTIONS, ROLES):
        row = KEYS.get((status, action, role))
        if row is not None:
            assert TABLE.find(status, action, role).transition_id == row["id"]
            continue
        with pytest.raises((IllegalTransition, RoleMissing)) as refused:
            TABLE.find(status, action, role)
        may_ever = any((other, action, role) in KEYS for other in STATUSES)
        leads_on = any((status, action, other) in KEYS for other in ROLES)
        expected = RoleMissing if not may_ever or leads_on else IllegalTransition
        assert type(refused.value) is expected, (status, action, role)


def test_every_condition_of_the_table_is_a_rule_and_the_other_way_round() -> None:
    named = {name for row in ROWS for name in row["conditions"].split("|") if name}

    assert named == set(rules.CONDITIONS)


def test_every_status_but_the_last_leads_on() -> None:
    ends = {key_of(number) for number in range(11)} - {row["from"] for row in ROWS}

    assert ends == set()
    assert {row["to"] for row in ROWS if row["from"] == "10"} == {"10"}
