"""Bundles taken, known again, and given back as they came."""

import asyncio
import json
from typing import Any

import pytest

from health_book.fhir.json_text import parse
from health_book.visits.schemas import VisitOut
from tests.health_book.conftest import SUBMISSIONS
from tests.health_book.fhir.conftest import BASE, Fhir
from tests.health_book.fhir.factories import (
    AN,
    PATIENT,
    as_bytes,
    make_bundle,
    make_condition,
    make_observation,
    make_request,
    make_visit,
    sample,
)

BINH = "046179000025"


async def test_transaction_is_answered_entry_by_entry(fhir: Fhir) -> None:
    answer = await fhir.post(make_bundle(make_observation()))

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction-response")
    kinds = [entry["response"]["location"].split("/")[0] for entry in bundle["entry"]]
    assert kinds == ["Patient", "Encounter", "Condition", "Observation"]
    assert {entry["response"]["status"] for entry in bundle["entry"]} == {"201 Created"}
    assert {entry["response"]["etag"] for entry in bundle["entry"]} == {'W/"1"'}


@pytest.mark.parametrize(
    "name", ["synthea-buster", "ips-minimal", "ips-hk"], ids=["transaction", "document", "another document"]
)
async def test_what_came_in_goes_out_again(fhir: Fhir, name: str) -> None:
    """Apart from ids, meta and references; numbers digit by digit (`Number` compares as text)."""
    body = sample(name)
    answer = await fhir.submit(body)
    assert answer.status_code == 201, answer.text
    original = await fhir.book.client.get(
        f"{SUBMISSIONS}/{answer.json()['id']}/original", headers=fhir.system()
    )
    assert original.content == body
    assert original.headers["content-type"] == "application/fhir+json"

    sent: dict[str, list[Any]] = {}
    for entry in parse(body)["entry"]:
        sent.setdefault(entry["resource"]["resourceType"], []).append(plain(entry["resource"]))
    for kind, resources in sent.items():
        kept = await everything(fhir, kind)
        assert sorted(map(repr, kept)) == sorted(map(repr, resources)), kind


async def everything(fhir: Fhir, kind: str) -> list[Any]:
    """Return every resource of a type, page by page, without what the server may change."""
    found, path = [], f"{BASE}/{kind}?_count=7"
    while path:
        answer = await fhir.book.client.get(path, headers=fhir.system())
        page = parse(answer.content)
        found += [plain(entry["resource"]) for entry in page.get("entry", [])]
        path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    return found


def plain(resource: Any) -> Any:
    """Return a resource without id, meta and references."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without(member) for name, member in value.items() if name != "reference"}
        return [without(item) for item in value] if isinstance(value, list) else value

    return {name: without(value) for name, value in resource.items() if name not in ("id", "meta")}


async def test_decimals_keep_their_digits(fhir: Fhir) -> None:
    values = ["6.20", "1.0", "0.10", "100", "1.000000000000000000000000001", "1E2", "-0.0"]
    taken = await fhir.take(make_bundle(*(make_observation(value) for value in values)))

    for address, value in zip(taken[3:], values, strict=True):
        assert f'"value":{value},' in (await fhir.get(address)).text


async def test_references_lead_to_what_was_made(fhir: Fhir) -> None:
    patient, visit, condition, observation = await fhir.take(make_bundle(make_observation()))

    kept = (await fhir.get(observation)).json()
    assert kept["subject"]["reference"] == patient
    assert kept["encounter"]["reference"] == visit
    assert (await fhir.get(visit)).json()["diagnosis"][0]["condition"]["reference"] == condition


async def test_same_bundle_again_makes_nothing_new(fhir: Fhir) -> None:
    bundle = make_bundle(make_observation("1.0"), make_observation("1.0"), make_request())
    first = await fhir.take(bundle)
    answer = await fhir.post(bundle)

    assert [e["response"]["location"].partition("/_history")[0] for e in answer.json()["entry"]] == first
    assert {entry["response"]["status"] for entry in answer.json()["entry"]} == {"200 OK"}
    assert len(set(first)) == len(first)
    assert await fhir.book.count("fhir_resources") == len(first)
    assert await fhir.book.count("visits") == 1
    assert len(await fhir.book.events()) == 1


async def test_same_visit_under_other_addresses_is_the_same(fhir: Fhir) -> None:
    """FHIR lets a sender make the addresses of entries anew for each Bundle."""
    first = await fhir.take(make_bundle(make_observation()))
    again = as_bytes(make_bundle(make_observation())).replace(b"-4000-8000-", b"-4abc-9abc-")

    assert await fhir.take(again) == first
    assert await fhir.book.count("fhir_resources") == len(first)


async def test_doubles_do_not_arise_when_many_send_at_once(fhir: Fhir) -> None:
    """hapi-fhir#3141, medplum#4878: search-then-insert makes doubles under concurrency."""
    bundles = [as_bytes(make_bundle(make_observation(f"{n % 2}.0"))) for n in range(12)]
    answers = await asyncio.gather(*(fhir.post(body) for body in bundles))

    assert {answer.status_code for answer in answers} == {200}
    assert len(await fhir.found("Patient")) == 1
    assert len(await fhir.found("Encounter")) == 1
    assert len(await fhir.found("Observation")) == 1
    assert await fhir.book.count("visit_claims") == 1


