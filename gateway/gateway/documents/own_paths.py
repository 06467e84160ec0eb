"""The gateway's own operations, as they stand in the merged OpenAPI document."""

from typing import Any

Document = dict[str, Any]  # Any: JSON


def _get(operation_id: str, summary: str, description: str, responses: Document) -> Document:
    return {
        "get": {
            "operationId": operation_id,
            "summary": summary,
            "description": description,
            "tags": ["gateway"],
            "security": [],
            "responses": responses,
        }
    }


def _json(description: str, schema: Document, example: Any) -> Document:  # Any: JSON
    return {
        "description": description,
        "content": {"application/json": {"schema": schema, "example": example}},
    }


_DOCUMENT: Document = {"type": "object", "additionalProperties": True}
_READY = {"status": "ok", "parts": {"gateway": "ok", "identity": "ok", "health-book": "ok"}}
_NOT_READY = {
    "status": "unavailable",
    "parts": {"gateway": "ok", "identity": "unreachable", "health-book": "ok"},
}

OWN_SCHEMAS: Document = {
    "Liveness": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "ok", "description": "The process lives."}},
    },
    "Readiness": {
        "type": "object",
        "required": ["status", "parts"],
        "properties": {
            "status": {"enum": ["ok", "unavailable"], "description": "`ok` when every part is."},
            "parts": {
                "type": "object",
                "description": "The gateway and every service behind it, by name.",
                "additionalProperties": {"enum": ["ok", "failed", "unreachable", "draining"]},
            },
        },
    },
    "SystemStatus": {
        "type": "object",
        "required": ["status", "services"],
        "properties": {
            "status": {"enum": ["operational", "degraded"], "description": "Whether every part works."},
            "services": {
                "type": "array",
                "description": "The parts, each with whether it works now.",
                "items": {
                    "type": "object",
                    "required": ["name", "available"],
                    "properties": {
                        "name": {
                            "type": "string",
                            "description": "Name of the part.",
                            "examples": ["identity"],
                        },
                        "available": {"type": "boolean", "description": "Whether it answers now."},
                    },
                },
            },
        },
    },
}

OWN_PATHS: Document = {
    "/healthz": _get(
        "get_liveness",
        "Check liveness",
        "Anyone. Says that the gateway's process lives; asks nobody else.",
        {"200": _json("The gateway lives", {"$ref": "#/components/schemas/Liveness"}, {"status": "ok"})},
    ),
    "/readyz": _get(
        "get_readiness",
        "Check readiness",
        "Anyone. Names the gateway and every service behind it with its state. `?only=gateway` "
        "leaves the services "
        "out, for a balancer that decides about the gateway alone.",
        {
            "200": _json("Every part takes work", {"$ref": "#/components/schemas/Readiness"}, _READY),
            "503": _json("Some part does not", {"$ref": "#/components/schemas/Readiness"}, _NOT_READY),
        },
    ),
    "/v1/status": _get(
        "get_status",
        "Get system status",
        "Anyone. Says which parts of the system answer now, for a page or an app that wants to "
        "explain a failure.",
        {
            "200": _json(
                "State of each part",
                {"$ref": "#/components/schemas/SystemStatus"},
                {"status": "operational", "services": [{"name": "gateway", "available": True}]},
            )
        },
    ),
    "/openapi.json": _get(
        "get_openapi",
        "Get OpenAPI document",
        "Anyone. This document.",
        {"200": _json("OpenAPI 3.1", _DOCUMENT, {"openapi": "3.1.0"})},
    ),
    "/asyncapi.json": _get(
        "get_asyncapi",
        "Get AsyncAPI document",
        "Anyone. The events that the services publish.",
        {"200": _json("AsyncAPI 3", _DOCUMENT, {"asyncapi": "3.0.0"})},
    ),
    "/developers/problems": _get(
        "list_problem_codes",
        "List problem codes",
        "Anyone. Every `code` of an error answer with cause and remedy; JSON with `Accept: "
        "application/json`, "
        "else a page.",
        {
            "200": _json(
                "All codes",
                {
                    "type": "object",
                    "required": ["items"],
                    "properties": {"items": {"type": "array", "items": _DOCUMENT}},
                },
                {"items": [{"code": "not_found", "status": 404}]},
            )
        },
    ),
}
