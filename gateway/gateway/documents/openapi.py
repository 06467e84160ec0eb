"""The services' OpenAPI documents as one, which shows what the routing table lets through and nothing else.

A pure function over documents; fetching and keeping them is `documents.sources`. Names that two services
use for different shapes get the service's name in front, so that no schema silently wins over another.
"""

import copy
from collections.abc import Mapping
from typing import Any

from chassis.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    Overloaded,
    Problem,
    RateLimited,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    UpstreamUnavailable,
)
from chassis.operation_outcome import FHIR_PATHS, outcome_content
from contracts.problem import PROBLEM_MEDIA_TYPE
from contracts.problem import Problem as ProblemShape
from gateway.documents.own_paths import OWN_PATHS, OWN_SCHEMAS
from gateway.problems import MalformedRequest
from gateway.routes import Auth, Route, RoutingTable, Service

Document = dict[str, Any]  # Any: JSON

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_REF = "#/components/"
_TAG_TEXTS: dict[Service, str] = {
    Service.IDENTITY: "Đăng nhập, tài khoản, thông báo · Sign-in, account, notifications",
    Service.HEALTH_BOOK: "Sổ sức khỏe điện tử · Health book",
    Service.JUDICIAL_RECORD: "Lý lịch tư pháp · Judicial record",
    Service.DOSSIER: "Dịch vụ công · Public-service dossiers",
    Service.NATIONAL_PORTAL_SYNC: "Cổng Dịch vụ công quốc gia · National portal",
    Service.SANDBOX: "Môi trường thử · Sandbox of the national peers",
}
_SERVICE_WORDS = {service: "".join(w.title() for w in service.value.split("-")) for service in Service}


def merge(
    sources: Mapping[Service, Document], table: RoutingTable, *, public_url: str, version: str
) -> Document:
    """Return one OpenAPI 3.1 document of every public operation that the given documents describe."""
    paths: Document = copy.deepcopy(OWN_PATHS)
    components: dict[str, Document] = {"schemas": copy.deepcopy(OWN_SCHEMAS)}
    operation_ids = {operation["operationId"] for item in paths.values() for operation in item.values()}
    tags: list[Document] = []
    for service, source in sources.items():
        renamed = _take_components(components, source, service)
        found = False
        for path, item in source.get("paths", {}).items():
            public = _public_operations(item, path, service, table)
            if not public:
                continue
            found = True
            target = paths.setdefault(path, {})
            shared = {name: value for name, value in item.items() if name not in METHODS}
            target.update(_rewritten(shared, renamed))
            for method, (operation, route) in public.items():
                target[method] = _finished(
                    _rewritten(operation, renamed), method, path, route, service, operation_ids
                )
        if found:
            tags.append({"name": service.value, "description": _TAG_TEXTS[service]})
    tags.append({"name": "gateway", "description": "Trạng thái và tài liệu · Status and documents"})
    schemas = components["schemas"]
    schemas.setdefault("Problem", _problem_schema(schemas))
    components["responses"] = {**components.get("responses", {}), **_shared_responses()}
    components["headers"] = {**components.get("headers", {}), **_HEADERS}
    components["securitySchemes"] = _security_schemes(public_url)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Liên Thông API",
            "version": version,
            "summary": "Everything that apps, hospitals, agencies and verifiers call, behind one address.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": tags,
        "paths": dict(sorted(paths.items())),
        "components": components,
    }


def _public_operations(
    item: Document, path: str, service: Service, table: RoutingTable
) -> dict[str, tuple[Document, Route]]:
    match = table.find(path.encode())
    if match is None:
        return {}
    found: dict[str, tuple[Document, Route]] = {}
    for method, operation in item.items():
        route = match.by_method.get(method.upper()) if method in METHODS else None
        if route is not None and route.service is service:
            found[method] = (operation, route)
    return found


def _take_components(components: dict[str, Document], source: Document, service: Service) -> dict[str, str]:
    """Add the source's components; return the new reference of each that had to be renamed.

    Repeated until nothing changes: a shape that reads the same is another one when what it refers to was
    renamed.
    """
    given = {kind: e for kind, e in source.get("components", {}).items() if kind != "securitySchemes"}
    renamed: dict[str, str] = {}
    while True:
        found = {
            f"{_REF}{kind}/{name}": f"{_REF}{kind}/{_SERVICE_WORDS[service]}{name}"
            for kind, entries in given.items()
            for name, entry in entries.items()
            if name in components.get(kind, {}) and components[kind][name] != _rewritten(entry, renamed)
        }
        if found.keys() <= renamed.keys():
            break
        renamed |= found
    for kind, entries in given.items():
        target = components.setdefault(kind, {})
        for name, entry in entries.items():
            new_name = renamed.get(f"{_REF}{kind}/{name}", name).rsplit("/", 1)[-1]
            target[new_name] = _rewritten(entry, renamed)
    return renamed


def _rewritten(value: Any, renamed: Mapping[str, str]) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {
            key: renamed.get(inner, inner)
            if key == "$ref" and isinstance(inner, str)
            else _rewritten(inner, renamed)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_rewritten(inner, renamed) for inner in value]
    return value


