"""The clocks of a dossier, counted from its history."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from casework.calendar import WorkCalendar
from casework.deadlines import TimeLimit
from dossier.clocks import rules

CALENDAR = WorkCalendar.vietnam()
FIVE_DAYS = TimeLimit(5, "working_day")
INTAKE = TimeLimit(8, "working_hour")


@dataclass(frozen=True)
class Move:
    from_status: int
    to_status: int
    at: datetime


def at(day: int, hour: int = 2, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_dossier_of_a_monday_is_due_five_working_days_later() -> None:
    assert rules.processing_deadline(FIVE_DAYS, at(22), CALENDAR).due_on == date(2026, 6, 29)


def test_waiting_for_a_supplement_moves_the_day_by_the_time_waited() -> None:
    history = [Move(1, 2, at(22)), Move(2, 4, at(22, 3)), Move(4, 5, at(23)), Move(5, 4, at(25))]

    suspended = rules.waits(history, restarts=False)

    assert [(wait.from_at, wait.to_at, wait.restarts) for wait in suspended] == [(at(23), at(25), False)]
    assert rules.processing_deadline(FIVE_DAYS, at(22), CALENDAR, suspended).due_on == date(2026, 7, 1)


def test_answer_opens_a_new_period_where_the_rule_says_so() -> None:
    history = [Move(1, 2, at(22)), Move(2, 4, at(22, 3)), Move(4, 5, at(26)), Move(5, 4, at(29))]

    suspended = rules.waits(history, restarts=True)

    assert suspended[0].restarts
    assert rules.processing_deadline(FIVE_DAYS, at(22), CALENDAR, suspended).due_on == date(2026, 7, 6)


def test_clock_stands_still_while_nothing_is_answered() -> None:
    history = [Move(2, 4, at(22)), Move(4, 5, at(23))]

    deadline = rules.processing_deadline(FIVE_DAYS, at(22), CALENDAR, rules.waits(history, restarts=False))

    assert deadline.suspended_since == at(23)
    assert not deadline.is_overdue(at(31, month=7))


def test_declined_withdrawal_leaves_no_trace() -> None:
    asked_while_waiting = [Move(4, 5, at(23)), Move(5, 7, at(24)), Move(7, 5, at(25)), Move(5, 4, at(26))]
    asked_while_working = [Move(2, 4, at(22)), Move(4, 7, at(24)), Move(7, 4, at(25))]

    assert [(wait.from_at, wait.to_at) for wait in rules.waits(asked_while_waiting, restarts=False)] == [
        (at(23), at(26))
    ]
    assert rules.waits(asked_while_working, restarts=False) == ()


def test_payment_never_restarts_the_period() -> None:
    history = [Move(2, 4, at(22)), Move(4, 6, at(23)), Move(6, 4, at(24))]

    assert [wait.restarts for wait in rules.waits(history, restarts=True)] == [False]


def test_answer_before_acceptance_starts_intake_again() -> None:
    history = [Move(0, 1, at(22)), Move(1, 5, at(22, 3)), Move(5, 1, at(24))]

    suspended = rules.waits(history, restarts=False)

    assert rules.intake_deadline(INTAKE, at(22), CALENDAR, suspended).due_at == at(25)


def test_stopping_closes_the_wait() -> None:
    history = [Move(4, 5, at(22)), Move(5, 8, at(24))]

    assert rules.waits(history, restarts=True)[0].to_at == at(24)


def test_apology_replaces_the_day_and_keeps_the_old_one() -> None:
    counted = rules.processing_deadline(FIVE_DAYS, at(22), CALENDAR)
    apology = rules.Apology(at(26), date(2026, 7, 3))

    promised = rules.promise(counted, apology, (), CALENDAR)

    assert promised.due_on == date(2026, 7, 3)
    assert promised.due_at == datetime(2026, 7, 3, 17, tzinfo=UTC)
    assert promised.document["replaced_due_on"] == "2026-06-29"


def test_wait_after_an_apology_puts_the_new_day_off_to_a_working_day() -> None:
    suspended = rules.waits([Move(4, 5, at(29)), Move(5, 4, at(1, month=7))], restarts=False)
    counted = rules.processing_deadline(FIVE_DAYS, at(22), CALENDAR, suspended)

    promised = rules.promise(counted, rules.Apology(at(26), date(2026, 7, 3)), suspended, CALENDAR)

    assert promised.due_on == date(2026, 7, 6)  # the 5th is a Sunday


@pytest.mark.parametrize(
    ("finished", "due", "rounds", "apologies", "expected"),
    [
        (at(22), at(23), 0, 0, True),
        (at(23), at(23), 1, 0, True),
        (at(24), at(23), 0, 0, False),
        (at(22), at(23), 2, 0, False),
        (at(22), at(23), 0, 1, False),
        (None, at(27), 0, 0, True),
        (None, at(25), 0, 0, False),
        (None, None, 0, 0, True),
    ],
)
def test_score_counts_time_rounds_and_apologies(
    finished: datetime | None, due: datetime | None, rounds: int, apologies: int, expected: bool
) -> None:
    assert is_on_time(finished, due, rounds, apologies) is expected


def is_on_time(finished: datetime | None, due: datetime | None, rounds: int, apologies: int) -> bool:
    return rules.is_on_time(finished_at=finished, due_at=due, rounds=rounds, apologies=apologies, now=at(26))
