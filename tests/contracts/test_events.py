"""Every event has a schema and examples that schema, class and a foreign CloudEvents reader all accept."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from contracts.catalogue import EVENTS, EventEntry, entry_of
from contracts.envelope import Envelope

PROTO = Path(__file__).resolve().parents[2] / "proto"
EXAMPLES = sorted((PROTO / "examples").glob("*/*.json"))
SUBJECTS = [entry.subject for entry in EVENTS]


def read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text("utf-8"))


@cache
def validator(subject: str) -> Draft202012Validator:
    schema = read(PROTO / "schemas" / "events" / f"{subject}.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def name(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


@pytest.mark.parametrize("entry", EVENTS, ids=SUBJECTS)
def test_event_has_schema_example_and_line_in_the_catalogue(entry: EventEntry) -> None:
    assert (PROTO / "schemas" / "events" / f"{entry.subject}.json").exists()
    assert list((PROTO / "examples" / entry.subject).glob("*.json")), f"no example of {entry.subject}"
    assert f"`{entry.subject}`" in (PROTO / "README.md").read_text("utf-8")


def test_no_schema_or_example_outlives_its_event() -> None:
    assert {file.parent.name for file in EXAMPLES} <= set(SUBJECTS)
    assert {file.stem for file in (PROTO / "schemas" / "events").glob("*.json")} <= set(SUBJECTS)


@pytest.mark.parametrize("file", EXAMPLES, ids=name)
def test_example_fits_its_schema(file: Path) -> None:
    validator(file.parent.name).validate(read(file))


@pytest.mark.parametrize("file", EXAMPLES, ids=name)
def test_example_fits_envelope_and_class(file: Path) -> None:
    envelope = Envelope.model_validate(read(file))
    event_class = entry_of(file.parent.name).event

    event = event_class.model_validate(envelope.data)

    assert (envelope.type, envelope.source) == (event_class.event_type, event_class.source)
    assert envelope.subject == event.aggregate_id
    assert len(envelope.sequence) == 20


@pytest.mark.parametrize("file", EXAMPLES, ids=name)
def test_foreign_reader_reads_example_and_writes_it_back(file: Path) -> None:
    wire = file.read_bytes()

    event = JSONFormat().read(CloudEvent, wire)

    assert event.get_type() == file.parent.name
    assert event.get_datacontenttype() == "application/json"
    # Instants may be spelled `Z` or `+00:00`; everything else comes back as it went in.
    assert Envelope.model_validate_json(JSONFormat().write(event)) == Envelope.model_validate_json(wire)


@pytest.mark.parametrize("file", EXAMPLES, ids=name)
def test_example_with_unknown_fields_is_still_read(file: Path) -> None:
    message = read(file)
    message["newextension"] = "x"
    message["data"]["field_of_next_year"] = {"nested": True}

    validator(file.parent.name).validate(message)
    entry_of(file.parent.name).event.model_validate(Envelope.model_validate(message).data)


@pytest.mark.parametrize("file", EXAMPLES, ids=name)
@pytest.mark.parametrize("damage", ["type", "source", "data", "id"])
def test_schema_refuses_message_without_its_essentials(file: Path, damage: str) -> None:
    message = read(file)
    del message[damage]

    with pytest.raises(ValidationError):
        validator(file.parent.name).validate(message)


def test_schema_refuses_message_of_another_event() -> None:
    message = read(PROTO / "examples" / "identity.token.revoked.v1" / "revoked.json")

    with pytest.raises(ValidationError):
        validator("health-book.visit.recorded.v1").validate(message)
