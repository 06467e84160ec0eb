"""What came in the national format, as FHIR: a visit's document as resources, made when they are asked for.

Ids are the visit's id with a letter and a number, so that nothing needs to be kept. Rejected: storing them,
which would keep everything twice and go stale with each correction of the mapping.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from health_book.fhir.json_text import Json, Number
from health_book.fhir.persons import INSURANCE_SYSTEM, PERSONAL_ID_SYSTEM

ICD10_SYSTEM = "http://hl7.org/fhir/sid/icd-10"
SERVICE_SYSTEM = "urn:lienthong:codes:technical-service"
INDEX_SYSTEM = "urn:lienthong:codes:result-index"
DRUG_SYSTEM = "urn:lienthong:codes:drug"
VISIT_CODE_SYSTEM = "urn:lienthong:sid:visit-code"
FACILITY_SYSTEM = "urn:lienthong:sid:facility"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_LETTERS = {
    "Encounter": "",
    "Condition": "c",
    "Observation": "o",
    "DiagnosticReport": "d",
    "MedicationRequest": "m",
    "Procedure": "p",
    "Composition": "s",
}
DERIVED_TYPES = frozenset(_LETTERS)
DERIVED_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.([a-z])[0-9]{1,5})?")
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def visit_of_id(kind: str, resource_id: str) -> str | None:
    """Return the visit that a derived resource of this type and id would come from."""
    found = DERIVED_ID.fullmatch(resource_id)
    if found is None or kind not in _LETTERS or (found.group(2) or "") != _LETTERS[kind]:
        return None
    return found.group(1)


def derive(kind: str, visit: Json, patient_id: str) -> list[Json]:
    """Return the resources of one type that a visit's document (`VisitOut`) makes, in its order.

    Source: QĐ 4750/QĐ-BYT 2023 (meaning of the fields), FHIR R4; the mapping is ours.
    """
    make = _MAKERS.get(kind)
    if make is None:
        return []
    common = {"meta": {"versionId": str(visit["version"]), "lastUpdated": visit["received_at"]}}
    letter = _LETTERS[kind]
    return [
        {
            "resourceType": kind,
            "id": f"{visit['id']}.{letter}{number}" if letter else visit["id"],
            **common,
            **{name: value for name, value in one.items() if value not in (None, [], {})},
        }
        for number, one in enumerate(make(visit, {"reference": f"Patient/{patient_id}"}))
    ]


def patient_resource(citizen_id: str, administrative: Json | None, others: list[str]) -> Json:
    """Return the citizen's own Patient, by the newest visit; `others` are Patients that facilities sent."""
    known = administrative or {}
    identifiers = [
        {"system": system, "value": value}
        for system, value in (
            (PERSONAL_ID_SYSTEM, known.get("personal_id")),
            *((INSURANCE_SYSTEM, card) for card in known.get("insurance_cards", ())),
        )
        if value
    ]
    resource = {
        "resourceType": "Patient",
        "id": citizen_id,
        "identifier": identifiers,
        "name": [{"use": "official", "text": known["name"]}] if known.get("name") else [],
        "telecom": [{"system": "phone", "value": known["phone"]}] if known.get("phone") else [],
        "gender": known.get("sex", "unknown"),
        "birthDate": known.get("born_on"),
        "address": [{"text": known["address"]}] if known.get("address") else [],
        "link": [{"other": {"reference": f"Patient/{other}"}, "type": "seealso"} for other in others],
    }
    return {name: value for name, value in resource.items() if value not in (None, [])}


def _encounter(visit: Json, subject: Json) -> Iterator[Json]:
    is_inpatient = visit["care_type"] in ("03", "04", "06", "09")
    yield {
        "identifier": [{"system": VISIT_CODE_SYSTEM, "value": visit["facility_visit_code"]}],
        "status": "finished" if visit["state"] == "closed" else "in-progress",
        "class": {
            "system": f"{_TERMINOLOGY}/v3-ActCode",
            "code": "IMP" if is_inpatient else "AMB",
        },
        "subject": subject,
        "period": _present({"start": visit["started_at"], "end": visit["ended_at"]}),
        "reasonCode": _text_only(visit["reason"]),
        "diagnosis": [
            {"condition": {"reference": f"Condition/{visit['id']}.c{number}"}, "rank": number + 1}
            for number in range(len(list(_conditions(visit, subject))))
        ],
        "serviceProvider": _facility(visit),
    }


def _conditions(visit: Json, subject: Json) -> Iterator[Json]:
    diagnosis = visit["diagnosis"]
    if diagnosis is None:
        return
    codes = [code for code in (diagnosis["main_code"], *diagnosis["secondary_codes"]) if code]
    for number, code in enumerate(codes or [None]):
        text = diagnosis["text"] if number == 0 else None
        if code is None and not text:
            return
        coding = [{"system": ICD10_SYSTEM, "code": code}] if code else []
        yield {
            "clinicalStatus": _concept(f"{_TERMINOLOGY}/condition-clinical", "active"),
            "verificationStatus": _concept(f"{_TERMINOLOGY}/condition-ver-status", "confirmed"),
            "category": [_concept(f"{_TERMINOLOGY}/condition-category", "encounter-diagnosis")],
            "code": _present({"coding": coding, "text": text}),
            "subject": subject,
            "encounter": {"reference": f"Encounter/{visit['id']}"},
            "recordedDate": visit["ended_at"] or visit["started_at"],
        }


