"""Visits whose person is not found at once: taken all the same, joined later, announced then."""

from datetime import timedelta

import pytest

from chassis.timers import Timer, run_once
from health_book.app import link_waiting_visits
from health_book.persons.rules import has_paper, pause_before_next_attempt
from tests.health_book.conftest import Book
from tests.health_book.factories import AN, make_dossier, make_file


async def link_now(book: Book) -> None:
    """Let every waiting visit be due, and run the worker's timer once."""
    await book.rows.execute("update unlinked_visits set next_attempt_at = '2020-01-01'")
    book.app.state.people._away_until = 0.0
    await link_waiting_visits(book.app.state)


async def test_visit_is_taken_while_identity_is_away_and_joined_later(book: Book) -> None:
    book.identity.is_away = True
    receipt = (await book.submit(make_file(make_dossier()))).json()
    assert (receipt["accepted"], receipt["unlinked"]) == (1, 1)
    assert receipt["visits"][0]["outcome"] == "unlinked"
    assert await book.visits() == []
    assert await book.events() == []

    await link_now(book)
    assert await book.visits() == []  # still away: tried, postponed, not lost
    book.identity.is_away = False
    await link_now(book)

    (visit,) = await book.visits()
    assert visit["id"] == receipt["visits"][0]["visit_id"]
    (event,) = await book.events()
    assert (event["version"], event["outcome"]) == (1, "recorded")
    assert await book.count("unlinked_visits") == 0


async def test_confirmed_person_is_asked_for_once_an_unconfirmed_one_each_time(book: Book) -> None:
    await book.submit(make_file(make_dossier()))
    await book.submit(make_file(make_dossier("LK-2")))
    assert len(book.identity.asked) == 1

    # The number turns out to be another person's: the second visit must not follow the first one's answer.
    book.identity.reset()
    book.identity.unconfirmed.add("001090000099")
    await book.submit(make_file(make_dossier("LK-3", SO_CCCD="001090000099")))
    first = book.identity.citizens.pop("001090000099")
    await book.submit(make_file(make_dossier("LK-4", SO_CCCD="001090000099")))

    owners = await book.rows.fetch("select distinct citizen_id from visits where citizen_id <> $1", first)
    assert book.identity.citizens["001090000099"] in {row["citizen_id"] for row in owners}


async def test_joining_twice_changes_nothing(book: Book) -> None:
    book.identity.is_away = True
    await book.submit(make_file(make_dossier()))
    book.identity.is_away = False

    await link_now(book)
    await link_now(book)

    assert len(await book.events()) == 1


async def test_correction_of_a_waiting_visit_keeps_both_versions(book: Book) -> None:
    book.identity.is_away = True
    await book.submit(make_file(make_dossier()))
    receipt = (await book.submit(make_file(make_dossier(MA_BENH_CHINH="J18.9")))).json()
    assert (receipt["unlinked"], receipt["superseded"]) == (1, 1)
    book.identity.is_away = False

    await link_now(book)

    (visit,) = await book.visits()
    assert (visit["version"], visit["diagnosis"]["main_code"]) == (2, "J18.9")
    assert await book.count("visit_versions") == 1
    (event,) = await book.events()
    assert (event["version"], event["outcome"]) == (2, "recorded")


async def test_correction_of_a_waiting_visit_may_find_the_person_at_once(book: Book) -> None:
    book.identity.is_away = True
    await book.submit(make_file(make_dossier()))
    book.identity.is_away = False
    book.app.state.people._away_until = 0.0

    await book.submit(make_file(make_dossier(MA_BENH_CHINH="J18.9")))
    await link_now(book)

    assert [v["version"] for v in await book.visits()] == [2]
    assert [(e["version"], e["outcome"]) for e in await book.events()] == [(2, "recorded")]
    assert await book.count("unlinked_visits") == 0


async def test_waiting_correction_of_a_linked_visit_supersedes_when_joined(book: Book) -> None:
    await book.submit(make_file(make_dossier()))
    book.identity.is_away = True
    # Another spelling of the name is another question, which nobody can answer now.
    renamed = make_dossier(HO_TEN="NGUYEN VAN AN", MA_BENH_CHINH="J18.9")
    receipt = (await book.submit(make_file(renamed))).json()
    assert receipt["unlinked"] == 1
    assert [v["version"] for v in await book.visits()] == [1]
    book.identity.is_away = False

    await link_now(book)

    assert [v["version"] for v in await book.visits()] == [2]
    assert [(e["version"], e["outcome"]) for e in await book.events()] == [(1, "recorded"), (2, "superseded")]


