"""What a facility's system meets at the intake."""

import pytest

from chassis.ids import new_id
from tests.health_book.conftest import SUBMISSIONS, Book
from tests.health_book.factories import make_dossier, make_file, sample


async def test_receipt_has_the_contract_s_shape(book: Book) -> None:
    bad = make_dossier("LK3", HO_TEN="")
    answer = await book.submit(make_file(make_dossier("LK1"), make_dossier("LK2", SO_NGAY_DTRI="1"), bad))

    receipt = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{SUBMISSIONS}/{receipt['id']}"
    assert {k: receipt[k] for k in ("accepted", "unchanged", "superseded", "unlinked")} == {
        "accepted": 2,
        "unchanged": 0,
        "superseded": 0,
        "unlinked": 0,
    }
    assert [(v["facility_visit_code"], v["outcome"]) for v in receipt["visits"]] == [
        ("LK1", "recorded"),
        ("LK2", "recorded"),
    ]
    (rejected,) = receipt["rejected"]
    assert rejected["dossier"] == 3
    assert rejected["pointer"] == "/HOSO/2/XML1/HO_TEN"
    assert rejected["code"] == "required"
    assert rejected["message"] == "Thiếu HO_TEN."
    (warning,) = receipt["warnings"]
    assert (warning["dossier"], warning["code"]) == (2, "treatment_days_differ")


async def test_messages_come_in_english_too(book: Book) -> None:
    answer = await book.submit(make_file(make_dossier(HO_TEN="")), headers={"accept-language": "en"})

    assert answer.status_code == 422
    assert answer.json()["rejected"][0]["message"] == "HO_TEN is missing."
    assert answer.json()["title"] == "No dossier was accepted"


async def test_receipt_and_file_can_be_read_again(book: Book) -> None:
    body = sample("qd3176-three-dossiers")
    receipt = (await book.submit(body)).json()
    path = f"{SUBMISSIONS}/{receipt['id']}"

    again = await book.client.get(path, headers=book.facility())
    original = await book.client.get(f"{path}/original", headers=book.facility())

    assert again.json() == receipt
    assert original.content == body
    assert original.headers["content-type"] == "application/xml"
    unchanged = await book.client.get(
        path, headers=book.facility() | {"if-none-match": again.headers["etag"]}
    )
    assert unchanged.status_code == 304


async def test_another_facility_does_not_learn_of_a_submission(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()

    for path in (f"{SUBMISSIONS}/{receipt['id']}", f"{SUBMISSIONS}/{receipt['id']}/original"):
        answer = await book.client.get(path, headers=book.facility("01001"))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_dry_run_stores_nothing(book: Book) -> None:
    await book.submit(make_file(make_dossier("LK1")))
    before = [await book.count(table) for table in ("submissions", "visits", "visit_claims", "person_links")]

    answer = await book.submit(
        make_file(
            make_dossier("LK1"), make_dossier("LK2", SO_CCCD="001085000018"), make_dossier("LK3", HO_TEN="")
        ),
        params={"dry_run": "true"},
    )

    receipt = answer.json()
    assert answer.status_code == 200
    assert receipt["id"] is None
    assert (receipt["accepted"], receipt["unchanged"], len(receipt["rejected"])) == (1, 1, 1)
    after = [await book.count(table) for table in ("submissions", "visits", "visit_claims", "person_links")]
    assert after == before


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", ""])
async def test_other_content_types_are_not_taken(book: Book, content_type: str) -> None:
    answer = await book.submit(make_file(make_dossier()), headers={"content-type": content_type})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_text_xml_with_a_charset_is_taken(book: Book) -> None:
    answer = await book.submit(make_file(make_dossier()), headers={"content-type": "text/xml; charset=utf-8"})

    assert answer.status_code == 201


async def test_file_over_the_limit_is_refused(book: Book) -> None:
    answer = await book.submit(b" " * ((20 << 20) + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert await book.count("submissions") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<GIAMDINHHS>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE x><GIAMDINHHS/>",
        make_file(make_dossier())[:-30],
    ],
)
async def test_unreadable_file_is_malformed(book: Book, body: bytes) -> None:
    answer = await book.submit(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    assert await book.count("submissions") == 0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bad-count-mismatch", "dossier_count_mismatch"),
        ("bad-truncated-base64", "content_not_base64"),
        ("qd4210-outpatient", "unsupported_standard"),
    ],
)
async def test_bad_sample_is_refused_whole(book: Book, name: str, code: str) -> None:
    answer = await book.submit(sample(name))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "no_dossier_accepted")
    assert [item["code"] for item in problem["rejected"]] == [code]
    assert await book.count("submissions") == 0


async def test_unknown_query_and_path_are_not_server_errors(book: Book) -> None:
    missing = await book.client.get(f"{SUBMISSIONS}/{new_id()}", headers=book.facility())
    malformed = await book.client.get(f"{SUBMISSIONS}/not-an-id", headers=book.facility())

    assert missing.status_code == 404
    assert malformed.status_code == 422


async def test_same_key_replays_the_answer_and_another_body_is_refused(book: Book) -> None:
    body = make_file(make_dossier())
    first = await book.submit(body, key="k1")

    again = await book.submit(body, key="k1")
    other = await book.submit(make_file(make_dossier("LK2")), key="k1")

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await book.count("visits") == 1


async def test_refusal_is_replayed_too(book: Book) -> None:
    first = await book.submit(sample("bad-truncated-base64"), key="k1")
    again = await book.submit(sample("bad-truncated-base64"), key="k1")

    assert (first.status_code, again.status_code) == (422, 422)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["rejected"] == first.json()["rejected"]


async def test_submission_needs_a_key(book: Book) -> None:
    headers = book.facility() | {"content-type": "application/xml"}
    answer = await book.client.post(SUBMISSIONS, content=make_file(make_dossier()), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "missing_idempotency_key")
    assert await book.count("visits") == 0