def _observations(visit: Json, subject: Json) -> Iterator[Json]:
    for result in visit["results"]:
        yield {
            "status": "final",
            "category": [_concept(f"{_TERMINOLOGY}/observation-category", "laboratory")],
            "code": _code(
                result["name"], (INDEX_SYSTEM, result["index_code"]), (SERVICE_SYSTEM, result["service_code"])
            ),
            "subject": subject,
            "encounter": {"reference": f"Encounter/{visit['id']}"},
            "effectiveDateTime": result["resulted_at"] or visit["started_at"],
            **_value(result),
            "note": [{"text": text} for text in (result["description"], result["conclusion"]) if text],
        }


def _value(result: Json) -> Json:
    value = result["value"]
    if not value:
        reason = _concept(f"{_TERMINOLOGY}/data-absent-reason", "unknown")
        return {} if result["description"] or result["conclusion"] else {"dataAbsentReason": reason}
    if _PLAIN_NUMBER.fullmatch(value):
        return {"valueQuantity": _present({"value": Number(value), "unit": result["unit"]})}
    return {"valueString": f"{value} {result['unit'] or ''}".strip()}


def _reports(visit: Json, subject: Json) -> Iterator[Json]:
    """Yield one report per service that has results."""
    by_service: dict[str, list[int]] = {}
    for number, result in enumerate(visit["results"]):
        by_service.setdefault(result["service_code"] or "", []).append(number)
    names = {service["service_code"]: service["name"] for service in visit["services"]}
    for service_code, numbers in by_service.items():
        first = visit["results"][numbers[0]]
        yield {
            "status": "final",
            "code": _code(names.get(service_code) or first["name"], (SERVICE_SYSTEM, service_code)),
            "subject": subject,
            "encounter": {"reference": f"Encounter/{visit['id']}"},
            "effectiveDateTime": first["resulted_at"] or visit["started_at"],
            "result": [{"reference": f"Observation/{visit['id']}.o{number}"} for number in numbers],
            "conclusion": "; ".join(
                text for number in numbers if (text := visit["results"][number]["conclusion"])
            )
            or None,
        }


def _medications(visit: Json, subject: Json) -> Iterator[Json]:
    for line in visit["prescriptions"]:
        words = [part for part in (line["dose"], line["how_to_use"]) if part]
        quantity = _present({"value": line["quantity"], "unit": line["unit"]})
        yield {
            "status": "completed" if visit["state"] == "closed" else "active",
            "intent": "order",
            "medicationCodeableConcept": _code(
                " ".join(part for part in (line["name"], line["strength"]) if part) or None,
                (DRUG_SYSTEM, line["drug_code"]),
            ),
            "subject": subject,
            "encounter": {"reference": f"Encounter/{visit['id']}"},
            "authoredOn": line["ordered_at"] or visit["started_at"],
            "dosageInstruction": [{"text": "; ".join(words)}] if words else [],
            "dispenseRequest": {"quantity": quantity} if "value" in quantity else None,
        }


def _procedures(visit: Json, subject: Json) -> Iterator[Json]:
    for line in visit["services"]:
        if not line["service_code"]:
            continue  # a supply
        yield {
            "status": "completed",
            "code": _code(line["name"], (SERVICE_SYSTEM, line["service_code"])),
            "subject": subject,
            "encounter": {"reference": f"Encounter/{visit['id']}"},
            "performedDateTime": line["performed_at"] or line["ordered_at"] or visit["started_at"],
        }


def _composition(visit: Json, subject: Json) -> Iterator[Json]:
    if visit["state"] != "closed":
        return
    sections = [
        ("Chẩn đoán", "Condition"),
        ("Thuốc", "MedicationRequest"),
        ("Kết quả", "Observation"),
    ]
    yield {
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "34133-9"}], "text": "Tóm tắt lượt khám"},
        "subject": subject,
        "encounter": {"reference": f"Encounter/{visit['id']}"},
        "date": visit["ended_at"],
        "author": [_facility(visit)],
        "title": f"Lượt khám {visit['facility_visit_code']}",
        "section": [
            {"title": title, "entry": [{"reference": f"{kind}/{one['id']}"} for one in found]}
            for title, kind in sections
            if (found := derive(kind, visit, ""))
        ],
    }


_Maker = Callable[[Json, Json], Iterator[Json]]
_MAKERS: dict[str, _Maker] = {
    "Encounter": _encounter,
    "Condition": _conditions,
    "Observation": _observations,
    "DiagnosticReport": _reports,
    "MedicationRequest": _medications,
    "Procedure": _procedures,
    "Composition": _composition,
}


def _facility(visit: Json) -> Json:
    code = visit["facility_code"]
    return {"identifier": {"system": FACILITY_SYSTEM, "value": code}, "display": f"Cơ sở {code}"}


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _code(text: str | None, *codings: tuple[str, str | None]) -> Json:
    coding = [{"system": system, "code": code} for system, code in codings if code]
    return _present({"coding": coding, "text": text or (None if coding else "Không rõ")})


def _text_only(text: str | None) -> list[Json]:
    return [{"text": text}] if text else []


def _present(members: dict[str, Any]) -> Json:
    return {name: value for name, value in members.items() if value not in (None, [])}