def _finished(
    operation: Document, method: str, path: str, route: Route, service: Service, operation_ids: set[str]
) -> Document:
    """Give an operation its tag, its security and the answers that the gateway may give in its place."""
    operation["tags"] = [service.value]
    wanted = operation.get("operationId") or f"{method}{path.title().translate(_NO_PUNCTUATION)}"
    if wanted in operation_ids:
        wanted = f"{service.value.replace('-', '_')}_{wanted}"
    operation_ids.add(wanted)
    operation["operationId"] = wanted
    operation.setdefault("summary", wanted.replace("_", " ").capitalize())
    problems: list[type[Problem]] = [MalformedRequest, HeadersTooLarge, RateLimited, UpstreamUnavailable]
    if route.auth is Auth.TOKEN:
        operation["security"] = [{"bearer": []}, {"oauth2": []}]
        problems.append(TokenInvalid)
    else:
        operation.setdefault("security", [])
    if "requestBody" in operation:
        problems.append(BodyTooLarge)
    responses: Document = operation.setdefault("responses", {})
    for problem in problems:
        answer: Document = {"$ref": f"{_REF}responses/Problem{problem.status}"}
        if path.startswith(FHIR_PATHS):
            schema = {"$ref": f"{_REF}schemas/Problem"}
            content = {PROBLEM_MEDIA_TYPE: {"schema": schema}, **outcome_content()}
            answer = {"description": problem.title["en"], "content": content}
        responses.setdefault(str(problem.status), answer)
    for status, response in responses.items():
        if status.startswith("2") and "$ref" not in response:
            response["headers"] = {
                **{name: {"$ref": f"{_REF}headers/{name}"} for name in _HEADERS if name != "Retry-After"},
                **response.get("headers", {}),
            }
    return operation


_NO_PUNCTUATION = {ord(letter): None for letter in "/{}-_."}
_HEADERS: Document = {
    "RateLimit": {
        "description": "State of the quota: `r` requests may come at once, whole again after `t` seconds.",
        "schema": {"type": "string", "examples": ['"person";r=299;t=1']},
    },
    "RateLimit-Policy": {
        "description": "The quota that this caller falls under: `q` requests in `w` seconds.",
        "schema": {"type": "string", "examples": ['"person";q=6000;w=60;lienthong-burst=300']},
    },
    "X-Request-Id": {
        "description": "The caller's own id of the request, or one made here.",
        "schema": {"type": "string", "examples": ["7d0f2c4f9e0b4a0f8a2b6c1d3e4f5a6b"]},
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request can succeed.",
        "schema": {"type": "integer", "examples": [1]},
    },
}
_DESCRIPTION = (
    "All bodies are UTF-8 JSON with `snake_case` names unless an operation says otherwise. Errors are "
    "`application/problem+json` (RFC 9457); every `code` is explained at `/developers/problems`. "
    "Whatever creates or "
    "changes something under `/v1` takes an `Idempotency-Key`. Lists are paged by `limit` and `cursor`. "
    "`Accept-Language: vi` (default) or `en` selects the language of messages. "
    "Events are described at `/asyncapi.json`."
)


def _security_schemes(public_url: str) -> Document:
    scopes = {
        "openid": "Sign in",
        "profile": "Name and assurance level",
        "offline_access": "Stay signed in",
        "health.read": "Read one's own health book",
        "health.submit": "Submit visits as a facility's system",
        "system/*.write": "Send FHIR as a facility's system",
        "system/*.read": "Read back as FHIR what a facility's system sent",
    }
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT (RFC 9068)",
            "description": "An access token from `/oauth2/token`; in the sandbox also from "
            "`lienthong token --as NAME`.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "Citizens by authorization code with PKCE, systems by client credentials.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{public_url}/oauth2/authorize",
                    "tokenUrl": f"{public_url}/oauth2/token",
                    "scopes": scopes,
                },
                "clientCredentials": {
                    "tokenUrl": f"{public_url}/oauth2/token",
                    "scopes": {
                        name: scopes[name] for name in ("health.submit", "system/*.write", "system/*.read")
                    },
                },
            },
        },
    }


def _problem_schema(schemas: Document) -> Document:
    schema = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    return schema


def _shared_responses() -> Document:
    """Return one response per status that the gateway itself may answer, its codes as examples."""
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in (
        MalformedRequest,
        TokenMissing,
        TokenInvalid,
        TokenExpired,
        BodyTooLarge,
        RateLimited,
        HeadersTooLarge,
        Overloaded,
        UpstreamUnavailable,
    ):
        by_status.setdefault(problem.status, []).append(problem)
    return {f"Problem{status}": _problem_response(problems) for status, problems in by_status.items()}


def _problem_response(problems: list[type[Problem]]) -> Document:
    response: Document = {
        "description": " · ".join(problem.title["en"] for problem in problems),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {problem.code: {"value": _example(problem)} for problem in problems},
            }
        },
    }
    if problems[0].status in (429, 503):
        response["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return response


def _example(problem: type[Problem]) -> Document:
    return {
        "type": f"/developers/problems#{problem.code}",
        "title": problem.title["vi"],
        "status": problem.status,
        "detail": problem.cause["vi"],
        "instance": "/v1/me",
        "code": problem.code,
        "fault": problem.fault,
        "retry": problem.retry,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
