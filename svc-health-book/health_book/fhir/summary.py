"""A person's International Patient Summary: a document Bundle of what the reader may see.

Sections that the summary must have say "no information" where nothing is known: nobody may read silence as
"no allergies". Resources that came as FHIR stand in it as they came, but for the Patient they refer to.

Source: HL7 IPS implementation guide (sections, codes, absent-unknown entries).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID

from health_book.fhir.json_text import Json
from health_book.fhir.references import rewritten
from health_book.fhir.values import code_of, is_restricted, text_of
from health_book.fhir.visits import value_of

IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition"
_ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
_LOINC = "http://loinc.org"
MOST = 30
"""Most entries of a section; the newest ones."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its LOINC code, its titles, the types that fill it, and what stands there for nothing."""

    code: str
    display: str
    title: str
    kinds: tuple[str, ...]
    nothing: Callable[[str], Json] | None = None


def _no_allergies(patient: str) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _status("allergyintolerance-clinical"),
        "code": _absent("no-allergy-info", "No information about allergies"),
        "patient": {"reference": patient},
    }


def _no_medications(patient: str) -> Json:
    unknown = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    return {
        "resourceType": "MedicationStatement",
        "status": "unknown",
        "medicationCodeableConcept": _absent("no-medication-info", "No information about medications"),
        "subject": {"reference": patient},
        "_effectiveDateTime": {"extension": [{"url": unknown, "valueCode": "unknown"}]},
    }


def _no_problems(patient: str) -> Json:
    return {
        "resourceType": "Condition",
        "clinicalStatus": _status("condition-clinical"),
        "code": _absent("no-problem-info", "No information about problems"),
        "subject": {"reference": patient},
    }


def _absent(code: str, display: str) -> Json:
    return {"coding": [{"system": _ABSENT, "code": code, "display": display}], "text": display}


def _status(name: str) -> Json:
    system = f"http://terminology.hl7.org/CodeSystem/{name}"
    return {"coding": [{"system": system, "code": "active"}]}


SECTIONS = (
    Section(
        "48765-2",
        "Allergies and adverse reactions Document",
        "Dị ứng (Allergies and intolerances)",
        ("AllergyIntolerance",),
        _no_allergies,
    ),
    Section(
        "10160-0",
        "History of Medication use Narrative",
        "Thuốc (Medication summary)",
        ("MedicationRequest", "MedicationStatement"),
        _no_medications,
    ),
    Section("11450-4", "Problem list - Reported", "Vấn đề sức khỏe (Problems)", ("Condition",), _no_problems),
    Section("11369-6", "History of Immunization note", "Tiêm chủng (Immunizations)", ("Immunization",)),
    Section(
        "30954-2",
        "Relevant diagnostic tests/laboratory data note",
        "Kết quả (Results)",
        ("Observation",),
    ),
    Section("47519-4", "History of Procedures Document", "Thủ thuật (Procedures)", ("Procedure",)),
)
KINDS = tuple(kind for section in SECTIONS for kind in section.kinds)


def make_summary(
    patient: Json,
    same_person: frozenset[str],
    found: Mapping[str, Sequence[Json]],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
    base_url: str,
) -> Json:
    """Return the document; `found` are resources by type, newest first, `same_person` ids of the Patients
    that are this one. `now` is aware, `base_url` the public address of the FHIR interface."""
    subject = f"Patient/{patient['id']}"
    instant = now.isoformat(timespec="seconds")

    def the_patient(reference: str) -> str | None:
        kind, _, name = reference.partition("/")
        return subject if kind == "Patient" and name in same_person else None

    sections, entries = [], []
    for section in SECTIONS:
        chosen = _chosen([one for kind in section.kinds for one in found.get(kind, ())])
        resources = [rewritten(one, the_patient) for one in chosen]
        if not resources and section.nothing is not None:
            resources = [{**section.nothing(subject), "id": str(new_id())}]
        if resources:
            sections.append(_section(section, resources))
            entries += resources
    author = {"resourceType": "Organization", "id": str(new_id()), "name": "Liên Thông"}
    composition = {
        "resourceType": "Composition",
        "id": str(new_id()),
        "meta": {"profile": [f"{IPS}/Composition-uv-ips"]},
        "text": _narrative(["Tóm tắt sức khỏe của người bệnh (International Patient Summary)"]),
        "status": "final",
        "type": {"coding": [{"system": _LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": subject},
        "date": instant,
        "author": [{"reference": f"Organization/{author['id']}"}],
        "title": "Tóm tắt sức khỏe (International Patient Summary)",
        "custodian": {"reference": f"Organization/{author['id']}"},
        "section": sections,
    }
    return {
        "resourceType": "Bundle",
        "id": str(new_id()),
        "meta": {"profile": [f"{IPS}/Bundle-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{new_id()}"},
        "type": "document",
        "timestamp": instant,
        "entry": [
            {"fullUrl": f"{base_url}/{one['resourceType']}/{one['id']}", "resource": one}
            for one in (composition, patient, *entries, author)
        ],
    }


def _chosen(resources: Sequence[Json]) -> list[Json]:
    """Return the newest of each thing; restricted and mistaken ones left out."""
    chosen: dict[str, Json] = {}
    for one in resources:
        if is_restricted(one) or "entered-in-error" in (
            one.get("status"),
            code_of(one.get("verificationStatus")),
        ):
            continue
        concept = one.get("code") or one.get("medicationCodeableConcept") or one.get("vaccineCode")
        told = f"{one['resourceType']}|{code_of(concept) or text_of(concept) or one['id']}"
        chosen.setdefault(told, one)
    return list(chosen.values())[:MOST]


def _section(section: Section, resources: Sequence[Json]) -> Json:
    return {
        "title": section.title,
        "code": {"coding": [{"system": _LOINC, "code": section.code, "display": section.display}]},
        "text": _narrative([_line(one) for one in resources]),
        "entry": [{"reference": f"{one['resourceType']}/{one['id']}"} for one in resources],
    }


def _line(resource: Json) -> str:
    concept: Any = (
        resource.get("code") or resource.get("medicationCodeableConcept") or resource.get("vaccineCode")
    )
    value, unit = value_of(resource)
    parts = [
        text_of(concept) or resource["resourceType"],
        *([f"{value} {unit or ''}".strip()] if value else []),
    ]
    return ": ".join(parts)


def _narrative(lines: Sequence[str]) -> Json:
    items = "".join(f"<li>{escape(line, quote=False)}</li>" for line in lines)
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>',
    }
