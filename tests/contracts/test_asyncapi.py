"""The AsyncAPI document is valid by the standard's own schema and says what the catalogue says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import validator_for

from contracts.catalogue import EVENTS
from contracts.documents import asyncapi

HERE = Path(__file__).resolve().parent
PROTO = HERE.parents[1] / "proto"


@pytest.fixture(scope="module")
def official() -> Any:
    schema = json.loads((HERE / "asyncapi" / "asyncapi-3.0.0.schema.json").read_text("utf-8"))
    return validator_for(schema)(schema)


@pytest.fixture
def document() -> dict[str, Any]:
    return json.loads((PROTO / "asyncapi.json").read_text("utf-8"))


def test_document_is_valid(official: Any, document: dict[str, Any]) -> None:
    official.validate(document)


def test_judge_refuses_a_damaged_document(official: Any, document: dict[str, Any]) -> None:
    document["operations"]["health-book.sendVisitRecordedV1"]["action"] = "publish"

    with pytest.raises(ValidationError):
        official.validate(document)


def test_committed_document_is_what_the_gateway_serves(document: dict[str, Any]) -> None:
    assert document == asyncapi()


def test_each_event_has_a_channel_a_sender_and_its_receivers(document: dict[str, Any]) -> None:
    for entry in EVENTS:
        name = entry.event.__name__
        assert document["channels"][name]["address"] == entry.subject
        actions = {
            key: operation["action"]
            for key, operation in document["operations"].items()
            if operation["channel"]["$ref"] == f"#/channels/{name}"
        }
        senders = {key for key, action in actions.items() if action == "send"}
        receivers = {key for key, action in actions.items() if action == "receive"}
        expected = {f"{consumer}.receive{name}" for consumer in entry.consumers}
        if entry.broadcast:
            expected.add(f"every-process.receive{name}")
        assert senders == {f"{entry.producer}.send{name}"}
        assert receivers == expected


def test_payload_schemas_accept_the_examples(document: dict[str, Any]) -> None:
    for entry in EVENTS:
        schema = {
            "$ref": f"#/components/schemas/{entry.event.__name__}Message",
            "components": document["components"],
        }
        for file in (PROTO / "examples" / entry.subject).glob("*.json"):
            Draft202012Validator(schema).validate(json.loads(file.read_text("utf-8")))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [v for k, v in node.items() if k == "$ref"] + [
                r for v in node.values() for r in references(v)
            ]
        return [r for v in node for r in references(v)] if isinstance(node, list) else []

    for reference in references(document):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
