"""The merged OpenAPI document: valid, complete, and showing nothing that is not public."""

import copy
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.catalogue import SERVICES
from deploy.contracts.http_snapshots import snapshots
from gateway.documents.openapi import merge
from gateway.routes import ROUTES, RoutingTable, Service
from tests.gateway.running import Running, Upstream, running_gateway, unused_port

Document = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")


def _document(path: str, schema: Document, *, name: str = "Thing", method: str = "get") -> Document:
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {
            path: {
                method: {
                    "operationId": "get_thing",
                    "summary": "Get thing",
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {
                                "application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}
                            },
                        }
                    },
                }
            },
            "/internal/v1/secret": {"get": {"operationId": "secret", "responses": {}}},
        },
        "components": {"schemas": {name: schema, "Inner": {"$ref": f"#/components/schemas/{name}"}}},
    }


@pytest.fixture(scope="module")
def table() -> RoutingTable:
    return RoutingTable(ROUTES, sandbox=True)


@pytest.fixture(scope="module")
def merged(table: RoutingTable) -> Document:
    """The document over the real services."""
    sources = {Service(name): document for name, document in snapshots().items() if name in SERVICES}
    return merge(sources, table, public_url="https://api.example.vn", version="1.0.0")


def operations(document: Document) -> list[tuple[str, str, Document]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_merged_document_is_valid_openapi_31(merged: Document) -> None:
    assert merged["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(merged).iter_errors()] == []


def test_only_public_paths_are_shown(merged: Document, table: RoutingTable) -> None:
    own = {"/healthz", "/readyz", "/v1/status", "/openapi.json", "/asyncapi.json", "/developers/problems"}

    assert [path for path in merged["paths"] if path.startswith("/internal")] == []
    assert [path for path in merged["paths"] if path not in own and table.find(path.encode()) is None] == []


def test_every_operation_has_summary_answers_tag_and_security(merged: Document) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(merged)]

    assert len(ids) == len(set(ids))
    for path, method, operation in operations(merged):
        assert operation["summary"], (method, path)
        assert operation["responses"], (method, path)
        assert operation["tags"], (method, path)
        assert "security" in operation, (method, path)


def test_operations_behind_a_token_say_so(merged: Document) -> None:
    book = merged["paths"]["/v1/me/health-book"]["get"]

    assert book["security"] == [{"bearer": []}, {"oauth2": []}]
    assert {"401", "429", "503"} <= book["responses"].keys()
    assert set(merged["components"]["securitySchemes"]) == {"bearer", "oauth2"}


def test_every_public_health_book_route_is_described(merged: Document) -> None:
    for route in ROUTES:
        if route.service is Service.HEALTH_BOOK:
            described = [path for path in merged["paths"] if _same_shape(path, route.path)]
            assert described, route.path


def test_same_name_for_two_shapes_keeps_both(table: RoutingTable) -> None:
    identity = _document("/v1/me", {"type": "string"})
    book = _document("/v1/me/health-book", {"type": "integer"})
    before = copy.deepcopy(book)

    document = merge(
        {Service.IDENTITY: identity, Service.HEALTH_BOOK: book}, table, public_url="http://x", version="1"
    )

    schemas = document["components"]["schemas"]
    answers = document["paths"]["/v1/me/health-book"]["get"]["responses"]["200"]
    assert schemas["Thing"] == {"type": "string"}
    assert schemas["HealthBookThing"] == {"type": "integer"}
    assert answers["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/HealthBookThing"
    }
    assert schemas["HealthBookInner"] == {"$ref": "#/components/schemas/HealthBookThing"}
    assert {operation["operationId"] for _, _, operation in operations(document)} >= {
        "get_thing",
        "health_book_get_thing",
    }
    assert book == before
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_a_service_cannot_describe_anothers_path(table: RoutingTable) -> None:
    claimed = _document("/v1/me", {"type": "string"})

    document = merge({Service.HEALTH_BOOK: claimed}, table, public_url="http://x", version="1")

    assert "/v1/me" not in document["paths"]


async def test_document_is_served_with_a_tag_and_kept(gateway: Running, upstream: Upstream) -> None:
    first = await gateway.client.get("/openapi.json")
    again = await gateway.client.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert (first.status_code, first.headers["content-type"]) == (200, "application/json")
    assert first.headers["access-control-allow-origin"] == "*"
    assert (again.status_code, again.content) == (304, b"")


async def test_document_is_there_while_a_service_is_down(upstream: Upstream) -> None:
    upstream.document = _document("/v1/me", {"type": "string"})
    away = f"http://127.0.0.1:{unused_port()}"
    async with running_gateway(upstream.url, health_book_url=away) as gateway:
        result = await gateway.client.get("/openapi.json")

    assert result.status_code == 200
    assert "/v1/me" in result.json()["paths"]
    assert "/healthz" in result.json()["paths"]


async def test_service_that_goes_away_keeps_its_part(upstream: Upstream) -> None:
    upstream.document = _document("/v1/me", {"type": "string"})
    async with running_gateway(upstream.url, openapi_refresh_seconds=0.001) as gateway:
        before = await gateway.client.get("/openapi.json")
        upstream.document = {}
        upstream.behaviours.clear()
        for pool in gateway.assembly.pools.values():
            pool.origin = f"http://127.0.0.1:{unused_port()}"
        after = await gateway.client.get("/openapi.json")

    assert "/v1/me" in before.json()["paths"]
    assert after.json() == before.json()


async def test_asyncapi_is_served(gateway: Running) -> None:
    result = await gateway.client.get("/asyncapi.json")

    assert result.json()["asyncapi"].startswith("3.")
    assert result.json()["channels"]


def _same_shape(path: str, other: str) -> bool:
    first, second = path.split("/"), other.split("/")
    return len(first) == len(second) and all(
        a == b or (a.startswith("{") and b.startswith("{")) for a, b in zip(first, second, strict=True)
    )
