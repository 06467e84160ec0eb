"""The structure of R4 that decides what is refused."""

import orjson
import pytest

from health_book.fhir.json_text import parse
from health_book.fhir.structure import STRUCTURE, check, structure
from tests.health_book.fhir.factories import make_observation, sample
from tests.support.judges import run_judge


def test_structure_is_that_of_the_definitions() -> None:
    """What is committed is what `r4-structure.mjs` makes of HL7's definitions today."""
    assert run_judge("r4-structure.mjs", {}) == orjson.loads(STRUCTURE.read_bytes())


@pytest.mark.parametrize("name", ["synthea-buster", "ips-minimal", "ips-hk"])
def test_published_samples_are_sound(name: str) -> None:
    assert check(parse(sample(name)), "Bundle") == []


@pytest.mark.parametrize(
    ("change", "expression"),
    [
        ({"valueQuantity": {"value": "1"}}, "Observation.valueQuantity.value"),
        ({"valueBoolean": "true", "valueQuantity": None}, "Observation.valueBoolean"),
        ({"note": []}, "Observation.note"),
        ({"note": [{}]}, "Observation.note[0]"),
        ({"effectiveDateTime": "2026-13-01"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-11-20T08:30:00"}, "Observation.effectiveDateTime"),
        ({"issued": "2026-11-20"}, "Observation.issued"),
        ({"status": " final"}, "Observation.status"),
        ({"_status": {"extension": [{"valueCode": "x"}]}}, "Observation._status.extension[0].url"),
        ({"_subject": {"id": "x"}}, "Observation._subject"),
        ({"contained": [{"resourceType": "Patient", "gender": "x"}]}, "Observation.contained[0].gender"),
        ({"contained": [{"resourceType": "Nothing"}]}, "Observation.contained[0].resourceType"),
        ({"component": [{"valueString": "x"}]}, "Observation.component[0].code"),
        ({"text": {"status": "generated", "div": "<p/>"}}, "Observation.text.div"),
        ({"subject": "Patient/1"}, "Observation.subject"),
    ],
)
def test_each_fault_is_named_with_its_place(change: dict[str, object], expression: str) -> None:
    resource = {**make_observation(), "valueQuantity": {"unit": "mmol/L"}, **change}
    resource = {name: value for name, value in resource.items() if value is not None}

    assert [issue.expression for issue in check(resource, "Observation")] == [expression]


def test_extension_may_stand_for_a_value() -> None:
    absent = {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
        ]
    }
    resource = {**make_observation(), "valueQuantity": {"unit": "x"}, "_status": absent}
    del resource["status"]

    assert check(resource, "Observation") == []


def test_every_resource_type_is_known() -> None:
    assert len(structure().resources) == 147
    assert {"Patient", "Bundle", "Immunization", "ServiceRequest"} <= structure().resources