async def test_waiting_correction_overtaken_by_a_later_one_stays_behind(book: Book) -> None:
    await book.submit(make_file(make_dossier()))
    book.identity.is_away = True
    await book.submit(make_file(make_dossier(HO_TEN="NGUYEN VAN AN", MA_BENH_CHINH="J18.9")))
    await book.submit(make_file(make_dossier(MA_BENH_CHINH="I10")))  # known name: found in the cache
    book.identity.is_away = False

    await link_now(book)

    (visit,) = await book.visits()
    assert (visit["version"], visit["diagnosis"]["main_code"]) == (3, "I10")
    assert await book.count("visit_versions") == 2


async def test_waiting_correction_that_names_somebody_else_is_not_joined(book: Book) -> None:
    await book.submit(make_file(make_dossier()))
    book.identity.is_away = True
    await book.submit(make_file(make_dossier(SO_CCCD="001085000099")))
    book.identity.is_away = False

    await link_now(book)

    assert [v["version"] for v in await book.visits()] == [1]
    assert await book.visits("001085000099") == []
    assert await book.rows.fetchval("select state from unlinked_visits") == "conflict"


async def test_conflict_waits_for_people_and_is_not_asked_again(book: Book) -> None:
    book.identity.conflicts.add(AN)
    receipt = (await book.submit(make_file(make_dossier()))).json()
    asked = len(book.identity.asked)

    await link_now(book)

    assert receipt["unlinked"] == 1
    assert len(book.identity.asked) == asked


async def test_no_paper_at_all_is_insufficient_without_asking(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier(SO_CCCD="", MA_THE_BHYT="")))).json()

    assert receipt["unlinked"] == 1
    assert book.identity.asked == []
    assert await book.rows.fetchval("select state from unlinked_visits") == "insufficient"


async def test_old_paper_is_asked_by_its_kind(book: Book) -> None:
    await book.submit(make_file(make_dossier(SO_CCCD="012345678")))

    (asked,) = book.identity.asked
    assert asked["personal_id"] is None
    assert asked["other_papers"] == [{"kind": "old_id", "number": "012345678"}]


async def test_timer_runs_through_the_chassis(book: Book) -> None:
    book.identity.is_away = True
    await book.submit(make_file(make_dossier()))
    book.identity.is_away = False
    await book.rows.execute("update unlinked_visits set next_attempt_at = '2020-01-01'")
    book.app.state.people._away_until = 0.0

    await run_once(Timer("link-waiting-visits", 2.0, link_waiting_visits), book.app.state)

    assert len(await book.visits()) == 1


@pytest.mark.parametrize(
    ("state", "attempts", "pause"),
    [
        ("waiting", 0, timedelta(seconds=2)),
        ("waiting", 3, timedelta(seconds=16)),
        ("waiting", 5, timedelta(minutes=1)),
        ("waiting", 1000, timedelta(minutes=1)),
        ("insufficient", 0, timedelta(hours=1)),
        ("insufficient", 4, timedelta(hours=16)),
        ("insufficient", 5, timedelta(days=1)),
    ],
)
def test_pause_doubles_up_to_a_limit(state: str, attempts: int, pause: timedelta) -> None:
    assert pause_before_next_attempt(state, attempts) == pause


@pytest.mark.parametrize(
    ("personal_id", "other_papers", "insurance_card", "expected"),
    [
        (None, [], None, False),
        (AN, [], None, True),
        (None, [{"kind": "old_id", "number": "1"}], None, True),
        (None, [], "DN4", True),
    ],
)
def test_any_paper_is_worth_asking(
    personal_id: str | None, other_papers: list[object], insurance_card: str | None, expected: bool
) -> None:
    question: dict[str, object] = {
        "personal_id": personal_id,
        "other_papers": other_papers,
        "insurance_card": insurance_card,
    }

    assert has_paper(question) is expected
