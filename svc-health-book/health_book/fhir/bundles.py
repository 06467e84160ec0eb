"""Reads a Bundle: which resources it brings, how they hang together, and by what each is known again.

A resource is known again by its identifier, by the id that its sender chose for it, or by its content within
its patient and visit; never by the `urn:uuid` of its entry, which FHIR lets a sender make anew each time.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from health_book.fhir.issues import Issue, Refused
from health_book.fhir.json_text import Json, dump
from health_book.fhir.persons import items, patient_of
from health_book.fhir.references import LITERAL, BundleAddresses, reference_of, rewritten
from health_book.fhir.structure import check

MAX_ENTRIES = 5_000
SUBJECTS = ("subject", "patient", "beneficiary", "for", "individual")
VISIT_FIELDS = ("encounter", "context")
SHARED_TYPES = frozenset(
    {
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Location",
        "Medication",
        "HealthcareService",
        "Device",
    }
)
"""What a facility sends of itself and not of a patient."""
OUR_META = frozenset({"versionId", "lastUpdated"})
_KEYED = SHARED_TYPES - {"Medication"} | {"Patient", "Encounter"}


@dataclass(slots=True)
class Entry:
    """One resource of a Bundle.

    `keys` name it again, the best first. `patient` and `visit` are positions of entries of this Bundle;
    `outer_patient` and `outer_visit` ids of resources that are there already. `digest` says what it says,
    whatever ids and addresses the sender made up for this Bundle.
    """

    position: int
    resource: Json
    full_url: str | None
    method: str
    asked: str
    digest: bytes = b""
    keys: list[str] = field(default_factory=list)
    patient: int | None = None
    visit: int | None = None
    outer_patient: str | None = None
    outer_visit: str | None = None

    @property
    def kind(self) -> str:
        kind: str = self.resource["resourceType"]
        return kind

    @property
    def own_id(self) -> str | None:
        """The id under which the sender puts it, if it does."""
        _, slash, name = self.asked.partition("?")[0].partition("/")
        return name if self.method == "PUT" and slash else None

    @property
    def pointer(self) -> str:
        return f"Bundle.entry[{self.position}]"


@dataclass(slots=True)
class Bundle:
    """What was read of a Bundle, by position."""

    kind: str
    entries: dict[int, Entry]
    addresses: BundleAddresses

    def resolve(self, reference: str) -> Json | None:
        """Return the resource of this Bundle that a reference means."""
        position = self.addresses.position(reference) if reference else None
        return self.entries[position].resource if position is not None else None

    def of(self, kind: str) -> Iterator[Entry]:
        """Yield the entries of one type, in order."""
        return (entry for entry in self.entries.values() if entry.kind == kind)


def read_bundle(value: Any, kinds: frozenset[str], file_digest: str) -> Bundle:  # Any: JSON
    """Return what a Bundle of one of `kinds` brings; `file_digest` tells this file from every other.

    Raises: Refused, naming each place: not a Bundle, another kind, too many entries, a request that is
    neither POST nor PUT, or a resource that R4 does not define so.
    """
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        raise Refused([Issue("structure", "", "not_a_bundle")])
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        raise Refused([Issue("not-supported", "Bundle.type", "bundle_type")])
    raw = value.get("entry", [])
    if not isinstance(raw, list) or not raw:
        raise Refused([Issue("required", "Bundle.entry", "bundle_empty")])
    if len(raw) > MAX_ENTRIES:
        raise Refused([Issue("too-long", "Bundle.entry", "too_many_entries")])
    entries: dict[int, Entry] = {}
    issues: list[Issue] = []
    addresses_seen: set[str] = set()
    for position, one in enumerate(raw):
        found = _entry(position, one, kind)
        if isinstance(found, Entry):
            if found.full_url in addresses_seen:
                issues.append(Issue("duplicate", f"{found.pointer}.fullUrl", "full_url_twice"))
            addresses_seen.add(found.full_url or f"#{position}")
            entries[position] = found
            issues += check(_without_ours(found.resource), f"{found.pointer}.resource")
        else:
            issues.append(found)
        if len(issues) > 100:
            break
    if issues:
        raise Refused(issues[:100])
    addresses = BundleAddresses({n: (entry.full_url, entry.resource) for n, entry in entries.items()})
    bundle = Bundle(kind, entries, addresses)
    _connect(bundle)
    _name(bundle, file_digest)
    return bundle


def _entry(position: int, raw: Any, kind: Any) -> Entry | Issue:  # Any: JSON
    pointer = f"Bundle.entry[{position}]"
    if not isinstance(raw, dict) or not isinstance(raw.get("resource"), dict):
        asks = isinstance(raw, dict) and isinstance(raw.get("request"), dict) and "resource" not in raw
        is_other = asks and raw["request"].get("method") in ("GET", "DELETE", "HEAD", "PATCH")
        return Issue("structure", pointer, "entry_method" if is_other else "entry_without_resource")
    resource, full_url = raw["resource"], raw.get("fullUrl")
    if not isinstance(resource.get("resourceType"), str):
        return Issue("required", f"{pointer}.resource.resourceType", "unknown_type")
    if full_url is not None and not isinstance(full_url, str):
        return Issue("structure", f"{pointer}.fullUrl", "wrong_shape")
    if kind != "transaction":
        return Entry(position, resource, full_url, "POST", "")
    request = raw.get("request")
    if not isinstance(request, dict) or request.get("method") not in ("POST", "PUT"):
        return Issue("not-supported", f"{pointer}.request.method", "entry_method")
    method: str = request["method"]
    url = request.get("url")
    name = str(url).partition("?")[0].partition("/")[0]
    if not isinstance(url, str) or name != resource["resourceType"]:
        return Issue("value", f"{pointer}.request.url", "entry_url")
    condition = request.get("ifNoneExist")
    asked = f"?{condition}" if method == "POST" and isinstance(condition, str) else url
    return Entry(position, resource, full_url, method, asked)


def _without_ours(resource: Json) -> Json:
    """Return a resource without what we write ourselves, so that nobody is refused for it."""
    checked = {name: value for name, value in resource.items() if name != "id"}
    if isinstance(checked.get("meta"), dict):
        checked["meta"] = {name: value for name, value in checked["meta"].items() if name not in OUR_META}
        if not checked["meta"]:
            del checked["meta"]
    return checked


def _connect(bundle: Bundle) -> None:
    """Find each entry's patient and visit."""
    patients = [entry.position for entry in bundle.of("Patient")]
    for entry in bundle.entries.values():
        if entry.kind == "Patient":
            entry.patient = entry.position
            continue
        reference = reference_of(entry.resource, *SUBJECTS)
        entry.patient, entry.outer_patient = _target(bundle, reference, "Patient")
        if entry.kind != "Encounter":
            visit = reference_of(entry.resource, *VISIT_FIELDS) or reference_of(
                entry.resource.get("context") or {}, "encounter"
            )
            entry.visit, entry.outer_visit = _target(bundle, visit, "Encounter")
    for entry in bundle.entries.values():
        if entry.patient is None and entry.outer_patient is None and entry.visit is not None:
            visit_entry = bundle.entries[entry.visit]
            entry.patient, entry.outer_patient = visit_entry.patient, visit_entry.outer_patient
        is_loose = entry.patient is None and entry.outer_patient is None and entry.kind not in SHARED_TYPES
        if is_loose and len(patients) == 1:
            entry.patient = patients[0]


