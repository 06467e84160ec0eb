"""What the relay really puts on the wire is what the schema, the class and a foreign reader expect."""

import json
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator, FormatChecker

from chassis import outbox
from chassis.relay import outgoing
from contracts.catalogue import EVENTS, EventEntry
from contracts.documents import event_schema
from contracts.envelope import BaseEvent, Envelope
from tests.support.judges import run_judge

EXAMPLES = Path(__file__).resolve().parents[2] / "proto" / "examples"


def example(entry: EventEntry) -> BaseEvent:
    file = sorted((EXAMPLES / entry.subject).glob("*.json"))[0]
    return entry.event.model_validate(json.loads(file.read_text("utf-8"))["data"])


def published(event: BaseEvent, traceparent: str | None) -> Any:  # Any: nats-py's message is ours to read
    """Return the message of an event that was just written to the outbox."""
    row: dict[str, Any] = dict(zip(outbox.COLUMNS, outbox.row(event), strict=True))
    row |= {"position": 42, "event_id": str(row["event_id"]), "traceparent": traceparent}
    return outgoing(cast("asyncpg.Record", row))


@pytest.mark.parametrize("traceparent", [None, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
@pytest.mark.parametrize("entry", EVENTS, ids=lambda entry: entry.subject)
def test_message_fits_schema_class_and_foreign_reader(entry: EventEntry, traceparent: str | None) -> None:
    event = example(entry)

    message = published(event, traceparent)

    body = json.loads(message.payload)
    Draft202012Validator(event_schema(entry), format_checker=FormatChecker()).validate(body)
    assert entry.event.model_validate(Envelope.model_validate(body).data) == event
    read = JSONFormat().read(CloudEvent, message.payload)
    assert (read.get_type(), read.get_subject()) == (entry.subject, event.aggregate_id)
    assert read.get_id() == message.message_id
    assert message.subject == entry.subject


def test_second_foreign_reader_takes_every_event() -> None:
    bodies = [json.loads(published(example(entry), None).payload) for entry in EVENTS]

    read = run_judge("cloudevent.mjs", {"events": bodies})

    assert [event["type"] for event in read] == [entry.subject for entry in EVENTS]
    assert [event["id"] for event in read] == [body["id"] for body in bodies]


@pytest.mark.parametrize("entry", EVENTS, ids=lambda entry: entry.subject)
def test_message_carries_exactly_what_the_schema_names(entry: EventEntry) -> None:
    body = json.loads(published(example(entry), None).payload)
    schema = event_schema(entry)

    assert set(body) == set(schema["required"])
    assert set(body["data"]) <= set(schema["$defs"][entry.event.__name__]["properties"])