async def test_correction_supersedes_and_history_stays(fhir: Fhir) -> None:
    before = await fhir.take(make_bundle(make_observation("5.0")))
    after = await fhir.take(make_bundle(make_observation("7.0")))

    assert before[:3] == after[:3]
    assert [one["valueQuantity"]["value"] for one in await fhir.found("Observation")] == [7.0]
    assert (await fhir.get(before[3])).status_code == 404
    assert (await fhir.get(f"{before[3]}/_history/1")).json()["valueQuantity"]["value"] == 5.0
    assert [event["outcome"] for event in await fhir.book.events()] == ["recorded", "superseded"]


async def test_changed_patient_is_a_new_version(fhir: Fhir) -> None:
    (patient, *_) = await fhir.take(make_bundle())
    await fhir.take(make_bundle(birthDate="1985-03-13"))

    kept = await fhir.get(patient)
    assert (kept.json()["birthDate"], kept.json()["meta"]["versionId"]) == ("1985-03-13", "2")
    assert kept.headers["etag"] == 'W/"2"'
    earlier = await fhir.get(f"{patient}/_history/1")
    assert earlier.json()["birthDate"] == "1985-03-12"


async def test_visit_shows_in_the_citizen_s_book(fhir: Fhir) -> None:
    receipt = (await fhir.submit(make_bundle(make_observation(), make_request()))).json()
    (visit,) = receipt["visits"]

    assert (receipt["accepted"], visit["outcome"]) == (1, "recorded")
    answer = await fhir.book.client.get(
        f"/v1/me/health-book/visits/{visit['visit_id']}", headers=fhir.citizen()
    )
    shown = VisitOut.model_validate_json(answer.content)
    assert shown.standard == "fhir-r4"
    assert shown.facility_visit_code == "FV1"
    assert shown.diagnosis is not None
    assert (shown.diagnosis.main_code, shown.diagnosis.text) == ("E11.9", "Đái tháo đường típ 2")
    assert [(line.name, line.value, line.unit) for line in shown.results] == [("Glucose", "6.20", "mmol/L")]
    assert [(line.name, line.quantity, line.unit) for line in shown.prescriptions] == [
        ("Metformin 500mg", 60, "viên")
    ]
    book = (await fhir.book.client.get("/v1/me/health-book", headers=fhir.citizen())).json()
    assert [one["code"] for one in book["conditions"]] == ["E11.9"]
    assert book["administrative"]["personal_id"] == AN


async def test_same_file_again_is_unchanged(fhir: Fhir) -> None:
    body = as_bytes(make_bundle(make_observation()))
    first, again = (await fhir.submit(body)).json(), (await fhir.submit(body)).json()

    assert again["id"] == first["id"]
    assert (again["accepted"], again["unchanged"]) == (0, 1)


