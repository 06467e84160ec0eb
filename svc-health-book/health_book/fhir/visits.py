"""An Encounter and what belongs to it as a visit of the book, in the shape that the national format makes.

Only what the page of a visit has a place for; the resources themselves stay as they came.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from health_book.fhir.json_text import Json
from health_book.fhir.persons import items, patient_of
from health_book.fhir.references import reference_of
from health_book.fhir.values import (
    HAPPENED,
    code_of,
    icd10_of,
    is_restricted,
    isoformat,
    moment_of,
    quantity,
    text_of,
    when,
)
from health_book.submissions.document import Visit

STANDARD = "fhir-r4"
_CARE_TYPES = {"AMB": "01", "IMP": "03", "ACUTE": "03", "NONAC": "03"}
_CLOSED = frozenset({"finished", "cancelled", "entered-in-error"})
LINE_TYPES = frozenset(
    {
        "Condition",
        "Observation",
        "DiagnosticReport",
        "MedicationRequest",
        "MedicationStatement",
        "Procedure",
        "Immunization",
        "AllergyIntolerance",
    }
)
"""What makes a Bundle without an Encounter worth a visit of its own."""


@dataclass(frozen=True, slots=True)
class Episode:
    """What one visit is made of. `encounter` is `None` where the Bundle has none for its patient."""

    facility_code: str
    visit_code: str
    encounter: Json | None
    patient: Json
    lines: Sequence[Json]
    resolve: Callable[[str], Json | None]
    digests: Sequence[bytes]


def make_visit(episode: Episode, received_at: datetime) -> Visit:
    """Return the visit of an episode; one without any date happened when it was received."""
    encounter = episode.encounter or {}
    shown = [line for line in episode.lines if not is_restricted(line)]
    dates = [moment for line in episode.lines if (moment := when(line, *HAPPENED))]
    started_at = when(encounter, "period") or min(dates, default=received_at)
    ended_at = moment_of((encounter.get("period") or {}).get("end"))
    is_closed = episode.encounter is None or encounter.get("status") in _CLOSED or ended_at is not None
    if is_closed and (ended_at is None or ended_at < started_at):
        ended_at = max([started_at, *dates]) if ended_at is None else started_at
    document = _document(episode, encounter, shown, is_closed, started_at, ended_at)
    diagnosis = document["diagnosis"]
    overview = {
        name: document[name]
        for name in ("facility_code", "facility_visit_code", "state", "care_type", "started_at", "ended_at")
    }
    overview["diagnosis"] = diagnosis
    overview["has_withheld_sections"] = document["has_withheld_sections"]
    overview["counts"] = {
        name: len(document[name]) for name in ("prescriptions", "services", "results", "notes", "papers")
    }
    return Visit(
        facility_code=episode.facility_code,
        facility_visit_code=episode.visit_code,
        digest=hashlib.sha256(b"".join(sorted(episode.digests))).digest(),
        is_closed=is_closed,
        started_at=started_at,
        ended_at=ended_at if is_closed else None,
        condition_code=diagnosis["main_code"] if diagnosis else None,
        condition_text=diagnosis["text"] if diagnosis else None,
        overview=orjson.dumps(overview),
        document=orjson.dumps(document),
        sealed=None,
        patient=patient_of(episode.patient),
    )


def _document(
    episode: Episode,
    encounter: Json,
    lines: Sequence[Json],
    is_closed: bool,
    started_at: datetime,
    ended_at: datetime | None,
) -> Json:
    def of(*kinds: str) -> list[Json]:
        return [line for line in lines if line["resourceType"] in kinds]

    return {
        "facility_code": episode.facility_code,
        "facility_visit_code": episode.visit_code,
        "patient_code": None,
        "record_number": None,
        "state": "closed" if is_closed else "open",
        "standard": STANDARD,
        "care_type": _CARE_TYPES.get((encounter.get("class") or {}).get("code", "")),
        "patient_category": None,
        "department_code": None,
        "started_at": isoformat(started_at),
        "admitted_at": None,
        "ended_at": isoformat(ended_at) if is_closed else None,
        "treatment_days": None,
        "reason": next((text_of(reason) for reason in items(encounter, "reasonCode")), None),
        "admission_diagnosis": None,
        "diagnosis": _diagnosis(encounter, of("Condition"), episode.resolve) if is_closed else None,
        "procedure_codes": [],
        "treatment": None,
        "outcome": None,
        "discharge_type": None,
        "advice": None,
        "transferred_from": None,
        "transferred_to": None,
        "re_examination_on": [],
        "costs": None,
        "prescriptions": [_prescription(one, episode.resolve) for one in of("MedicationRequest")],
        "services": [_service(one) for one in of("Procedure", "ServiceRequest")],
        "results": [
            *(line for one in of("Observation") for line in _results(one)),
            *(_report(one) for one in of("DiagnosticReport") if one.get("conclusion")),
        ],
        "notes": [],
        "papers": [],
        "unread": [],
        "has_withheld_sections": len(lines) < len(episode.lines),
    }


def _diagnosis(encounter: Json, conditions: list[Json], resolve: Callable[[str], Json | None]) -> Json:
    ranked = sorted(items(encounter, "diagnosis"), key=lambda one: str(one.get("rank", "9")))
    named = [resolve(reference_of(one, "condition") or "") for one in ranked]
    ordered = [one for one in named if one is not None and not is_restricted(one)]
    ordered += [one for one in conditions if one not in ordered]
    codes = [code for one in ordered if (code := icd10_of(one.get("code")))]
    return {
        "text": text_of(ordered[0].get("code")) if ordered else None,
        "main_code": codes[0] if codes else None,
        "secondary_codes": list(dict.fromkeys(codes[1:])),
        "traditional_codes": [],
    }


def _prescription(request: Json, resolve: Callable[[str], Json | None]) -> Json:
    concept = request.get("medicationCodeableConcept")
    if concept is None:
        medication = resolve(reference_of(request, "medicationReference") or "") or {}
        concept = medication.get("code")
    dosage = next(items(request, "dosageInstruction"), {})
    dose = next(items(dosage, "doseAndRate"), {}).get("doseQuantity") or {}
    supply = (request.get("dispenseRequest") or {}).get("quantity") or {}
    return {
        "drug_code": code_of(concept),
        "name": text_of(concept),
        "strength": None,
        "form": None,
        "route_code": code_of(dosage.get("route")),
        "dose": _amount(dose) or dosage.get("text"),
        "how_to_use": dosage.get("patientInstruction") or dosage.get("text"),
        "quantity": quantity(supply.get("value")),
        "unit": supply.get("unit") or supply.get("code"),
        "registration_number": None,
        "ordered_at": isoformat(when(request, "authoredOn")),
        "given_at": None,
        "ordered_by": None,
        "department_code": None,
        "amount": None,
    }


def _service(resource: Json) -> Json:
    done_at = when(resource, "performedDateTime", "performedPeriod")
    return {
        "service_code": code_of(resource.get("code")),
        "name": text_of(resource.get("code")),
        "supply_code": None,
        "supply_name": None,
        "group_code": None,
        "quantity": None,
        "unit": None,
        "diagnosis_codes": [code for r in items(resource, "reasonCode") if (code := icd10_of(r))],
        "ordered_at": isoformat(when(resource, "authoredOn")),
        "performed_at": isoformat(done_at),
        "resulted_at": None,
        "ordered_by": None,
        "performed_by": [],
        "machine_code": None,
        "department_code": None,
        "amount": None,
    }


def _results(observation: Json) -> Iterator[Json]:
    """Yield a line for the observation's value and one for each of its components."""
    parts = list(items(observation, "component"))
    if not parts or any(name.startswith("value") for name in observation):
        yield _result(observation, observation, text_of(observation.get("code")))
    for part in parts:
        yield _result(observation, part, text_of(part.get("code")))


