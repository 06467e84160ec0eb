"""The OpenAPI document of one service: FastAPI's, with our problems in place of its own error shape.

The gateway merges the services' documents; `x-problems` lists each service's own codes for
`/developers/problems`.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chassis.errors import Problem
from chassis.operation_outcome import FHIR_PATHS, outcome_content
from chassis.problems_catalogue import entries
from contracts.problem import PROBLEM_MEDIA_TYPE
from contracts.problem import Problem as ProblemOut

Responses = dict[int | str, dict[str, Any]]  # Any: FastAPI's own type of `responses=`
_REFERENCE = {"$ref": "#/components/schemas/Problem"}


def responses(*problems: type[Problem]) -> Responses:
    """Return a route's `responses=` for the problems that it raises, by status, each code with an example."""
    by_status: Responses = {}
    for problem in problems:
        answer = by_status.setdefault(problem.status, _answer())
        titles = [part for part in (answer["description"], problem.title["en"]) if part]
        answer["description"] = "; ".join(titles)
        answer["content"][PROBLEM_MEDIA_TYPE]["examples"][problem.code] = {"value": _example(problem)}
    return by_status


def _answer() -> dict[str, Any]:
    return {"description": "", "content": {PROBLEM_MEDIA_TYPE: {"schema": _REFERENCE, "examples": {}}}}


def _example(problem: type[Problem]) -> dict[str, Any]:
    return {
        "type": f"/developers/problems#{problem.code}",
        "title": problem.title["vi"],
        "status": problem.status,
        "detail": problem.cause["vi"],
        "instance": "/v1/example",
        "code": problem.code,
        "fault": problem.fault,
        "retry": problem.retry,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }


def install(app: FastAPI, problems: Iterable[type[Problem]]) -> None:
    """Make `app.openapi()` answer the document with problems; `problems` are the service's own classes."""
    own = entries(problems)

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            _replace_errors(made)
            made["x-problems"] = [dataclasses.asdict(entry) for entry in own]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _replace_errors(document: dict[str, Any]) -> None:
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    shape = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(shape.pop("$defs", {}))
    schemas["Problem"] = shape
    for name, path in document.get("paths", {}).items():
        for operation in path.values():
            answers = operation["responses"]
            if "application/json" in answers.get("422", {}).get("content", {}):
                answers["422"] = {
                    "description": "Some fields are wrong",
                    "content": {PROBLEM_MEDIA_TYPE: {"schema": _REFERENCE}},
                }
            answers.setdefault(
                "default",
                {
                    "description": "Any other failure",
                    "content": {PROBLEM_MEDIA_TYPE: {"schema": _REFERENCE}},
                },
            )
            if name.startswith(FHIR_PATHS):
                for status, answer in answers.items():
                    if status[0] not in "123":
                        answer["content"] |= outcome_content()


def encoded(app: FastAPI) -> bytes:
    """Return the document as JSON."""
    return orjson.dumps(app.openapi())