async def test_results_without_a_visit_make_one(fhir: Fhir) -> None:
    loose = make_observation()
    del loose["encounter"]
    bundle = make_bundle(loose)
    bundle["entry"] = [bundle["entry"][0], bundle["entry"][3]]

    receipt = (await fhir.submit(bundle)).json()

    assert receipt["accepted"] == 1
    (visit,) = await fhir.book.visits()
    assert (visit["started_at"], visit["counts"]["results"]) == ("2026-11-20T08:30:00+07:00", 1)


async def test_dry_run_stores_nothing(fhir: Fhir) -> None:
    answer = await fhir.submit(make_bundle(), params={"dry_run": "true"})

    assert (answer.status_code, answer.json()["accepted"], answer.json()["id"]) == (200, 1, None)
    assert await fhir.book.count("submissions") == 0
    assert await fhir.book.count("fhir_resources") == 0


async def test_person_is_found_later(fhir: Fhir) -> None:
    fhir.book.identity.is_away = True
    receipt = (await fhir.submit(make_bundle(make_observation()))).json()
    assert (receipt["accepted"], receipt["unlinked"]) == (1, 1)
    assert await fhir.found("Observation", fhir.citizen()) == []

    fhir.book.identity.is_away = False
    fhir.book.app.state.people._away_until = 0.0
    await fhir.book.app.state.people.link_waiting()
    await fhir.book.app.state.fhir.link_waiting()

    assert len(await fhir.found("Observation", fhir.citizen())) == 1
    assert len(await fhir.book.visits()) == 1


async def test_patient_without_identifiers_is_never_taken_for_another(fhir: Fhir) -> None:
    bundles = [
        make_bundle(identifier=[{"value": "1"}]),
        make_bundle(make_observation(), identifier=[{"value": "1"}]),
    ]
    for n, bundle in enumerate(bundles):
        bundle["entry"][1]["resource"] = make_visit(f"V{n}")
    first, second = [await fhir.take(bundle) for bundle in bundles]

    assert first[0] != second[0]
    assert await fhir.take(bundles[0]) == first


async def test_correction_that_names_another_person_is_refused(fhir: Fhir) -> None:
    await fhir.take(make_bundle())
    answer = await fhir.post(make_bundle(personal_id=BINH))

    assert answer.status_code == 409
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "patient_changed"
    assert await fhir.book.count("fhir_resources") == 3


