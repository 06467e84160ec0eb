"""What becomes of dossiers: recorded, corrected, unchanged, waiting; and what is announced."""

import asyncio
from collections import Counter

import pytest

from chassis.testing import bearer, make_token
from tests.health_book.conftest import Book
from tests.health_book.factories import AN, DossierIn, make_dossier, make_file, sample

BINH = "046179000025"


def corrected(visit_code: str = "LK1") -> DossierIn:
    return make_dossier(visit_code, CHAN_DOAN_RV="Viêm phổi", MA_BENH_CHINH="J18.9")


CHECK_IN_FIELDS = frozenset(
    {"MA_LK", "MA_BN", "HO_TEN", "SO_CCCD", "NGAY_SINH", "GIOI_TINH", "MA_DOITUONG_KCB", "NGAY_VAO"}
    | {"MA_LOAI_KCB", "MA_CSKCB"}
)


def check_in(visit_code: str = "LK1") -> DossierIn:
    summary = make_dossier(visit_code).summary
    row = {name: value for name, value in summary.items() if name in CHECK_IN_FIELDS}
    return DossierIn({"CHECKIN": [row | {"STT": "1", "NGAY_YL": summary["NGAY_VAO"]}]})


async def test_new_visit_is_in_the_book_and_announced_once(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()

    (visit,) = await book.visits()
    (event,) = await book.events()
    assert visit["id"] == receipt["visits"][0]["visit_id"]
    assert event["type"] == "health-book.visit.recorded.v1"
    assert event["visit_id"] == visit["id"]
    assert event["citizen_id"] == str(book.identity.citizen(AN))
    assert (event["version"], event["outcome"]) == (1, "recorded")
    assert event["detail_url"] == f"/v1/me/health-book/visits/{visit['id']}"


async def test_event_carries_no_content(book: Book) -> None:
    await book.submit(make_file(make_dossier()))

    (event,) = await book.events()
    assert set(event) == {
        "type",
        "visit_id",
        "citizen_id",
        "facility_code",
        "version",
        "outcome",
        "recorded_at",
        "detail_url",
    }


async def test_same_file_again_answers_the_same_id_with_all_unchanged(book: Book) -> None:
    body = sample("qd3176-three-dossiers")
    first = (await book.submit(body)).json()

    second = (await book.submit(body)).json()

    assert second["id"] == first["id"]
    assert (second["accepted"], second["unchanged"]) == (0, 3)
    assert {v["outcome"] for v in second["visits"]} == {"unchanged"}
    assert [v["visit_id"] for v in second["visits"]] == [v["visit_id"] for v in first["visits"]]
    assert len(await book.events()) == 3


async def test_same_content_in_another_form_changes_nothing(book: Book) -> None:
    await book.submit(make_file(make_dossier()))

    receipt = (await book.submit(make_file(make_dossier(STT="99"), form="nested", encoding="utf-16"))).json()

    assert (receipt["accepted"], receipt["unchanged"]) == (0, 1)
    assert await book.count("visit_versions") == 0


async def test_correction_supersedes_and_keeps_history(book: Book) -> None:
    await book.submit(make_file(make_dossier()))

    receipt = (await book.submit(make_file(corrected()))).json()

    assert (receipt["accepted"], receipt["superseded"]) == (1, 1)
    (visit,) = await book.visits()
    assert (visit["version"], visit["diagnosis"]["main_code"]) == (2, "J18.9")
    path = f"/v1/me/health-book/visits/{visit['id']}"
    first = await book.client.get(path, params={"version": 1}, headers=book.citizen())
    assert first.json()["diagnosis"]["main_code"] == "A09"
    assert [(e["version"], e["outcome"]) for e in await book.events()] == [(1, "recorded"), (2, "superseded")]


async def test_bad_dossier_never_loses_the_good_ones(book: Book) -> None:
    bad = make_dossier("LK2")
    bad.raw["XML9"] = "not base64!"

    receipt = (await book.submit(make_file(make_dossier("LK1"), bad, make_dossier("LK3")))).json()

    assert (receipt["accepted"], [r["dossier"] for r in receipt["rejected"]]) == (2, [2])
    assert {v["facility_visit_code"] for v in await book.visits()} == {"LK1", "LK3"}


async def test_second_dossier_with_the_same_visit_code_is_refused(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier("LK1"), corrected("LK1")))).json()

    assert (receipt["accepted"], receipt["rejected"][0]["code"]) == (1, "visit_code_repeated")


async def test_more_dossiers_than_a_batch_are_all_taken(book: Book) -> None:
    file = make_file(*(make_dossier(f"LK{n}") for n in range(120)))

    receipt = (await book.submit(file)).json()

    assert receipt["accepted"] == 120
    assert [v["facility_visit_code"] for v in receipt["visits"]] == [f"LK{n}" for n in range(120)]
    assert len(await book.events()) == 120


