"""Whether a resource is what R4 says: known elements, their number, shape, primitive form, required codes.

Invariants, terminologies and profiles are not judged here: what a hospital sends is refused only where no
reader could rely on its shape. Rejected: the models of `fhir.resources`, which know R4B and not R4, and check
no codes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from health_book.fhir.issues import Issue
from health_book.fhir.json_text import Json, Number

STRUCTURE = Path(__file__).parent / "reference" / "r4-structure.json"
MAX_ISSUES = 50

_DATE = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DAY = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_FORMS: dict[str, Callable[[str], object]] = {
    "string": re.compile(r"[\s\S]*\S[\s\S]*").fullmatch,
    "markdown": re.compile(r"[\s\S]*\S[\s\S]*").fullmatch,
    "code": re.compile(r"\S+( \S+)*").fullmatch,
    "id": re.compile(r"[A-Za-z0-9.-]{1,64}").fullmatch,
    "uri": re.compile(r"\S+").fullmatch,
    "url": re.compile(r"\S+").fullmatch,
    "canonical": re.compile(r"\S+").fullmatch,
    "oid": re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+").fullmatch,
    "uuid": re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch,
    "base64Binary": re.compile(r"(\s*[0-9A-Za-z+/=]\s*)+").fullmatch,
    "date": re.compile(_DATE).fullmatch,
    "dateTime": re.compile(_DATE + rf"|{_DAY}T{_CLOCK}{_ZONE}").fullmatch,
    "instant": re.compile(rf"{_DAY}T{_CLOCK}{_ZONE}").fullmatch,
    "time": re.compile(_CLOCK).fullmatch,
    "xhtml": re.compile(r"\s*<div[\s>][\s\S]*</div>\s*").fullmatch,
}
_NUMBERS: dict[str, Callable[[str], object]] = {
    "decimal": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch,
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,9})").fullmatch,
    "unsignedInt": re.compile(r"0|[1-9][0-9]{0,9}").fullmatch,
    "positiveInt": re.compile(r"[1-9][0-9]{0,9}").fullmatch,
}


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: `kind` is a primitive, a type of the table, or `Resource` for any resource."""

    name: str
    is_required: bool
    is_list: bool
    kind: str
    choice: str | None
    codes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Structure:
    """R4 in short."""

    resources: frozenset[str]
    types: dict[str, dict[str, Element]]
    required: dict[str, tuple[frozenset[str], ...]]
    """Per type, sets of names of which one must be there."""


@cache
def structure() -> Structure:
    """Return R4's resource types and the elements of every type."""
    raw = orjson.loads(STRUCTURE.read_bytes())
    codes = {name: frozenset(text.split(" ")) for name, text in raw["codes"].items()}
    types: dict[str, dict[str, Element]] = {}
    required: dict[str, tuple[frozenset[str], ...]] = {}
    for owner, elements in raw["types"].items():
        found = [_elements(name, line.split(" "), codes) for name, line in elements.items()]
        types[owner] = {element.name: element for group in found for element in group}
        required[owner] = tuple(
            frozenset(element.name for element in group) for group in found if group[0].is_required
        )
    return Structure(frozenset(raw["resources"]), types, required)


def _elements(name: str, line: list[str], codes: dict[str, frozenset[str]]) -> list[Element]:
    least, most, kinds = line[0] != "0", line[1] == "*", line[2].split(",")
    bound = codes[line[3]] if len(line) > 3 else None
    if not name.endswith("[x]"):
        return [Element(name, least, most, kinds[0], None, bound)]
    stem = name.removesuffix("[x]")
    return [Element(stem + kind[0].upper() + kind[1:], least, most, kind, stem, None) for kind in kinds]


def check(resource: Json, expression: str) -> list[Issue]:
    """Return what is wrong with a resource, at most 50 issues, with FHIRPath expressions from `expression`.

    Source: FHIR R4 (4.0.1), JSON representation, and the StructureDefinitions of its types.
    """
    found: list[Issue] = []
    for issue in _resource(resource, expression):
        found.append(issue)
        if len(found) >= MAX_ISSUES:
            break
    return found


def _resource(resource: Any, expression: str) -> Iterator[Issue]:
    if not isinstance(resource, dict):
        yield Issue("structure", expression, "wrong_shape")
        return
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or kind not in structure().resources:
        yield Issue("structure", f"{expression}.resourceType", "unknown_type")
        return
    if "id" in resource and not (isinstance(resource["id"], str) and _FORMS["id"](resource["id"])):
        yield Issue("value", f"{expression}.id", "wrong_shape")
    yield from _members(resource, kind, expression, {"resourceType"})


def _members(value: Json, kind: str, expression: str, besides: set[str]) -> Iterator[Issue]:
    if not value:
        yield Issue("structure", expression, "empty_element")
        return
    elements, choices = structure().types[kind], set()
    for name, member in value.items():
        if name in besides or name == "fhir_comments":
            continue
        element = elements.get(name.removeprefix("_"))
        place = f"{expression}.{name}"
        if element is None or (name[0] == "_" and not _is_primitive(element.kind)):
            yield Issue("structure", place, "unknown_element")
        elif name[0] == "_":
            yield from _companion(member, element, place)
        else:
            if element.choice is not None:
                if element.choice in choices:
                    yield Issue("structure", place, "two_choices")
                choices.add(element.choice)
            yield from _occurrences(member, element, place, value)
    for names in structure().required[kind]:
        if not any(name in value or f"_{name}" in value for name in names):
            yield Issue("required", f"{expression}.{min(names, key=len)}", "missing_element")


def _occurrences(member: Any, element: Element, place: str, owner: Json) -> Iterator[Issue]:
    if not element.is_list:
        yield from _value(member, element, place)
        return
    if not isinstance(member, list):
        yield Issue("structure", place, "wrong_shape")
        return
    if not member:
        yield Issue("structure", place, "empty_element")
    has_companion = f"_{element.name}" in owner
    for position, item in enumerate(member):
        if item is None and has_companion and _is_primitive(element.kind):
            continue
        yield from _value(item, element, f"{place}[{position}]")


def _value(value: Any, element: Element, place: str) -> Iterator[Issue]:
    kind = element.kind
    if kind == "Resource":
        yield from _resource(value, place)
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield Issue("value", place, "wrong_shape")
    elif kind in _NUMBERS:
        if not (isinstance(value, Number) and _NUMBERS[kind](value)):
            yield Issue("value", place, "wrong_shape")
    elif kind in _FORMS:
        if isinstance(value, Number) or not isinstance(value, str) or not _FORMS[kind](value):
            yield Issue("value", place, "wrong_shape")
        elif element.codes is not None and value not in element.codes:
            yield Issue("code-invalid", place, "unknown_code")
    elif not isinstance(value, dict):
        yield Issue("structure", place, "wrong_shape")
    else:
        yield from _members(value, kind, place, set())


def _companion(member: Any, element: Element, place: str) -> Iterator[Issue]:
    """Check `_name`, which carries id and extensions of a primitive."""
    for item in member if element.is_list and isinstance(member, list) else [member]:
        if item is None and element.is_list:
            continue
        if not isinstance(item, dict):
            yield Issue("structure", place, "wrong_shape")
        else:
            yield from _members(item, "Element", place, set())


def _is_primitive(kind: str) -> bool:
    return kind == "boolean" or kind in _NUMBERS or kind in _FORMS
