"""Reading, searching and the summary: for the person, and for who sent it."""

import asyncio
from typing import Any

import pytest

from tests.health_book.factories import make_dossier, make_file
from tests.health_book.fhir.conftest import BASE, Fhir
from tests.health_book.fhir.factories import (
    AN,
    make_bundle,
    make_condition,
    make_observation,
    make_request,
    make_visit,
    sample,
)
from tests.support.judges import run_judge

BINH = "046179000025"


async def test_metadata_is_open(fhir: Fhir) -> None:
    answer = await fhir.book.client.get(f"{BASE}/metadata")

    statement = answer.json()
    assert (statement["resourceType"], statement["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert answer.headers["content-type"] == "application/fhir+json"
    assert "Observation" in {one["type"] for one in statement["rest"][0]["resource"]}


async def test_citizen_reads_the_own_and_nobody_else_does(fhir: Fhir) -> None:
    _, visit, _, observation = await fhir.take(make_bundle(make_observation()))

    assert (await fhir.get(observation, fhir.citizen())).status_code == 200
    for headers in (fhir.citizen(BINH), fhir.system("01001")):
        for path in (observation, visit, f"{observation}/_history/1"):
            answer = await fhir.get(path, headers)
            assert answer.status_code == 404
            assert answer.json()["issue"][0]["code"] == "not-found"
        assert await fhir.found("Observation", headers) == []
    log = (await fhir.book.client.get("/v1/me/access-log", headers=fhir.citizen())).json()["items"]
    assert {(one["outcome"], one["resource"]) for one in log} >= {
        ("refused", observation),
        ("refused", visit),
    }


async def test_system_s_reading_leaves_a_trace(fhir: Fhir) -> None:
    *_, observation = await fhir.take(make_bundle(make_observation()))
    await fhir.get(observation)
    await fhir.get("Observation")
    await fhir.get(observation, fhir.citizen())

    log = (await fhir.book.client.get("/v1/me/access-log", headers=fhir.citizen())).json()["items"]
    assert [(one["actor"]["organisation"], one["outcome"], one["resource"]) for one in log] == [
        ("99999", "allowed", "Observation"),
        ("99999", "allowed", observation),
    ]


async def test_parent_s_reading_leaves_a_trace_for_the_child(fhir: Fhir) -> None:
    *_, observation = await fhir.take(make_bundle(make_observation()))
    parent = fhir.book.parent(BINH, child=AN)
    await fhir.get(observation, parent)
    await fhir.get("Observation", parent)

    log = (await fhir.book.client.get("/v1/me/access-log", headers=fhir.citizen())).json()["items"]
    assert [(one["actor"]["role"], one["resource"]) for one in reversed(log)] == [
        ("parent", observation),
        ("parent", "Observation"),
    ]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (lambda f: {"authorization": ""}, 401, "token_missing"),
        (lambda f: f.system(scopes={"system/*.write"}), 403, "scope_missing"),
        (lambda f: f.citizen(level=1), 401, "insufficient_user_authentication"),
        (lambda f: f.citizen(scopes={"openid"}), 403, "scope_missing"),
        (lambda f: f.system() | {"accept": "text/html"}, 406, "not_acceptable"),
    ],
)
async def test_refusals_are_operation_outcomes(fhir: Fhir, headers: Any, status: int, code: str) -> None:
    answer = await fhir.get("Observation", headers(fhir))

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == code


async def test_only_systems_that_may_write_write(fhir: Fhir) -> None:
    for headers in (fhir.system(scopes={"system/*.read"}), fhir.citizen()):
        assert (await fhir.post(make_bundle(), **headers)).status_code == 403
    assert (await fhir.post(make_bundle(), **{"content-type": "text/plain"})).status_code == 415


async def test_unknown_type_and_id_are_not_found(fhir: Fhir) -> None:
    for path in ("Sickness", "Sickness/1", "Observation/1", "Patient/0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"):
        assert (await fhir.get(path)).status_code == 404
    patient, *_ = await fhir.take(make_bundle())
    assert (await fhir.get(patient.replace("Patient", "Observation"))).status_code == 404


async def test_search_narrows_by_what_it_says(fhir: Fhir) -> None:
    patient, visit, *_ = await fhir.take(
        make_bundle(
            make_observation("1.0"),
            make_observation("2.0", status="preliminary", effectiveDateTime="2026-10-01"),
        )
    )

    async def values(query: str) -> list[float]:
        return sorted(one["valueQuantity"]["value"] for one in await fhir.found(f"Observation?{query}"))

    assert await values(f"patient={patient}") == [1.0, 2.0]
    assert await values(f"subject={patient.removeprefix('Patient/')}&status=final") == [1.0]
    assert await values("status=final,preliminary") == [1.0, 2.0]
    assert await values("code=http://loinc.org|2345-7&date=ge2026-11-01") == [1.0]
    assert await values("code=2345-7&date=2026-10") == [2.0]
    assert await values("date=lt2026-11-20T08:30:00%2B07:00") == [2.0]
    assert await values("code=9999-9") == []
    assert await values(f"encounter={visit}") == [1.0, 2.0]
    assert await values("encounter=Encounter/0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10") == []
    assert await values("patient=nobody") == []