async def test_visit_of_another_person_is_not_moved_by_a_correction(book: Book) -> None:
    await book.submit(make_file(make_dossier("LK1")))
    stranger = make_dossier(
        "LK1", HO_TEN="TRẦN THỊ BÌNH", SO_CCCD=BINH, GIOI_TINH="2", NGAY_SINH="197911020000"
    )

    answer = await book.submit(make_file(stranger))
    mixed = await book.submit(make_file(stranger, make_dossier("LK2")))

    assert (answer.status_code, answer.json()["rejected"][0]["code"]) == (422, "other_person")
    assert mixed.json()["rejected"][0]["code"] == "other_person"
    assert mixed.json()["accepted"] == 1
    assert await book.visits(BINH) == []
    assert {v["facility_visit_code"] for v in await book.visits()} == {"LK1", "LK2"}
    assert await book.count("submissions") == 2  # the first file and the mixed one


@pytest.mark.parametrize("path_of_mismatch", ["file", "dossier"])
async def test_file_of_another_facility_is_refused_whole(book: Book, path_of_mismatch: str) -> None:
    if path_of_mismatch == "file":
        body = make_file(make_dossier("LK1"), facility="01001")
    else:
        body = make_file(make_dossier("LK1"), make_dossier("LK2", MA_CSKCB="01001"))

    answer = await book.submit(body)

    assert (answer.status_code, answer.json()["code"]) == (403, "other_facility")
    assert await book.count("submissions") == await book.count("visits") == 0


async def test_same_visit_at_once_gives_one_visit(book: Book) -> None:
    files = [make_file(make_dossier("LK1"), made_on=f"202610{n:02}") for n in range(10, 22)]

    answers = await asyncio.gather(*(book.submit(file) for file in files))

    outcomes = Counter(answer.json()["visits"][0]["outcome"] for answer in answers)
    assert outcomes == {"recorded": 1, "unchanged": 11}
    assert len({answer.json()["visits"][0]["visit_id"] for answer in answers}) == 1
    assert await book.count("visits") == 1
    assert len(await book.events()) == 1


async def test_same_file_at_once_is_one_submission(book: Book) -> None:
    body = sample("qd3176-three-dossiers")

    receipts = [answer.json() for answer in await asyncio.gather(*(book.submit(body) for _ in range(8)))]

    assert len({receipt["id"] for receipt in receipts}) == 1
    assert sorted(receipt["accepted"] for receipt in receipts) == [0] * 7 + [3]
    assert await book.count("visits") == 3


async def test_overlapping_files_at_once_never_wait_in_a_circle(book: Book) -> None:
    forward = [make_dossier(f"LK{n:02}") for n in range(20)]
    backward = list(reversed(forward))

    answers = await asyncio.gather(*(book.submit(make_file(*ds)) for ds in (forward, backward) * 3))

    assert {answer.status_code for answer in answers} == {201}
    assert await book.count("visits") == 20


async def test_check_in_opens_a_visit_that_the_dossier_then_closes(book: Book) -> None:
    opened = (await book.submit(make_file(check_in()))).json()
    assert (opened["accepted"], [v["state"] for v in await book.visits()]) == (1, ["open"])

    closed = (await book.submit(make_file(make_dossier()))).json()

    assert closed["superseded"] == 1
    assert [(v["state"], v["version"]) for v in await book.visits()] == [("closed", 2)]


async def test_check_in_that_comes_late_does_not_reopen_a_visit(book: Book) -> None:
    await book.submit(make_file(make_dossier()))

    late = (await book.submit(make_file(check_in()))).json()

    assert late["unchanged"] == 1
    assert [v["state"] for v in await book.visits()] == ["closed"]


async def test_person_is_asked_of_identity_once(book: Book) -> None:
    await book.submit(make_file(make_dossier("LK1"), make_dossier("LK2")))
    await book.submit(make_file(make_dossier("LK3")))

    assert len(book.identity.asked) == 1
    asked = book.identity.asked[0]
    assert (asked["personal_id"], asked["born_on"], asked["sex"]) == (AN, "1985-03-12", "male")


async def test_wrong_kinds_of_caller_are_refused(book: Book) -> None:
    body = make_file(make_dossier())
    cases = {
        "token_missing": ({"authorization": ""}, 401),
        "scope_missing": (book.facility(scopes=set()), 403),
        "role_missing": (bearer(make_token(scopes={"health.submit"})), 403),
    }

    for code, (headers, status) in cases.items():
        answer = await book.submit(body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    without_organisation = await book.submit(body, headers=book.facility(organisation=None))
    assert without_organisation.status_code == 403
    assert await book.count("submissions") == 0


async def test_nothing_that_identifies_a_person_is_stored_in_the_clear(book: Book) -> None:
    await book.submit(make_file(make_dossier(DIEN_THOAI="0900000001")))

    kept = await book.rows.fetch(
        "select v::text as row from visits v union all select s::text from submissions s"
        " union all select l::text from person_links l union all select o::text from outbox o"
    )
    text = " ".join(row["row"] for row in kept)
    assert AN not in text
    assert "NGUYỄN VĂN AN" not in text
    assert "0900000001" not in text
    assert "DN4920000007738" not in text