def _target(bundle: Bundle, reference: str | None, kind: str) -> tuple[int | None, str | None]:
    """Return the position in the Bundle that a reference means, or the id or condition outside of it."""
    if not reference:
        return None, None
    position = bundle.addresses.position(reference)
    if position is not None:
        return (position if bundle.entries[position].kind == kind else None), None
    if reference.startswith(f"{kind}?"):
        return None, reference
    literal = LITERAL.fullmatch(reference)
    return None, literal.group(2) if literal and literal.group(1) == kind else None


def _name(bundle: Bundle, file_digest: str) -> None:
    """Give each entry its digest and the keys by which it is known again.

    A Patient without any identifier is known again in the same file only: doubt never joins two people.
    """
    ordinals: Counter[str] = Counter()
    labels: dict[int, str] = {}
    for entry in bundle.entries.values():
        labels[entry.position] = f"{entry.kind}#{ordinals[entry.kind]}"
        ordinals[entry.kind] += 1

    def label(reference: str) -> str | None:
        position = bundle.addresses.position(reference)
        return None if position is None else labels[position]

    used: set[tuple[str, str]] = set()
    for entry in bundle.entries.values():
        said = {name: value for name, value in entry.resource.items() if name not in ("id", "meta")}
        entry.digest = hashlib.sha256(dump(rewritten(said, label)).encode()).digest()
        entry.keys = [key for key in _keys(entry) if (entry.kind, key) not in used]
        used.update((entry.kind, key) for key in entry.keys)
        if entry.kind == "Patient" and not entry.keys:
            entry.keys = [f"file|{file_digest}|{labels[entry.position]}"]
    seen: Counter[str] = Counter()
    for entry in sorted(bundle.entries.values(), key=lambda one: one.kind != "Encounter"):
        if not entry.keys:
            content = f"content|{_owner(bundle, entry)}|{entry.digest.hex()}"
            entry.keys = [f"{content}|{seen[content]}"]
            seen[content] += 1


