"""Bundles for tests: valid by default, about the persona `an`."""

import copy
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
AN = "001085000017"
Json = dict[str, Any]

PATIENT = "urn:uuid:00000000-0000-4000-8000-000000000001"
VISIT = "urn:uuid:00000000-0000-4000-8000-000000000002"
CONDITION = "urn:uuid:00000000-0000-4000-8000-000000000003"


def sample(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def make_patient(personal_id: str | None = AN, **members: Any) -> Json:
    identifiers = [{"system": "urn:his:mrn", "value": f"BN-{personal_id}"}]
    if personal_id:
        identifiers.append({"system": "urn:lienthong:sid:personal-id", "value": personal_id})
    return {
        "resourceType": "Patient",
        "identifier": identifiers,
        "name": [{"use": "official", "text": "Nguyễn Văn An"}],
        "gender": "male",
        "birthDate": "1985-03-12",
        **members,
    }


def make_visit(code: str = "FV1", **members: Any) -> Json:
    return {
        "resourceType": "Encounter",
        "identifier": [{"system": "urn:his:visit", "value": code}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": PATIENT},
        "period": {"start": "2026-11-20T08:00:00+07:00", "end": "2026-11-20T09:00:00+07:00"},
        "diagnosis": [{"condition": {"reference": CONDITION}, "rank": 1}],
        **members,
    }


def make_condition(**members: Any) -> Json:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]
        },
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "E11.9"}],
            "text": "Đái tháo đường típ 2",
        },
        "subject": {"reference": PATIENT},
        "encounter": {"reference": VISIT},
        **members,
    }


def make_observation(value: str = "6.20", **members: Any) -> Json:
    """An observation; `value` is written into the JSON digit by digit by `as_bytes`."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}], "text": "Glucose"},
        "subject": {"reference": PATIENT},
        "encounter": {"reference": VISIT},
        "effectiveDateTime": "2026-11-20T08:30:00+07:00",
        "valueQuantity": {"value": f"@{value}@", "unit": "mmol/L"},
        **members,
    }


def make_request(**members: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Metformin 500mg"},
        "subject": {"reference": PATIENT},
        "encounter": {"reference": VISIT},
        "authoredOn": "2026-11-20",
        "dosageInstruction": [{"text": "1 viên x 2 lần/ngày"}],
        "dispenseRequest": {"quantity": {"value": 60, "unit": "viên"}},
        **members,
    }


def make_bundle(*resources: Json, kind: str = "transaction", **patient: Any) -> Json:
    """A transaction of a patient, a visit with a diagnosis, and `resources`; an Encounter replaces it."""
    given = list(copy.deepcopy(resources))
    visits = [one for one in given if one["resourceType"] == "Encounter"] or [make_visit()]
    others = [one for one in given if one["resourceType"] != "Encounter"]
    named = [(PATIENT, make_patient(**patient)), (VISIT, visits[0]), (CONDITION, make_condition())]
    named += [(f"urn:uuid:00000000-0000-4000-8000-{n:012}", one) for n, one in enumerate(others, 100)]
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {
                "fullUrl": address,
                "resource": one,
                **(
                    {"request": {"method": "POST", "url": one["resourceType"]}}
                    if kind == "transaction"
                    else {}
                ),
            }
            for address, one in named
        ],
    }


def as_bytes(bundle: Json) -> bytes:
    """Return the Bundle as a sender would write it; `"@6.20@"` becomes the number 6.20."""
    return json.dumps(bundle, ensure_ascii=False).replace('"@', "").replace('@"', "").encode()
