"""Small readings of FHIR data types: codes, texts, instants, and whether a resource is restricted."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from chassis.clock import LEGAL_ZONE
from health_book.fhir.json_text import Json, Number
from health_book.fhir.persons import items

ICD10 = re.compile(r"icd-?10|2\.16\.840\.1\.113883\.6\.(3|90)$", re.IGNORECASE)
_RESTRICTED = frozenset({"R", "V"})
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def text_of(concept: Any) -> str | None:  # Any: JSON
    """Return what a CodeableConcept says: its text, else the first display, else the first code."""
    if not isinstance(concept, dict):
        return None
    found = concept.get("text")
    for name in ("display", "code"):
        found = found or next((c[name] for c in items(concept, "coding") if c.get(name)), None)
    return found if isinstance(found, str) else None


def code_of(concept: Any) -> str | None:  # Any: JSON
    """Return the first code of a CodeableConcept."""
    return next((c["code"] for c in items(concept, "coding") if isinstance(c.get("code"), str)), None)


def icd10_of(concept: Any) -> str | None:  # Any: JSON
    """Return the ICD-10 code of a CodeableConcept, if it has one."""
    for coding in items(concept, "coding"):
        system, code = coding.get("system"), coding.get("code")
        if isinstance(system, str) and isinstance(code, str) and ICD10.search(system):
            return code
    return None


def moment_of(value: Any) -> datetime | None:  # Any: JSON
    """Return the instant of a FHIR date, dateTime or instant, aware; the beginning of what is partial.

    Without a zone it is a legal day (Asia/Ho_Chi_Minh); what is no date answers `None`.
    """
    if not isinstance(value, str):
        return None
    try:
        if partial := _PARTIAL.fullmatch(value):
            year, month, day = (int(part or 1) for part in partial.groups())
            moment = datetime.combine(date(year, month, day), time(0), LEGAL_ZONE)
        else:
            moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=LEGAL_ZONE)
        moment.astimezone(UTC)  # a year that PostgreSQL and Python cannot both hold is no instant
    except (ValueError, OverflowError):
        return None
    return moment


def when(resource: Json, *names: str) -> datetime | None:
    """Return the instant of the first of these members that has one; of a Period its start, else its end."""
    for name in names:
        member = resource.get(name)
        if isinstance(member, dict):
            found = moment_of(member.get("start")) or moment_of(member.get("end"))
        else:
            found = moment_of(member)
        if found is not None:
            return found
    return None


HAPPENED = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "period",
    "performedDateTime",
    "performedPeriod",
    "occurrenceDateTime",
    "occurrencePeriod",
    "onsetDateTime",
    "onsetPeriod",
    "start",
    "authoredOn",
    "issued",
    "recordedDate",
    "dateAsserted",
    "date",
    "created",
    "billablePeriod",
)
"""Where R4 resources say when they happened, in the order in which we ask."""


def isoformat(moment: datetime | None) -> str | None:
    """Return an instant as the book writes it."""
    return moment.isoformat() if moment else None


def quantity(value: Any) -> int | float | None:  # Any: JSON
    """Return a number to count with, or `None`."""
    if not isinstance(value, Number):
        return None
    number = float(value)
    if number in (float("inf"), float("-inf")):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def is_restricted(resource: Json) -> bool:
    """Return whether a resource is labelled as restricted (confidentiality R or V)."""
    return any(label.get("code") in _RESTRICTED for label in items(resource.get("meta"), "security"))
