"""What a search asks for, and by which tokens a resource is found.

Identifiers are searched by keyed hash, since they may be personal numbers; codes and states as they are. The
same tokens answer a search over stored rows and over what is derived from visits.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from health_book.fhir.issues import Issue, Refused
from health_book.fhir.json_text import Json
from health_book.fhir.persons import items
from health_book.fhir.values import HAPPENED, moment_of, when

Hash = Callable[[str], str]

MAX_COUNT = 100
DEFAULT_COUNT = 20
SEARCHABLE: dict[str, tuple[str, ...]] = {
    "Patient": (),
    "Encounter": ("status", "class", "type", "date"),
    "Condition": ("encounter", "code", "category", "clinical-status", "onset-date", "recorded-date"),
    "Observation": ("encounter", "code", "category", "status", "date"),
    "DiagnosticReport": ("encounter", "code", "category", "status", "date"),
    "MedicationRequest": ("encounter", "code", "status", "intent", "authoredon"),
    "AllergyIntolerance": ("code", "category", "clinical-status", "date"),
    "Immunization": ("status", "vaccine-code", "date"),
    "Procedure": ("encounter", "code", "status", "date"),
    "ServiceRequest": ("encounter", "code", "status", "intent", "authored"),
    "Appointment": ("status", "date"),
    "Composition": ("encounter", "type", "status", "date"),
}
"""Search parameters by type, besides `_id`, `identifier`, `patient` and `subject`."""

_EVERYWHERE = ("_id", "identifier", "patient", "subject")
_IGNORED = frozenset({"_format", "_pretty", "_total"})
_ELEMENTS = {
    "status": ("status",),
    "class": ("class",),
    "type": ("type",),
    "code": ("code", "medicationCodeableConcept"),
    "category": ("category",),
    "clinical-status": ("clinicalStatus",),
    "intent": ("intent",),
    "vaccine-code": ("vaccineCode",),
}
_DATES = frozenset({"date", "onset-date", "recorded-date", "authoredon", "authored"})


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `start`, and before `end`; either may be open."""

    start: datetime | None
    end: datetime | None

    def holds(self, moment: datetime | None) -> bool:
        if moment is None:
            return False
        return (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)


@dataclass(slots=True)
class Search:
    """A search of one type: every group of tokens must be met by one of its tokens."""

    kind: str
    groups: list[list[str]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    ids: list[str] | None = None
    patients: list[str] | None = None
    visits: list[str] | None = None
    count: int = DEFAULT_COUNT
    cursor: str | None = None

    def fits(self, tokens: Iterable[str], happened_at: datetime | None, resource_id: str) -> bool:
        """Return whether a resource with these tokens is asked for, patients and visits apart."""
        held = set(tokens)
        return (
            (self.ids is None or resource_id in self.ids)
            and all(held.intersection(group) for group in self.groups)
            and all(span.holds(happened_at) for span in self.spans)
        )


def read_search(kind: str, parameters: Iterable[tuple[str, str]], hashed: Hash) -> Search:
    """Return what the query parameters ask for; comma means or, the same parameter again means and.

    Raises: Refused for a parameter that this type does not have, or a value that cannot be read.
    """
    search = Search(kind)
    known = {*_EVERYWHERE, *SEARCHABLE.get(kind, ())}
    for name, value in parameters:
        name, _, modifier = name.partition(":")
        if name in _IGNORED:
            continue
        if name == "_count":
            search.count = _count(value)
        elif name == "_cursor":
            search.cursor = value
        elif name not in known or (modifier and (name, modifier) not in _MODIFIERS):
            raise Refused([Issue("not-supported", f"?{name}", "unknown_parameter")])
        else:
            _add(search, name, value, hashed)
    return search


_MODIFIERS = {("patient", "Patient"), ("subject", "Patient")}


def _add(search: Search, name: str, value: str, hashed: Hash) -> None:
    values = [part for part in value.split(",") if part]
    if not values:
        raise Refused([Issue("value", f"?{name}", "bad_parameter")])
    if name == "_id":
        search.ids = values
    elif name in ("patient", "subject"):
        search.patients = [_id_of(part, "Patient") for part in values]
    elif name == "encounter":
        search.visits = [_id_of(part, "Encounter") for part in values]
    elif name == "identifier":
        search.groups.append([identifier_token(part, hashed) for part in values])
    elif name in _DATES:
        search.spans += [_span(name, part) for part in values[:1]]
    else:
        search.groups.append([f"{name}:{part.removeprefix('|')}" for part in values])


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Refused([Issue("value", "?_count", "bad_parameter")])
    return max(1, min(int(value), MAX_COUNT))


def _id_of(value: str, kind: str) -> str:
    return value.removeprefix(f"{kind}/")


def _span(name: str, value: str) -> Span:
    prefix, rest = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    start = moment_of(rest)
    if start is None or prefix not in ("eq", "ge", "gt", "le", "lt", "sa", "eb"):
        raise Refused([Issue("value", f"?{name}", "bad_parameter")])
    end = _end(rest, start)
    return {
        "eq": Span(start, end),
        "ge": Span(start, None),
        "gt": Span(end, None),
        "sa": Span(end, None),
        "le": Span(None, end),
        "lt": Span(None, start),
        "eb": Span(None, start),
    }[prefix]


def _end(text: str, start: datetime) -> datetime:
    """Return where the span of a partial date ends."""
    if len(text) == 4:
        return start.replace(year=start.year + 1) if start.year < 9999 else start
    if len(text) == 7:
        month = start.month % 12 + 1
        return start.replace(month=month, year=start.year + (month == 1))
    return start + (timedelta(days=1) if len(text) == 10 else timedelta(seconds=1))


def identifier_token(value: str, hashed: Hash) -> str:
    """Return the token of `system|value`, or of a value under any system."""
    return f"identifier:{hashed(value if '|' in value else '*|' + value)}"


def tokens_of(resource: Json, hashed: Hash) -> list[str]:
    """Return the tokens by which a resource is found."""
    found: list[str] = []
    for identifier in items(resource, "identifier"):
        system, value = identifier.get("system"), identifier.get("value")
        if isinstance(value, str):
            found.append(identifier_token(value, hashed))
            found.append(identifier_token(f"{system or ''}|{value}", hashed))
    for name, elements in _ELEMENTS.items():
        for element in elements:
            member = resource.get(element)
            for one in member if isinstance(member, list) else [member]:
                found += [f"{name}:{code}" for code in _codes(one)]
    return sorted(set(found))


def _codes(member: object) -> Iterable[str]:
    """Yield the codes of a code, a Coding or a CodeableConcept, alone and with their system."""
    if isinstance(member, str):
        yield member
    elif isinstance(member, dict):
        codings = [member] if isinstance(member.get("code"), str) else list(items(member, "coding"))
        for coding in codings:
            if isinstance(coding.get("code"), str):
                yield coding["code"]
                yield f"{coding.get('system') or ''}|{coding['code']}"


def happened_at(resource: Json) -> datetime | None:
    """Return when a resource happened, by the first of its members that says so."""
    return when(resource, *HAPPENED)


def uuid_of(text: str) -> UUID | None:
    """Return the UUID of a resource id in its canonical form, or `None`: then it is none of ours."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
