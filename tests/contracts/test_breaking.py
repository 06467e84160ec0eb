"""Each rule of the guard against breaking changes, on a small event and a small OpenAPI document."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from deploy.contracts.breaking import event_breaks, openapi_breaks
from deploy.contracts.guard import accepted_breaks, breaks_between

Change = Callable[[dict[str, Any]], None]

EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["type", "data"],
    "properties": {"type": {"const": "a.b.c.v1"}, "data": {"$ref": "#/$defs/Data"}},
    "$defs": {
        "Data": {
            "type": "object",
            "required": ["visit_id", "outcome"],
            "properties": {
                "visit_id": {"type": "string", "format": "uuid"},
                "outcome": {"type": "string", "enum": ["recorded", "superseded"]},
                "version": {"type": "integer", "minimum": 1},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
        }
    },
}

OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/v1/visits/{id}": {
            "post": {
                "operationId": "record_visit",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VisitIn"}}}
                },
                "responses": {
                    "201": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VisitOut"}}}
                    },
                    "404": {"description": "not there"},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "VisitIn": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 100},
                    "kind": {"enum": ["in", "out"]},
                    "weight": {"type": "number"},
                },
            },
            "VisitOut": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string"},
                    "state": {"enum": ["open", "closed"]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/VisitOut"}},
                },
            },
        }
    },
}


def data(event: dict[str, Any]) -> dict[str, Any]:
    return event["$defs"]["Data"]


def operation(document: dict[str, Any]) -> dict[str, Any]:
    return document["paths"]["/v1/visits/{id}"]["post"]


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    return document["components"]["schemas"][name]


EVENT_BREAKS: dict[str, tuple[Change, str]] = {
    "removed field": (lambda e: data(e)["properties"].pop("version"), "data.version: field removed"),
    "newly required": (lambda e: data(e)["required"].append("version"), "data.version: newly required"),
    "new required field": (
        lambda e: (data(e)["properties"].update(x={"type": "string"}), data(e)["required"].append("x")),
        "data.x: newly required",
    ),
    "no longer required": (
        lambda e: data(e)["required"].remove("visit_id"),
        "data.visit_id: no longer required",
    ),
    "other type": (
        lambda e: data(e)["properties"]["version"].update(type="string"),
        "data.version: narrowed",
    ),
    "no longer null": (
        lambda e: data(e)["properties"].update(note={"type": "string"}),
        "data.note: narrowed",
    ),
    "newly null": (
        lambda e: data(e)["properties"].update(visit_id={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "data.visit_id: widened",
    ),
    "value removed": (
        lambda e: data(e)["properties"]["outcome"]["enum"].pop(),
        "data.outcome: value removed",
    ),
    "value added": (
        lambda e: data(e)["properties"]["outcome"]["enum"].append("voided"),
        "data.outcome: value added",
    ),
    "tighter bound": (lambda e: data(e)["properties"]["version"].update(minimum=2), "data.version: narrowed"),
    "looser bound": (lambda e: data(e)["properties"]["version"].pop("minimum"), "data.version: widened"),
    "other format": (
        lambda e: data(e)["properties"]["visit_id"].update(format="date"),
        "data.visit_id: narrowed",
    ),
    "other subject": (lambda e: e["properties"]["type"].update(const="a.b.c.v2"), "type: value removed"),
    "closed object": (lambda e: data(e).update(additionalProperties=False), "data{}: narrowed"),
}


@pytest.mark.parametrize("case", EVENT_BREAKS)
def test_change_breaks_event(case: str) -> None:
    change, expected = EVENT_BREAKS[case]
    after = deepcopy(EVENT)
    change(after)

    found = [str(one) for one in event_breaks("e.json", EVENT, after)]

    assert any(one.startswith(f"e.json: {expected}") for one in found), found


EVENT_ADDITIONS: dict[str, Change] = {
    "nothing": lambda e: None,
    "new optional field": lambda e: data(e)["properties"].update(x={"type": "string"}),
    "words": lambda e: data(e).update(description="Other words.", title="Other"),
    "new field of the envelope": lambda e: e["properties"].update(x={"type": "string"}),
    "definition under another name": lambda e: (
        e["$defs"].update(Other=e["$defs"].pop("Data")),
        e["properties"].update(data={"$ref": "#/$defs/Other"}),
    ),
}


@pytest.mark.parametrize("case", EVENT_ADDITIONS)
def test_addition_does_not_break_event(case: str) -> None:
    after = deepcopy(EVENT)
    EVENT_ADDITIONS[case](after)

    assert event_breaks("e.json", EVENT, after) == []


HTTP_BREAKS: dict[str, tuple[Change, str]] = {
    "operation removed": (
        lambda d: d["paths"]["/v1/visits/{id}"].pop("post"),
        "POST /v1/visits/{id}: operation removed",
    ),
    "path removed": (lambda d: d["paths"].clear(), "POST /v1/visits/{id}: operation removed"),
    "operation renamed": (
        lambda d: operation(d).update(operationId="x"),
        "POST /v1/visits/{id}: operationId",
    ),
    "response removed": (
        lambda d: operation(d)["responses"].pop("404"),
        "POST /v1/visits/{id} 404: response removed",
    ),
    "answer's media type removed": (
        lambda d: operation(d)["responses"]["201"].update(content={}),
        "POST /v1/visits/{id} 201: application/json removed",
    ),
    "parameter removed": (
        lambda d: operation(d)["parameters"].pop(),
        "POST /v1/visits/{id} query:limit: parameter removed",
    ),
    "parameter newly required": (
        lambda d: operation(d)["parameters"][1].update(required=True),
        "POST /v1/visits/{id} query:limit: newly required",
    ),
    "new required parameter": (
        lambda d: operation(d)["parameters"].append({"name": "X", "in": "header", "required": True}),
        "POST /v1/visits/{id} header:x: new required parameter",
    ),
    "parameter narrowed": (
        lambda d: operation(d)["parameters"][1]["schema"].update(maximum=50),
        "POST /v1/visits/{id} query:limit: narrowed",
    ),
    "body newly required": (
        lambda d: operation(d)["requestBody"].update(required=True),
        "POST /v1/visits/{id} request: body newly required",
    ),
    "body's media type removed": (
        lambda d: operation(d)["requestBody"]["content"].clear(),
        "POST /v1/visits/{id} request: application/json removed",
    ),
    "request field removed": (
        lambda d: schema(d, "VisitIn")["properties"].pop("kind"),
        "POST /v1/visits/{id} request kind: field removed",
    ),
    "request field newly required": (
        lambda d: schema(d, "VisitIn")["required"].append("kind"),
        "POST /v1/visits/{id} request kind: newly required",
    ),
    "request value removed": (
        lambda d: schema(d, "VisitIn")["properties"]["kind"]["enum"].pop(),
        "POST /v1/visits/{id} request kind: value removed",
    ),
    "request type narrowed": (
        lambda d: schema(d, "VisitIn")["properties"].update(weight={"type": "integer"}),
        "POST /v1/visits/{id} request weight: narrowed",
    ),
    "answer's field removed": (
        lambda d: schema(d, "VisitOut")["properties"].pop("state"),
        "POST /v1/visits/{id} 201 state: field removed",
    ),
    "answer's field no longer sure": (
        lambda d: schema(d, "VisitOut")["required"].remove("state"),
        "POST /v1/visits/{id} 201 state: no longer required",
    ),
    "answer's field may be null": (
        lambda d: schema(d, "VisitOut")["properties"].update(id={"type": ["string", "null"]}),
        "POST /v1/visits/{id} 201 id: widened",
    ),
}


@pytest.mark.parametrize("case", HTTP_BREAKS)
def test_change_breaks_callers(case: str) -> None:
    change, expected = HTTP_BREAKS[case]
    after = deepcopy(OPENAPI)
    change(after)

    found = [str(one) for one in openapi_breaks("h.json", OPENAPI, after)]

    assert any(one.startswith(f"h.json: {expected}") for one in found), found


HTTP_ADDITIONS: dict[str, Change] = {
    "nothing": lambda d: None,
    "new operation": lambda d: d["paths"].update({"/v1/other": {"get": {"operationId": "other"}}}),
    "new optional parameter": lambda d: operation(d)["parameters"].append({"name": "q", "in": "query"}),
    "new answer": lambda d: operation(d)["responses"].update({"409": {}}),
    "request takes more": lambda d: schema(d, "VisitIn")["properties"].update(
        name={"type": ["string", "null"], "maxLength": 200}
    ),
    "request takes a new value": lambda d: schema(d, "VisitIn")["properties"]["kind"]["enum"].append("day"),
    "request asks less": lambda d: schema(d, "VisitIn")["required"].clear(),
    "request takes fractions": lambda d: schema(d, "VisitIn")["properties"].update(weight={}),
    "answer says more": lambda d: schema(d, "VisitOut")["properties"].update(x={"type": "string"}),
    "answer is surer": lambda d: schema(d, "VisitOut")["required"].append("parts"),
    "answer has a new value": lambda d: schema(d, "VisitOut")["properties"]["state"]["enum"].append("void"),
}


@pytest.mark.parametrize("case", HTTP_ADDITIONS)
def test_addition_does_not_break_callers(case: str) -> None:
    after = deepcopy(OPENAPI)
    HTTP_ADDITIONS[case](after)

    assert openapi_breaks("h.json", OPENAPI, after) == []


def test_removed_event_and_removed_service_break() -> None:
    before = {"schemas/events/a.b.c.v1.json": EVENT, "schemas/http/x.v1.json": OPENAPI}

    found = [str(one) for one in breaks_between(before, {})]

    assert found == [
        "schemas/events/a.b.c.v1.json: a.b.c.v1: event removed",
        "schemas/http/x.v1.json: x.v1: document removed",
    ]


def test_new_documents_do_not_break() -> None:
    assert breaks_between({}, {"schemas/events/a.b.c.v1.json": EVENT}) == []


def test_accepted_break_needs_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "accepted-breaks.toml"
    file.write_text('[[accept]]\nfile = "a.json"\nwhere = "b"\nreason = " "\n')

    with pytest.raises(ValueError, match="gives no reason"):
        accepted_breaks(file)


def test_accepted_break_is_known_by_file_and_place(tmp_path: Path) -> None:
    file = tmp_path / "accepted-breaks.toml"
    file.write_text('[[accept]]\nfile = "a.json"\nwhere = "b"\nreason = "Nobody read it."\n')

    assert accepted_breaks(file) == {("a.json", "b")}
    assert accepted_breaks(tmp_path / "absent.toml") == set()
