"""Each OpenAPI snapshot is valid by a foreign validator and complete for a reader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.documents.openapi import merge
from gateway.routes import ROUTES, RoutingTable, Service

HTTP = Path(__file__).resolve().parents[2] / "proto" / "schemas" / "http"
METHODS = {"get", "put", "post", "delete", "patch"}
NAMES = sorted(file.name.removesuffix(".v1.json") for file in HTTP.glob("*.json"))


def document(name: str) -> dict[str, Any]:
    return json.loads((HTTP / f"{name}.v1.json").read_text("utf-8"))


def operations(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document(name)["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def public_document() -> dict[str, Any]:
    sources = {service: document(service.value) for service in Service if service.value in NAMES}
    table = RoutingTable(ROUTES, sandbox=True)
    return merge(sources, table, public_url="http://127.0.0.1:8080", version="1.0.0")


@pytest.mark.parametrize("name", NAMES)
def test_snapshot_is_valid_openapi(name: str) -> None:
    OpenAPIV31SpecValidator(document(name)).validate()


def test_merged_public_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(public_document()).validate()


def test_merged_public_document_shows_no_internal_path() -> None:
    assert [path for path in public_document()["paths"] if path.startswith("/internal")] == []


def test_validator_refuses_a_damaged_document() -> None:
    damaged = document("gateway")
    damaged["paths"]["/x"] = {"get": {"responses": {"200": {"$ref": 7}}}}

    assert list(OpenAPIV31SpecValidator(damaged).iter_errors())


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_a_summary_a_description_and_an_id(name: str) -> None:
    for place, operation in operations(name):
        assert operation.get("summary"), f"{place} has no summary"
        assert not operation["summary"].endswith("."), f"{place}: summary ends in a full stop"
        assert operation.get("description"), f"{place} does not say who may call it and what changes"
        assert operation.get("operationId"), f"{place} has no operationId"


@pytest.mark.parametrize("name", NAMES)
def test_every_error_answer_is_a_problem(name: str) -> None:
    for place, operation in operations(name):
        if place.partition(" ")[2].startswith(("/oauth2/", "/readyz")):
            continue  # the provider answers in the shapes of its standards, readiness in its own
        for status, answer in operation["responses"].items():
            if status == "default" or status[0] in "45":
                content = answer.get("content", {"application/problem+json": {}} if "$ref" in answer else {})
                assert "application/problem+json" in content, f"{place} {status} is no problem document"


@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_a_shape_has_a_description(name: str) -> None:
    silent = [
        f"{shape}.{field}"
        for shape, schema in document(name).get("components", {}).get("schemas", {}).items()
        for field, content in schema.get("properties", {}).items()
        if not content.get("description") and "$ref" not in content
    ]

    assert silent == []
