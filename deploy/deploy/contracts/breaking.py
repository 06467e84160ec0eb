"""What breaks those who rely on a contract that was published before: events and HTTP operations.

Within a major version only additions are allowed. What would break is written as a new event class and
subject, or a new path, beside the old one. A break of something that nobody outside uses yet can be accepted
by name, with its reason, in `proto/accepted-breaks.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.contracts.comparison import (
    EVENT_BREAKS,
    REQUEST_BREAKS,
    RESPONSE_BREAKS,
    Kind,
    Schema,
    differences,
    resolve,
)

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


@dataclass(frozen=True, slots=True)
class Break:
    """One break: the file it is in, the place in words that stay the same, and what happened there."""

    file: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.what}"


def removed_file(file: str) -> Break:
    """Return the break that the removal of a published schema file is."""
    kind = "event" if file.startswith("schemas/events/") else "document"
    return Break(file, file.rpartition("/")[2].removesuffix(".json"), f"{kind} removed")


def event_breaks(file: str, old: Schema, new: Schema) -> list[Break]:
    """Return what in the new schema of an event breaks its consumers, or its own old messages."""
    return list(_schema_breaks(file, "", old, new, old, new, EVENT_BREAKS))


def openapi_breaks(file: str, old: Schema, new: Schema) -> list[Break]:
    """Return what in a new OpenAPI document breaks the callers of the old one."""
    return list(_openapi_breaks(file, old, new))


def _openapi_breaks(file: str, old: Schema, new: Schema) -> Iterator[Break]:
    for path, method, before in _operations(old):
        where = f"{method.upper()} {path}"
        after = new.get("paths", {}).get(path, {}).get(method)
        if after is None:
            yield Break(file, where, "operation removed")
            continue
        if before.get("operationId") != after.get("operationId"):
            yield Break(file, where, f"operationId {before.get('operationId')} → {after.get('operationId')}")
        yield from _parameters(file, where, before, after, old, new)
        yield from _request(file, where, before, after, old, new)
        yield from _responses(file, where, before, after, old, new)


def _operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _parameters(
    file: str, where: str, before: Schema, after: Schema, old: Schema, new: Schema
) -> Iterator[Break]:
    was, now = _parameters_of(before, old), _parameters_of(after, new)
    for name, parameter in was.items():
        place = f"{where} {name}"
        if name not in now:
            yield Break(file, place, "parameter removed")
            continue
        if now[name].get("required") and not parameter.get("required"):
            yield Break(file, place, Kind.NEWLY_REQUIRED.value)
        yield from _schema_breaks(
            file, place, parameter.get("schema", {}), now[name].get("schema", {}), old, new, REQUEST_BREAKS
        )
    for name in now.keys() - was.keys():
        if now[name].get("required"):
            yield Break(file, f"{where} {name}", "new required parameter")


def _parameters_of(operation: Schema, root: Schema) -> dict[str, Schema]:
    resolved = [resolve(parameter, root) for parameter in operation.get("parameters", ())]
    return {f"{parameter['in']}:{parameter['name'].lower()}": parameter for parameter in resolved}


def _request(
    file: str, where: str, before: Schema, after: Schema, old: Schema, new: Schema
) -> Iterator[Break]:
    was, now = resolve(before.get("requestBody", {}), old), resolve(after.get("requestBody", {}), new)
    if now.get("required") and not was.get("required"):
        yield Break(file, f"{where} request", "body newly required")
    yield from _contents(file, f"{where} request", was, now, old, new, REQUEST_BREAKS)


def _responses(
    file: str, where: str, before: Schema, after: Schema, old: Schema, new: Schema
) -> Iterator[Break]:
    for status, response in before.get("responses", {}).items():
        place = f"{where} {status}"
        if status not in after.get("responses", {}):
            yield Break(file, place, "response removed")
            continue
        was, now = resolve(response, old), resolve(after["responses"][status], new)
        yield from _contents(file, place, was, now, old, new, RESPONSE_BREAKS)


def _contents(
    file: str, where: str, was: Schema, now: Schema, old: Schema, new: Schema, breaks: frozenset[Kind]
) -> Iterator[Break]:
    for media_type, content in was.get("content", {}).items():
        if media_type not in now.get("content", {}):
            yield Break(file, where, f"{media_type} removed")
            continue
        after: dict[str, Any] = now["content"][media_type]
        yield from _schema_breaks(
            file, where, content.get("schema", {}), after.get("schema", {}), old, new, breaks
        )


def _schema_breaks(
    file: str,
    where: str,
    old: Schema,
    new: Schema,
    old_root: Schema,
    new_root: Schema,
    breaks: frozenset[Kind],
) -> Iterator[Break]:
    for found in differences(old, new, old_root=old_root, new_root=new_root):
        if found.kind in breaks:
            place = " ".join(part for part in (where, found.where) if part) or "(root)"
            yield Break(file, place, f"{found.kind.value}: {found.detail}")
