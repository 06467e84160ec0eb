"""Courts and police of the sandbox: what they hold is what the story needs, and they answer as peers do."""

from collections import defaultdict
from datetime import date
from uuid import uuid4

import httpx2
import pytest

from deploy.sandbox.courts.holdings import COURT, POLICE, SOURCES, coverage, holdings
from deploy.sandbox.personas import personas
from deploy.sandbox.town import town
from judicial_record.convictions.assembly import assemble
from judicial_record.convictions.facts import Record
from judicial_record.convictions.items import ITEM
from judicial_record.convictions.rulebook import rule_book
from judicial_record.convictions.rules import assess
from judicial_record.convictions.schemas import CoverageIn
from judicial_record.convictions.sources import sources
from tests.deploy.sandbox.conftest import Sandbox

TODAY = date(2026, 11, 23)


def statuses(on: date = TODAY) -> dict[str, str]:
    """Return what each convicted person's record comes to, by personal number."""
    by_person = defaultdict(list)
    for documents in holdings(town()).values():
        for document in documents:
            by_person[document["person"]["personal_id"]].append(ITEM.validate_python(document))
    found = {}
    for number, items in by_person.items():
        assembled = assemble(items)
        record = Record(
            born_on=date.fromisoformat(items[0].person.born_on),
            convictions=assembled.convictions,
            proceedings=assembled.proceedings,
            informed_until=date.max,
        )
        (answer,) = assess(record, asked_on=on, book=rule_book())
        found[number] = answer.status
    return found


def number_of(name: str) -> str:
    person = personas()[name].person
    assert person is not None
    return person.personal_id


def test_binh_has_a_conviction_and_ems_is_expunged() -> None:
    found = statuses()

    assert found[number_of("binh")] == "not_expunged"
    assert found[number_of("em")] == "expunged"
    assert number_of("an") not in found
    assert statuses(date(2027, 8, 21))[number_of("binh")] == "expunged"


def test_town_has_every_kind_of_record() -> None:
    assert set(statuses().values()) == {"expunged", "not_expunged", "never_counted", "undetermined"}


def test_sources_hold_only_what_they_may_send() -> None:
    for source, documents in holdings(town()).items():
        assert {one["kind"] for one in documents} <= sources()[source].kinds
        keys = [(one["reference"], one["person"]["personal_id"]) for one in documents]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("state", ["complete", "partial", "none"])
def test_coverage_is_told_in_the_contracts_shape(state: str) -> None:
    for source in SOURCES:
        told = CoverageIn.model_validate(coverage(source, state))
        assert {one.kind for one in told.entries} == set(sources()[source].coverage)


def question(name: str, request_id: str | None = None) -> dict[str, object]:
    return {
        "request_id": request_id or str(uuid4()),
        "person": {"personal_id": number_of(name)},
        "asked_on": "2026-11-23",
    }


def ask(sandbox: Sandbox, source: str, body: dict[str, object]) -> httpx2.Response:
    return httpx2.post(f"{sandbox.url}/sandbox/courts/{source}/verifications", json=body)


def test_source_answers_with_what_it_holds(sandbox: Sandbox) -> None:
    found = ask(sandbox, COURT, question("binh")).json()
    nothing = ask(sandbox, COURT, question("an")).json()

    assert (found["state"], found["verdict"]) == ("answered", "found")
    assert [one["kind"] for one in found["items"]] == ["judgment"]
    assert nothing == {"state": "answered", "verdict": "nothing", "items": []}


def test_late_answer_is_pending_until_its_time(sandbox: Sandbox) -> None:
    httpx2.put(f"{sandbox.url}/sandbox/api/faults/courts", json={"late_next": 3_600_000})
    body = question("binh")
    address = f"{sandbox.url}/sandbox/courts/{POLICE}/verifications/{body['request_id']}"

    assert ask(sandbox, POLICE, body).json() == {"state": "pending"}
    assert httpx2.get(address).json() == {"state": "pending"}
    assert ask(sandbox, POLICE, question("binh")).json()["state"] == "answered"


def test_lost_answer_leaves_the_question_asked(sandbox: Sandbox) -> None:
    httpx2.put(f"{sandbox.url}/sandbox/api/faults/courts", json={"lose_next": 1})
    body = question("em")

    assert ask(sandbox, POLICE, body).status_code == 504
    address = f"{sandbox.url}/sandbox/courts/{POLICE}/verifications/{body['request_id']}"
    assert httpx2.get(address).json()["verdict"] == "found"


def test_question_that_never_came_is_not_there(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/sandbox/courts/{POLICE}/verifications/{uuid4()}"

    assert httpx2.get(address).status_code == 404