async def test_identifiers_are_searched_in_the_body(fhir: Fhir) -> None:
    await fhir.take(make_bundle())
    for value, count in ((f"urn:lienthong:sid:personal-id|{AN}", 1), (AN, 1), ("urn:his:mrn|none", 0)):
        answer = await fhir.book.client.post(
            f"{BASE}/Patient/_search", data={"identifier": value}, headers=fhir.system()
        )
        assert answer.json()["total"] == count


@pytest.mark.parametrize(
    "query", ["colour=red", "_count=many", "date=yesterday", "code=", "status:not=final"]
)
async def test_what_cannot_be_searched_is_told(fhir: Fhir, query: str) -> None:
    answer = await fhir.get(f"Observation?{query}")

    assert answer.status_code == 422
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_pages_neither_repeat_nor_lose(fhir: Fhir) -> None:
    await fhir.take(make_bundle(*(make_observation(f"{n}.0") for n in range(7))))
    await fhir.book.submit(make_file(*(make_dossier(f"LK{n}") for n in range(4))))
    seen, path = [], f"{BASE}/Observation?_count=2"
    while path:
        page = (await fhir.book.client.get(path, headers=fhir.citizen())).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")

    assert len(seen) == len(set(seen)) == 11
    altered = await fhir.get("Observation?_cursor=AAAA", fhir.citizen())
    assert altered.status_code == 400


async def test_visits_of_the_national_format_are_read_as_fhir(fhir: Fhir) -> None:
    receipt = (await fhir.book.submit(make_file(make_dossier("LK1")))).json()
    visit_id = receipt["visits"][0]["visit_id"]
    me = str(fhir.book.identity.citizen(AN))

    encounter = (await fhir.get(f"Encounter/{visit_id}", fhir.citizen())).json()
    assert encounter["identifier"][0]["value"] == "LK1"
    assert encounter["subject"]["reference"] == f"Patient/{me}"
    condition = encounter["diagnosis"][0]["condition"]["reference"]
    assert (await fhir.get(condition, fhir.citizen())).json()["code"]["coding"][0]["code"]
    (observation,) = await fhir.found("Observation", fhir.citizen())
    assert observation["code"]["text"] == "Glucose"
    assert (await fhir.get(f"Observation/{observation['id']}", fhir.citizen())).json() == observation
    assert len(await fhir.found("MedicationRequest", fhir.citizen())) == 2
    patient = (await fhir.get(f"Patient/{me}", fhir.citizen())).json()
    assert patient["name"][0]["text"] == "NGUYỄN VĂN AN"
    for path in (f"Encounter/{visit_id}", f"Observation/{observation['id']}", f"Patient/{me}"):
        assert (await fhir.get(path, fhir.citizen(BINH))).status_code == 404


async def test_what_is_derived_is_valid(fhir: Fhir) -> None:
    """Judged by Medplum's validator."""
    await fhir.book.submit(make_file(make_dossier("LK1"), make_dossier("LK2", base="qd3176-inpatient")))
    resources = []
    for kind in ("Patient", "Encounter", "Condition", "Observation", "DiagnosticReport", "MedicationRequest"):
        found = await fhir.found(kind, fhir.citizen())
        assert found, kind
        resources += found
    for kind in ("Procedure", "Composition"):
        resources += await fhir.found(kind, fhir.citizen())
    resources.append((await fhir.get("metadata")).json())
    resources.append((await fhir.get("Observation", fhir.citizen())).json())
    resources.append((await fhir.post(make_bundle())).json())
    resources.append((await fhir.get("Observation?x=y")).json())

    verdicts = run_judge("fhir.mjs", {"resources": resources})

    assert [errors(verdict) for verdict in verdicts] == [[]] * len(resources)


def errors(issues: list[dict[str, Any]]) -> list[Any]:
    return [issue for issue in issues if issue["severity"] in ("error", "fatal")]


