"""State machines as data: each status, action and role is answered in one way."""

from itertools import product
from pathlib import Path

import pytest

from casework.transitions import PREVIOUS, START, Transition, TransitionTable
from chassis.errors import IllegalTransition, RoleMissing

ROWS = """\
id,from,action,to,roles,clock,label_vi
T1,-,submit,submitted,applicant,starts,Nộp
T2,submitted,accept,accepted,desk|officer,due date set,Tiếp nhận
T3,submitted,withdraw,withdrawing,applicant,,Rút
T4,withdrawing,decline,previous,officer,,Không cho rút
T5,submitted,supply,submitted,applicant,,Bổ sung
T6,submitted,supply,accepted,desk,,Bổ sung tại quầy
"""


@pytest.fixture
def table(tmp_path: Path) -> TransitionTable:
    return read(tmp_path, ROWS)


def read(folder: Path, rows: str) -> TransitionTable:
    path = folder / "transitions.csv"
    path.write_text(rows, "utf-8")
    return TransitionTable.from_csv(path)


def test_every_question_has_the_table_s_answer(table: TransitionTable) -> None:
    statuses = {*table.statuses, START, "unheard of"}
    for status, action, role in product(statuses, {*table.actions, "fly"}, {*table.roles, "nobody"}):
        expected = [
            row
            for row in table.rows
            if (row.from_status, row.action) == (status, action) and role in row.roles
        ]
        assert len(expected) <= 1
        if expected:
            assert table.find(status, action, role) == expected[0]
            assert expected[0] in table.allowed(status, role)
        else:
            with pytest.raises((IllegalTransition, RoleMissing)):
                table.find(status, action, role)


def test_row_carries_what_the_table_says(table: TransitionTable) -> None:
    row = table.find("submitted", "accept", ("receptionist", "officer"))

    assert (row.transition_id, row.to_status, row.facts["clock"]) == ("T2", "accepted", "due date set")
    assert table.find("withdrawing", "decline", "officer").to_status == PREVIOUS
    assert table.statuses == {"submitted", "accepted", "withdrawing"}


def test_who_may_never_act_learns_nothing_of_the_status(table: TransitionTable) -> None:
    with pytest.raises(RoleMissing):
        table.find("accepted", "accept", "applicant")


def test_step_out_of_order_names_the_steps_that_are_left(table: TransitionTable) -> None:
    with pytest.raises(IllegalTransition) as refused:
        table.find("submitted", "submit", "applicant")

    assert refused.value.extensions == {"status_now": "submitted", "allowed_actions": ["supply", "withdraw"]}
    with pytest.raises(IllegalTransition) as refused:
        table.find("accepted", "accept", "desk")
    assert refused.value.extensions["allowed_actions"] == []
    with pytest.raises(IllegalTransition):
        table.find("submitted", "no such action", "desk")


@pytest.mark.parametrize(
    "row",
    [
        "T2,submitted,refuse,refused,desk,,",
        "T9,submitted,accept,refused,officer,,",
        "T9,submitted,refuse,refused,,,",
    ],
    ids=["id twice", "two answers to one question", "nobody may"],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(ValueError, match=r"T2|T9"):
        read(tmp_path, ROWS + row + "\n")


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="roles"):
        read(tmp_path, "id,from,action,to\n")


def test_rows_are_made_in_code_too() -> None:
    row = Transition("T1", START, "open", "opened", frozenset({"system"}), {})

    assert TransitionTable([row]).allowed(START, "system") == (row,)