async def test_later_bundle_refers_to_what_is_there(fhir: Fhir) -> None:
    patient, visit, *_ = await fhir.take(make_bundle())
    late = make_observation(subject={"reference": patient}, encounter={"reference": visit})
    by_number = make_observation(
        "7.0", subject={"reference": f"Patient?identifier=urn:lienthong:sid:personal-id|{AN}"}
    )
    del by_number["encounter"]
    entries = [
        {"resource": one, "request": {"method": "POST", "url": "Observation"}} for one in (late, by_number)
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    found = await fhir.take(bundle)

    assert (await fhir.get(found[1])).json()["subject"]["reference"] == patient
    assert len(await fhir.found("Observation", fhir.citizen())) == 2
    assert len(await fhir.found(f"Observation?encounter={visit}")) == 1


async def test_reference_that_fits_nothing_is_refused(fhir: Fhir) -> None:
    lost = make_observation(subject={"reference": "Patient?identifier=urn:his:mrn|none"})
    answer = await fhir.post(make_bundle(lost))

    assert answer.status_code == 422
    assert await fhir.book.count("fhir_resources") == 0


async def test_put_keeps_the_sender_s_id_for_the_sender(fhir: Fhir) -> None:
    def put(value: str) -> dict[str, Any]:
        bundle = make_bundle(make_observation(value))
        bundle["entry"][3]["request"] = {"method": "PUT", "url": "Observation/lab-1"}
        return bundle

    first = await fhir.take(put("1.0"))
    assert await fhir.take(put("2.0")) == first
    assert (await fhir.get("Observation/lab-1")).json()["valueQuantity"]["value"] == 2.0
    assert (await fhir.get("Observation/lab-1", fhir.system("01001"))).status_code == 404
    other = await fhir.take(put("3.0"), facility="01001")
    assert other[3] != first[3]


async def test_conditional_create_finds_what_is_there(fhir: Fhir) -> None:
    bundle = make_bundle(make_observation(identifier=[{"system": "urn:lab", "value": "L1"}]))
    bundle["entry"][3]["request"]["ifNoneExist"] = "identifier=urn:lab|L1"
    first = await fhir.take(bundle)
    bundle["entry"][1]["resource"] = make_visit("FV2")

    assert (await fhir.take(bundle))[3] == first[3]


@pytest.mark.parametrize(
    ("change", "code", "expression"),
    [
        (
            lambda b: b["entry"][3]["resource"].pop("status"),
            "missing_element",
            "Bundle.entry[3].resource.status",
        ),
        (
            lambda b: b["entry"][3]["resource"].update(status="done"),
            "unknown_code",
            "Bundle.entry[3].resource.status",
        ),
        (
            lambda b: b["entry"][3]["resource"].update(colour="red"),
            "unknown_element",
            "Bundle.entry[3].resource.colour",
        ),
        (
            lambda b: b["entry"][3]["resource"].update(valueString="x"),
            "two_choices",
            "Bundle.entry[3].resource.valueString",
        ),
        (
            lambda b: b["entry"][3]["resource"].update(category={}),
            "wrong_shape",
            "Bundle.entry[3].resource.category",
        ),
        (
            lambda b: b["entry"][3].update(
                resource={"resourceType": "Sickness"}, request={"method": "POST", "url": "Sickness"}
            ),
            "unknown_type",
            "",
        ),
        (lambda b: b["entry"][3].pop("resource"), "entry_without_resource", "Bundle.entry[3]"),
        (lambda b: b["entry"][3].pop("request"), "entry_method", "Bundle.entry[3].request.method"),
        (
            lambda b: b["entry"][3]["request"].update(url="Patient"),
            "entry_url",
            "Bundle.entry[3].request.url",
        ),
        (lambda b: b["entry"][3].update(fullUrl=PATIENT), "full_url_twice", "Bundle.entry[3].fullUrl"),
        (lambda b: b.update(type="history"), "bundle_type", "Bundle.type"),
        (lambda b: b.update(entry=[]), "bundle_empty", "Bundle.entry"),
        (lambda b: b.update(resourceType="Patient"), "not_a_bundle", ""),
        (
            lambda b: b["entry"][1]["resource"].update(period={"start": "2026-11-20", "end": "2026-11-19"}),
            "ends_before_it_begins",
            "Bundle.entry[1].resource.period",
        ),
    ],
)
async def test_what_r4_does_not_know_is_refused_whole(
    fhir: Fhir, change: Any, code: str, expression: str
) -> None:
    bundle = make_bundle(make_observation())
    change(bundle)
    answer = await fhir.post(bundle)

    assert answer.status_code == 422, answer.text
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    issue = outcome["issue"][0]
    assert issue["details"]["coding"][0]["code"] == code
    assert issue["details"]["text"]
    if expression:
        assert issue["expression"] == [expression]
    assert await fhir.book.count("submissions") == 0
    assert await fhir.book.count("fhir_resources") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
        b"[" * 5000,
        b'{"a":' * 100 + b"1" + b"}" * 100,
    ],
)
async def test_what_is_not_json_is_malformed(fhir: Fhir, body: bytes) -> None:
    answer = await fhir.post(body)

    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_two_visits_with_one_code_are_refused(fhir: Fhir) -> None:
    bundle = make_bundle(make_condition())
    bundle["entry"][3]["resource"] = make_visit()
    bundle["entry"][3]["request"]["url"] = "Encounter"

    answer = await fhir.post(bundle)

    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "visit_code_repeated"


async def test_nothing_personal_lies_open(fhir: Fhir) -> None:
    await fhir.take(make_bundle(make_observation()))
    tables = await fhir.book.rows.fetch(
        "select tablename from pg_tables where schemaname = 'public' and tablename like 'fhir%'"
    )
    kept = ""
    for table in tables:
        rows = await fhir.book.rows.fetch(f"select t::text from {table['tablename']} t")  # noqa: S608
        kept += json.dumps([row[0] for row in rows])

    assert AN not in kept
    assert "Nguyễn" not in kept
    assert AN.encode().hex() not in kept
