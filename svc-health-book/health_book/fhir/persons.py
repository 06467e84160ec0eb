"""Who a Patient resource says the patient is: asked of identity, and kept encrypted beside the visit."""

import re
from collections.abc import Iterator
from typing import Any

from health_book.fhir.json_text import Json
from health_book.submissions.patient import Patient

PERSONAL_ID_SYSTEM = "urn:lienthong:sid:personal-id"
"""The system under which a personal number is best sent, and under which we give it."""
INSURANCE_SYSTEM = "urn:lienthong:sid:insurance-card"

_NATIONAL_TYPES = frozenset({"NI", "NNVNM"})
_NATIONAL_NAMES = re.compile(r"cccd|can-?cuoc|dinh-?danh|personal-?id|national-?id", re.IGNORECASE)
_INSURANCE_NAMES = re.compile(r"bhyt|insurance", re.IGNORECASE)
_is_personal_id = re.compile(r"[0-9]{12}").fullmatch
_is_date = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?").fullmatch


def patient_of(resource: Json) -> Patient:
    """Return who a Patient resource is about. A number counts as personal by its system or its type only."""
    personal_id, passport, cards = None, None, []
    for identifier in items(resource, "identifier"):
        value = identifier.get("value")
        system = identifier.get("system")
        if not isinstance(value, str) or not value.strip():
            continue
        value, system = "".join(value.split()).upper(), system if isinstance(system, str) else ""
        types = {coding.get("code") for coding in items(identifier.get("type") or {}, "coding")}
        if _is_personal_id(value) and (types & _NATIONAL_TYPES or _NATIONAL_NAMES.search(system)):
            personal_id = personal_id or value
        elif "PPN" in types:
            passport = passport or value
        elif "HC" in types or _INSURANCE_NAMES.search(system):
            cards.append(value)
    name, born_on, sex = name_of(resource), resource.get("birthDate"), resource.get("gender")
    born_on = born_on if isinstance(born_on, str) and _is_date(born_on) else None
    if born_on and len(born_on) == 7:
        born_on = born_on[:4]
    sex = sex if sex in ("male", "female") else "unknown"
    return Patient(
        personal_id=personal_id,
        other_papers=(("passport", passport),) if passport and not personal_id else (),
        insurance_card=cards[-1] if cards else None,
        name=name,
        born_on=born_on,
        sex=sex,
        administrative={
            "name": name or None,
            "personal_id": personal_id,
            "other_paper": None if personal_id else passport,
            "born_on": born_on,
            "sex": sex,
            "nationality_code": None,
            "ethnic_group_code": None,
            "occupation_code": None,
            "address": _address(resource),
            "province_code": None,
            "commune_code": None,
            "phone": _phone(resource),
            "blood_group": None,
            "insurance_cards": cards,
            "registered_facility_codes": [],
            "insured_from": [],
            "insured_until": [],
        },
    )


def name_of(resource: Json) -> str:
    """Return the name to show: the official one as one text, family name first as in Vietnam."""
    names = sorted(items(resource, "name"), key=lambda name: name.get("use") != "official")
    for name in names:
        if isinstance(name.get("text"), str) and name["text"].strip():
            text: str = name["text"]
            return text.strip()
        given = [part for part in name.get("given") or () if isinstance(part, str)]
        parts = [name.get("family"), *given]
        if text := " ".join(part for part in parts if isinstance(part, str) and part):
            return text
    return ""


def items(resource: Any, name: str) -> Iterator[Json]:  # Any: JSON
    """Yield the objects of a member that FHIR repeats; what has another shape is left out."""
    member = resource.get(name) if isinstance(resource, dict) else None
    for item in member if isinstance(member, list) else ():
        if isinstance(item, dict):
            yield item


def _address(resource: Json) -> str | None:
    for address in items(resource, "address"):
        if isinstance(address.get("text"), str):
            text: str = address["text"]
            return text
        lines = [line for line in address.get("line") or () if isinstance(line, str)]
        parts = [*lines, *(address.get(name) for name in ("district", "city", "state"))]
        if text := ", ".join(part for part in parts if isinstance(part, str) and part):
            return text
    return None


def _phone(resource: Json) -> str | None:
    for contact in items(resource, "telecom"):
        if contact.get("system") == "phone" and isinstance(contact.get("value"), str):
            value: str = contact["value"]
            return value
    return None