def _result(observation: Json, holder: Json, name: str | None) -> Json:
    value, unit = value_of(holder)
    notes = [note["text"] for note in items(observation, "note") if isinstance(note.get("text"), str)]
    readings = [text for one in items(holder, "interpretation") if (text := text_of(one))]
    return {
        "service_code": None,
        "index_code": code_of(holder.get("code")),
        "name": name,
        "value": value,
        "unit": unit,
        "description": "; ".join(notes) or None,
        "conclusion": "; ".join(readings) or None,
        "resulted_at": isoformat(when(observation, "effectiveDateTime", "effectivePeriod", "issued")),
        "read_by": None,
    }


def _report(report: Json) -> Json:
    return {
        "service_code": code_of(report.get("code")),
        "index_code": None,
        "name": text_of(report.get("code")),
        "value": None,
        "unit": None,
        "description": None,
        "conclusion": report["conclusion"],
        "resulted_at": isoformat(when(report, "effectiveDateTime", "effectivePeriod", "issued")),
        "read_by": None,
    }


def value_of(holder: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return a value as it was reported, digit by digit, and its unit."""
    for name, value in holder.items():
        if not name.startswith("value"):
            continue
        if name == "valueQuantity" and isinstance(value, dict):
            number = f"{value.get('comparator') or ''}{value.get('value') or ''}"
            return number or None, value.get("unit") or value.get("code")
        if name == "valueCodeableConcept":
            return text_of(value), None
        if name == "valueBoolean":
            return ("true" if value else "false"), None
        if name == "valueRange" and isinstance(value, dict):
            return f"{_amount(value.get('low')) or ''} - {_amount(value.get('high')) or ''}", None
        if isinstance(value, str):
            return str(value), None
    return None, None


def _amount(amount: Any) -> str | None:  # Any: JSON
    if not isinstance(amount, dict) or not amount.get("value"):
        return None
    return f"{amount['value']} {amount.get('unit') or amount.get('code') or ''}".strip()
