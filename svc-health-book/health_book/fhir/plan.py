"""Which visits a Bundle makes: one per Encounter, or one for a patient of whom it brings results alone."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from health_book.fhir.bundles import Bundle, Entry, patient_key, visit_code
from health_book.fhir.issues import Issue, Refused
from health_book.fhir.json_text import Json
from health_book.fhir.values import moment_of
from health_book.fhir.visits import LINE_TYPES, Episode, make_visit
from health_book.submissions.document import Visit


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit that the Bundle makes. `encounter` is its entry, if it has one; `entries` all that belongs
    to it. The patient is an entry of the Bundle (`patient`), or one that is there already
    (`outer_patient`)."""

    number: int
    visit: Visit
    encounter: int | None
    entries: tuple[int, ...]
    patient: int | None
    outer_patient: str | None


def plan_visits(
    bundle: Bundle, facility_code: str, received_at: datetime, outer_patients: Mapping[str, Json]
) -> list[PlannedVisit]:
    """Return the visits of a Bundle in its order; `outer_patients` are Patients that are there already.

    Raises: Refused when two Encounters have one code, or a period ends before it begins.
    """
    episodes = _encounters(bundle) or _patients_alone(bundle)
    planned: list[PlannedVisit] = []
    codes: set[str] = set()
    for encounter, lines in episodes:
        first = encounter or lines[0]
        patient = (
            bundle.entries[first.patient].resource
            if first.patient is not None
            else outer_patients.get(first.outer_patient or "")
        )
        if patient is None:
            continue  # kept as a resource; nobody's book has a place for it
        code = visit_code(bundle, encounter) if encounter else _code_of_lines(bundle, lines)
        if code in codes:
            raise Refused([Issue("duplicate", f"{first.pointer}.resource", "visit_code_repeated")])
        codes.add(code)
        members = [*([encounter] if encounter else []), *lines]
        digests = [member.digest for member in members]
        if first.patient is not None:
            digests.append(bundle.entries[first.patient].digest)
        episode = Episode(
            facility_code=facility_code,
            visit_code=code,
            encounter=encounter.resource if encounter else None,
            patient=patient,
            lines=[line.resource for line in lines],
            resolve=bundle.resolve,
            digests=digests,
        )
        planned.append(
            PlannedVisit(
                number=len(planned) + 1,
                visit=make_visit(episode, received_at),
                encounter=encounter.position if encounter else None,
                entries=tuple(member.position for member in members),
                patient=first.patient,
                outer_patient=first.outer_patient,
            )
        )
    return planned


def _encounters(bundle: Bundle) -> list[tuple[Entry | None, list[Entry]]]:
    found: list[tuple[Entry | None, list[Entry]]] = []
    lines: dict[int, list[Entry]] = {}
    for entry in bundle.entries.values():
        if entry.visit is not None:
            lines.setdefault(entry.visit, []).append(entry)
    for encounter in bundle.of("Encounter"):
        period = encounter.resource.get("period") or {}
        start, end = moment_of(period.get("start")), moment_of(period.get("end"))
        if start and end and end < start and len(period["end"]) >= len(period["start"]):
            raise Refused(
                [Issue("invariant", f"{encounter.pointer}.resource.period", "ends_before_it_begins")]
            )
        found.append((encounter, lines.get(encounter.position, [])))
    return found


def _patients_alone(bundle: Bundle) -> list[tuple[Entry | None, list[Entry]]]:
    """Return what a Bundle without Encounters brings of each patient, where it is more than names."""
    lines: dict[str, list[Entry]] = {}
    for entry in bundle.entries.values():
        is_owned = entry.patient is not None or entry.outer_patient is not None
        if entry.kind in LINE_TYPES and is_owned and entry.outer_visit is None:
            lines.setdefault(patient_key(bundle, entry), []).append(entry)
    return [(None, found) for found in lines.values()]


def _code_of_lines(bundle: Bundle, lines: Sequence[Entry]) -> str:
    told = hashlib.sha256(patient_key(bundle, lines[0]).encode())
    for digest in sorted(line.digest for line in lines):
        told.update(digest)
    return "FHIR-" + told.hexdigest()[:24]
