"""Differences between two versions of a JSON Schema that may matter to somebody, by rule.

One walk names every difference; which of them break depends on who reads: a request is written by others, a
response and an event are read by others, and an event is read again later from an outbox or a dead letter. No
library was taken: the known ones compare OpenAPI only or need another platform, and the rules fit on a page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = dict[str, Any]

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "discriminator")


class Kind(StrEnum):
    """What happened to one place of a schema."""

    FIELD_REMOVED = "field removed"
    NEWLY_REQUIRED = "newly required"
    NO_LONGER_REQUIRED = "no longer required"
    NARROWED = "narrowed"
    WIDENED = "widened"
    VALUE_REMOVED = "value removed"
    VALUE_ADDED = "value added"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its kind, where (a path of fields), and what it was and is."""

    kind: Kind
    where: str
    detail: str


REQUEST_BREAKS = frozenset({Kind.FIELD_REMOVED, Kind.NEWLY_REQUIRED, Kind.NARROWED, Kind.VALUE_REMOVED})
"""Others write it: what was accepted must be accepted."""

RESPONSE_BREAKS = frozenset({Kind.FIELD_REMOVED, Kind.NO_LONGER_REQUIRED, Kind.WIDENED})
"""Others read it: what was there must be there, in the type it had. Readers accept new values of a list."""

EVENT_BREAKS = frozenset(Kind)
"""Old events meet new readers and new events meet old readers: only a new optional field is safe."""


def differences(old: Schema, new: Schema, *, old_root: Schema, new_root: Schema) -> list[Difference]:
    """Return what differs between two schemas, in the order of a walk through the old one.

    The roots are the documents that hold the schemas' `$ref`s. Titles, descriptions, examples and defaults do
    not count, and neither does a new optional field.
    """
    return list(_Walk(old_root, new_root).compare(old, new, ""))


class _Walk:
    def __init__(self, old_root: Schema, new_root: Schema) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._seen: set[tuple[str, str]] = set()

    def compare(self, old: Schema | bool, new: Schema | bool, where: str) -> Iterator[Difference]:
        before, after = _reference(old), _reference(new)
        if before and after:
            if (before, after) in self._seen:  # a recursive schema, or one compared under another field
                return
            self._seen.add((before, after))
        old = resolve(old, self._old_root)
        new = resolve(new, self._new_root)
        old_variants, new_variants = _variants(old, self._old_root), _variants(new, self._new_root)
        for name in old_variants.keys() - new_variants.keys():
            if not _covered(name, new_variants):
                yield Difference(Kind.NARROWED, where, f"{name} is no longer taken")
        for name in new_variants.keys() - old_variants.keys():
            if not _covered(name, old_variants):
                yield Difference(Kind.WIDENED, where, f"{name} is new")
        for name in old_variants.keys() & new_variants.keys():
            yield from self._one(old_variants[name], new_variants[name], where)

    def _one(self, old: Schema, new: Schema, where: str) -> Iterator[Difference]:
        yield from _values(old, new, where)
        yield from _constraints(old, new, where)
        yield from self._fields(old, new, where)
        for key, label in (("items", "[]"), ("additionalProperties", "{}")):
            if key in old and key in new:
                yield from self.compare(old[key], new[key], where + label)
            elif new.get(key, True) is not True:
                yield Difference(Kind.NARROWED, where + label, f"{key} is now limited")
            elif old.get(key, True) is not True:
                yield Difference(Kind.WIDENED, where + label, f"{key} is no longer limited")

    def _fields(self, old: Schema, new: Schema, where: str) -> Iterator[Difference]:
        old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
        for name, schema in old_fields.items():
            place = f"{where}.{name}" if where else name
            if name not in new_fields:
                yield Difference(Kind.FIELD_REMOVED, place, "the field is gone")
            else:
                yield from self.compare(schema, new_fields[name], place)
        old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(new_required - old_required):
            yield Difference(
                Kind.NEWLY_REQUIRED, f"{where}.{name}" if where else name, "was optional or absent"
            )
        for name in sorted((old_required - new_required) & new_fields.keys()):
            yield Difference(
                Kind.NO_LONGER_REQUIRED, f"{where}.{name}" if where else name, "was always there"
            )


def resolve(schema: Schema | bool, root: Schema) -> Schema:
    """Return the schema that a `$ref` chain within `root` ends at; `True` is the schema of anything."""
    while not isinstance(schema, bool) and "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if len(schema.get("allOf", ())) == 1:
        return {**resolve(schema["allOf"][0], root), **{k: v for k, v in schema.items() if k != "allOf"}}
    return schema


def _reference(schema: Schema | bool) -> str | None:
    return schema.get("$ref") if isinstance(schema, dict) else None


def _variants(schema: Schema, root: Schema) -> dict[str, Schema]:
    """Return the alternatives of a schema by name: its JSON types, objects told apart by their title."""
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        found: dict[str, Schema] = {}
        for branch in branches:
            for name, variant in _variants(resolve(branch, root), root).items():
                found[name if name not in found else f"{name} ({variant.get('title', len(found))})"] = variant
        return found
    types = schema.get("type", _type_of_values(schema))
    return dict.fromkeys([types] if isinstance(types, str) else types, schema)


def _type_of_values(schema: Schema) -> str:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if "properties" in schema:
        return "object"
    if values and all(isinstance(value, str) for value in values):
        return "string"
    return "nothing" if "not" in schema else "anything"


def _covered(name: str, others: dict[str, Schema]) -> bool:
    return "anything" in others or (name == "integer" and "number" in others)


def _values(old: Schema, new: Schema, where: str) -> Iterator[Difference]:
    before, after = _allowed(old), _allowed(new)
    if before is None and after is not None:
        yield Difference(Kind.NARROWED, where, f"only {sorted(after)} now")
    elif before is not None and after is None:
        yield Difference(Kind.WIDENED, where, f"no longer only {sorted(before)}")
    elif before is not None and after is not None:
        for value in sorted(before - after):
            yield Difference(Kind.VALUE_REMOVED, where, value)
        for value in sorted(after - before):
            yield Difference(Kind.VALUE_ADDED, where, value)


def _allowed(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _constraints(old: Schema, new: Schema, where: str) -> Iterator[Difference]:
    for keys, tighter in ((LOWER_BOUNDS, 1), (UPPER_BOUNDS, -1)):
        for key in keys:
            before, after = old.get(key), new.get(key)
            if before == after:
                continue
            if before is None or (after is not None and (after - before) * tighter > 0):
                yield Difference(Kind.NARROWED, where, f"{key} {before} → {after}")
            else:
                yield Difference(Kind.WIDENED, where, f"{key} {before} → {after}")
    for key in EXACT:
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if after is not None:
            yield Difference(Kind.NARROWED, where, f"{key} {before} → {after}")
        if before is not None:
            yield Difference(Kind.WIDENED, where, f"{key} {before} → {after}")