def _keys(entry: Entry) -> list[str]:
    query = entry.asked.partition("?")[2]
    keys = []
    if query and (identifier := parse_qs(query).get("identifier")):
        keys.append(f"identifier|{identifier[0]}")
    if entry.own_id:
        keys.append(f"id|{entry.own_id}")
    if entry.kind in _KEYED:
        if entry.kind == "Patient" and (number := patient_of(entry.resource).personal_id):
            keys.append(f"person|{number}")
        keys += [f"identifier|{one}" for one in identifiers(entry.resource)]
    return list(dict.fromkeys(keys))


def _owner(bundle: Bundle, entry: Entry) -> str:
    """Return what tells two resources of the same content apart: whose they are, and of which visit."""
    parts = [patient_key(bundle, entry), str(entry.outer_visit)]
    if entry.visit is not None:
        parts[1] = visit_code(bundle, bundle.entries[entry.visit])
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def patient_key(bundle: Bundle, entry: Entry) -> str:
    """Return by what the patient of an entry is known again."""
    return bundle.entries[entry.patient].keys[0] if entry.patient is not None else str(entry.outer_patient)


def visit_code(bundle: Bundle, entry: Entry) -> str:
    """Return the facility's own code of a visit: the Encounter's identifier, the id its sender keeps for
    it, or, where it has neither, one made of patient, kind and time."""
    for identifier in items(entry.resource, "identifier"):
        if isinstance(identifier.get("value"), str) and identifier["value"].strip():
            value: str = identifier["value"].strip()
            return value[:100]
    if entry.own_id:
        return entry.own_id
    said = {name: value for name, value in entry.resource.items() if name in ("class", "type", "period")}
    told = f"{patient_key(bundle, entry)}|{dump(said)}"
    return "FHIR-" + hashlib.sha256(told.encode()).hexdigest()[:24]


def identifiers(resource: Json) -> list[str]:
    """Return `system|value` of every identifier that has both; those without a system mean nothing alone."""
    return [
        f"{one['system']}|{one['value']}"
        for one in items(resource, "identifier")
        if isinstance(one.get("system"), str) and isinstance(one.get("value"), str)
    ]