async def summary(fhir: Fhir, patient: str, headers: dict[str, str] | None = None) -> Any:
    answer = await fhir.get(f"{patient}/$summary", headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_summary_of_what_came_both_ways_is_a_valid_document(fhir: Fhir) -> None:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": "active",
                }
            ]
        },
        "code": {"text": "Penicillin <b>"},
        "patient": make_condition()["subject"],
    }
    patient, *_ = await fhir.take(make_bundle(make_observation(), make_request(), allergy))
    await fhir.book.submit(make_file(make_dossier("LK1")))
    me = f"Patient/{fhir.book.identity.citizen(AN)}"

    documents = [await summary(fhir, one, fhir.citizen()) for one in (me, patient)]
    documents.append(await summary(fhir, patient))

    for document in documents:
        composition = document["entry"][0]["resource"]
        assert (document["type"], composition["resourceType"]) == ("document", "Composition")
        assert composition["type"]["coding"][0]["code"] == "60591-5"
        codes = {section["code"]["coding"][0]["code"] for section in composition["section"]}
        assert codes >= {"48765-2", "10160-0", "11450-4", "30954-2"}
        addresses = {entry["fullUrl"].partition(f"{BASE}/")[2] for entry in document["entry"]}
        told = [one["reference"] for section in composition["section"] for one in section["entry"]]
        assert set(told) <= addresses
        assert composition["subject"]["reference"] in addresses
        subjects = {
            (entry["resource"].get("subject") or entry["resource"].get("patient") or {}).get("reference")
            for entry in document["entry"]
        }
        assert subjects - {None} == {composition["subject"]["reference"]}
    texts = {entry["resource"].get("code", {}).get("text") for entry in documents[0]["entry"]}
    assert {"Penicillin <b>", "Glucose", "Đái tháo đường típ 2"} <= texts
    verdicts = run_judge("fhir.mjs", {"resources": documents})
    assert [errors(verdict) for verdict in verdicts] == [[], [], []]


async def test_summary_of_nothing_says_that_nothing_is_known(fhir: Fhir) -> None:
    document = await summary(fhir, f"Patient/{fhir.book.identity.citizen(AN)}", fhir.citizen())

    codes = {
        coding["code"]
        for entry in document["entry"]
        for name in ("code", "medicationCodeableConcept")
        for coding in entry["resource"].get(name, {}).get("coding", [])
    }
    assert codes == {"no-allergy-info", "no-medication-info", "no-problem-info"}
    (verdict,) = run_judge("fhir.mjs", {"resources": [document]})
    assert errors(verdict) == []


async def test_summary_of_another_person_is_not_there(fhir: Fhir) -> None:
    patient, *_ = await fhir.take(make_bundle())

    for headers in (fhir.citizen(BINH), fhir.system("01001")):
        assert (await fhir.get(f"{patient}/$summary", headers)).status_code == 404
    assert (await fhir.get(f"Observation/{patient[8:]}/$summary")).status_code == 404


async def test_restricted_resources_stay_out_of_page_and_summary(fhir: Fhir) -> None:
    label = {
        "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]
    }
    receipt = (await fhir.submit(make_bundle(make_observation(meta=label)))).json()
    page = await fhir.book.client.get(
        f"/v1/me/health-book/visits/{receipt['visits'][0]['visit_id']}", headers=fhir.citizen()
    )

    assert (page.json()["results"], page.json()["has_withheld_sections"]) == ([], True)
    document = await summary(fhir, f"Patient/{fhir.book.identity.citizen(AN)}", fhir.citizen())
    assert "Observation" not in {entry["resource"]["resourceType"] for entry in document["entry"]}


async def test_facility_s_own_resources_are_readable_for_its_patients(fhir: Fhir) -> None:
    practitioner = {
        "resourceType": "Practitioner",
        "identifier": [{"system": "urn:his:doctor", "value": "D1"}],
        "name": [{"text": "Bác sĩ Hoa"}],
    }
    *_, doctor = await fhir.take(make_bundle(practitioner))

    assert (await fhir.get(doctor, fhir.citizen())).status_code == 200
    assert (await fhir.get(doctor, fhir.citizen(BINH))).status_code == 404


async def test_unchanged_reading_is_not_sent_again(fhir: Fhir) -> None:
    *_, observation = await fhir.take(make_bundle(make_observation()))
    first = await fhir.get(observation)
    again = await fhir.get(observation, fhir.system() | {"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


async def test_two_facilities_send_of_one_person(fhir: Fhir) -> None:
    await asyncio.gather(
        fhir.take(make_bundle(make_visit("A"), make_observation("1.0"))),
        fhir.take(make_bundle(make_visit("A"), make_observation("2.0")), facility="01001"),
    )

    assert len(await fhir.found("Observation", fhir.citizen())) == 2
    assert len(await fhir.found("Observation")) == 1
    assert len(await fhir.found("Patient", fhir.citizen())) == 3


async def test_sample_transaction_gives_a_valid_summary(fhir: Fhir) -> None:
    patient, *_ = await fhir.take(sample("synthea-buster"))
    document = await summary(fhir, patient)

    (verdict,) = run_judge("fhir.mjs", {"resources": [document]})
    assert errors(verdict) == []
