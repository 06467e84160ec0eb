"""What a citizen meets in the own book."""

import asyncio

import pytest

from chassis.ids import new_id
from chassis.paging import Page
from health_book.visits.schemas import BookOut, VisitOut, VisitOverviewOut
from tests.health_book.conftest import Book
from tests.health_book.factories import AN, appointment_paper, make_dossier, make_file, sample, transfer_paper

BOOK = "/v1/me/health-book"
BINH, CHI = "046179000025", "046316000031"


def dated(visit_code: str, day: str, **summary: str) -> object:
    """A dossier of another day of October 2026."""
    dossier = make_dossier(visit_code, **summary)
    for rows in dossier.tables.values():
        for row in rows:
            row.update({k: v.replace("20261013", day) for k, v in row.items() if v.startswith("20261013")})
    return dossier


async def test_empty_book_is_a_book(book: Book) -> None:
    answer = await book.client.get(BOOK, headers=book.citizen())

    opened = BookOut.model_validate_json(answer.content)
    assert (opened.counts.visits, opened.latest_visits, opened.administrative) == (0, [], None)
    assert str(opened.citizen_id) == str(book.identity.citizen(AN))


async def test_book_shows_who_how_much_and_what(book: Book) -> None:
    days = [f"202610{n:02}" for n in range(1, 8)]
    await book.submit(make_file(*(dated(f"LK{d}", d, MA_BENH_CHINH="E11.9") for d in days[:4])))
    await book.submit(make_file(*(dated(f"LK{d}", d, MA_BENH_CHINH="I10") for d in days[4:])))

    opened = BookOut.model_validate_json((await book.client.get(BOOK, headers=book.citizen())).content)

    assert opened.counts.visits == 7
    assert [v.facility_visit_code for v in opened.latest_visits] == [f"LK{d}" for d in reversed(days[2:])]
    assert [(c.code, c.visit_count) for c in opened.conditions] == [("I10", 3), ("E11.9", 4)]
    assert opened.conditions[0].latest_visit_id == opened.latest_visits[0].id
    assert opened.administrative is not None
    assert opened.administrative.personal_id == AN
    assert opened.administrative.insurance_cards == ["DN4920000007738"]


async def test_visit_shows_its_lines_and_papers(book: Book) -> None:
    dossier = make_dossier()
    appointment_paper(dossier)
    transfer_paper(dossier)
    dossier.raw["XML99"] = "a2VwdA=="
    receipt = (await book.submit(make_file(dossier))).json()

    answer = await book.client.get(
        f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}", headers=book.citizen()
    )

    visit = VisitOut.model_validate_json(answer.content)
    assert visit.facility_code == "99999"
    assert visit.started_at.isoformat() == "2026-10-13T08:05:00+07:00"
    assert [line.name for line in visit.prescriptions] == ["Amoxicilin 500mg", "Paracetamol 500mg"]
    assert (visit.prescriptions[0].quantity, visit.prescriptions[0].amount) == (28, 35000)
    assert [line.name for line in visit.results] == ["Glucose"]
    assert len(visit.services) == 3
    assert len(visit.notes) == 1
    assert {paper.kind for paper in visit.papers} == {"transfer_paper", "appointment_paper"}
    slip = next(paper for paper in visit.papers if paper.kind == "appointment_paper")
    assert slip.fields["NGAY_HEN_KL"] == "2026-11-20T08:00:00+07:00"
    assert "HO_TEN" not in slip.fields
    assert [day.isoformat() for day in visit.re_examination_on] == ["2026-11-20"]
    assert (visit.standard, visit.unread, visit.version) == ("qd3176", ["XML99"], 1)
    assert visit.costs is not None
    assert visit.costs.total == 141580


async def test_shape_of_the_file_is_remembered(book: Book) -> None:
    older = make_dossier("LK1")
    transfer_paper(older, shape="qd4750")
    await book.submit(make_file(older, make_dossier("LK2")))

    shapes = {}
    for overview in await book.visits():
        visit = (await book.client.get(f"{BOOK}/visits/{overview['id']}", headers=book.citizen())).json()
        shapes[visit["facility_visit_code"]] = visit["standard"]
    assert shapes == {"LK1": "qd4750", "LK2": "qd3176"}


async def test_every_visit_of_the_samples_fits_the_documented_shape(book: Book) -> None:
    for name in ("qd3176-three-dossiers", "qd3176-inpatient", "qd130-outpatient-plain"):
        assert (await book.submit(sample(name))).status_code == 201

    owners = await book.rows.fetch(
        "select citizen_id, document::text as document, overview::text from visits"
    )
    assert len(owners) == 5
    for row in owners:
        VisitOut.model_validate_json(row["document"])
        VisitOverviewOut.model_validate_json(row["overview"])


async def test_pages_are_stable_while_visits_arrive(book: Book) -> None:
    await book.submit(make_file(*(dated(f"LK{n:02}", f"202610{n:02}") for n in range(10, 20))))
    seen: list[str] = []
    cursor: str | None = None

    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        answer = await book.client.get(f"{BOOK}/visits", params=params, headers=book.citizen())
        page = Page[VisitOverviewOut].model_validate_json(answer.content)
        seen += [visit.facility_visit_code for visit in page.items]
        await book.submit(make_file(dated(f"NEW{len(seen)}", "20261025")))
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [f"LK{n:02}" for n in range(19, 9, -1)]


async def test_visits_of_the_same_minute_are_neither_lost_nor_repeated(book: Book) -> None:
    await book.submit(make_file(*(make_dossier(f"LK{n}") for n in range(5))))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await book.client.get(f"{BOOK}/visits", params=params, headers=book.citizen())).json()
        seen += [visit["id"] for visit in page["items"]]
        cursor = page["next_cursor"]

    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"limit": 101}, 422, "invalid"),
        ({"limit": 0}, 422, "invalid"),
        ({"limit": "x"}, 422, "invalid"),
        ({"cursor": "AAAA"}, 400, "malformed_cursor"),
        ({"cursor": "%%"}, 400, "malformed_cursor"),
    ],
)
async def test_bad_page_requests(book: Book, params: dict[str, str], status: int, code: str) -> None:
    answer = await book.client.get(f"{BOOK}/visits", params=params, headers=book.citizen())

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_cursor_of_another_person_is_refused(book: Book) -> None:
    await book.submit(make_file(*(make_dossier(f"LK{n}") for n in range(3))))
    page = (await book.client.get(f"{BOOK}/visits", params={"limit": 1}, headers=book.citizen())).json()

    answer = await book.client.get(
        f"{BOOK}/visits", params={"cursor": page["next_cursor"]}, headers=book.citizen(BINH)
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_cursor")


async def test_reads_answer_304_until_something_changes(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()
    paths = (BOOK, f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}")
    tags = {}
    for path in paths:
        tags[path] = (await book.client.get(path, headers=book.citizen())).headers["etag"]
        same = await book.client.get(path, headers=book.citizen() | {"if-none-match": tags[path]})
        assert (same.status_code, same.content) == (304, b"")

    await book.submit(make_file(make_dossier(MA_BENH_CHINH="J18.9")))

    for path in paths:
        changed = await book.client.get(path, headers=book.citizen() | {"if-none-match": tags[path]})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tags[path]


@pytest.mark.parametrize("path", [BOOK, f"{BOOK}/visits", f"{BOOK}/visits/{new_id()}", "/v1/me/access-log"])
async def test_book_needs_level_2_and_its_scope(book: Book, path: str) -> None:
    level_1 = await book.client.get(path, headers=book.citizen(level=1))
    no_scope = await book.client.get(path, headers=book.citizen(scopes={"openid"}))
    system = await book.client.get(path, headers=book.facility(scopes={"health.read"}))
    nobody = await book.client.get(path)

    assert (level_1.status_code, level_1.json()["code"]) == (401, "insufficient_user_authentication")
    assert 'acr_values="urn:vneid:level:2"' in level_1.headers["www-authenticate"]
    assert (no_scope.status_code, no_scope.json()["code"]) == (403, "scope_missing")
    assert (system.status_code, system.json()["code"]) == (403, "role_missing")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "token_missing")


async def test_visit_that_does_not_exist_is_not_found(book: Book) -> None:
    answer = await book.client.get(f"{BOOK}/visits/{new_id()}", headers=book.citizen())

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await book.count("access_entries") == 0


@pytest.mark.parametrize("params", [{}, {"version": "1"}])
async def test_attempt_at_another_s_visit_is_hidden_and_traced_for_its_owner(
    book: Book, params: dict[str, str]
) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()
    visit_id = receipt["visits"][0]["visit_id"]

    answer = await book.client.get(f"{BOOK}/visits/{visit_id}", params=params, headers=book.citizen(BINH))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    log = (await book.client.get("/v1/me/access-log", headers=book.citizen())).json()
    (entry,) = log["items"]
    assert (entry["outcome"], entry["reason"]) == ("refused", "not_found")
    assert entry["resource"] == f"visits/{visit_id}"
    assert entry["actor"] == {"kind": "citizen", "subject": None, "role": "citizen", "organisation": None}
    assert entry["sections"] == []
    theirs = (await book.client.get("/v1/me/access-log", headers=book.citizen(BINH))).json()
    assert theirs["items"] == []


async def test_child_sees_what_a_parent_read_and_that_it_was_the_parent(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()
    visit = f"visits/{receipt['visits'][0]['visit_id']}"
    parent = book.parent(BINH, child=AN)

    for path in ("", "/visits", f"/{visit}", f"/{visit}?version=1"):
        assert (await book.client.get(f"{BOOK}{path}", headers=parent)).status_code == 200

    log = (await book.client.get("/v1/me/access-log", headers=book.citizen())).json()["items"]
    assert [(one["resource"], one["actor"]["role"]) for one in reversed(log)] == [
        ("health-book", "parent"),
        ("visits", "parent"),
        (visit, "parent"),
        (visit, "parent"),
    ]
    readers = await book.rows.fetch("select distinct actor_subject from access_entries")
    assert [one["actor_subject"] for one in readers] == [str(book.identity.citizen(BINH))]


async def test_attempt_in_a_child_s_name_is_the_parent_s(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()
    path = f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}"

    answer = await book.client.get(path, headers=book.parent(BINH, child=CHI))

    assert answer.status_code == 404
    (entry,) = await book.rows.fetch("select citizen_id, actor_subject, outcome from access_entries")
    assert (entry["citizen_id"], entry["outcome"]) == (book.identity.citizen(AN), "refused")
    assert entry["actor_subject"] == str(book.identity.citizen(BINH))


async def test_access_log_is_paged_newest_first(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()
    path = f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}"
    for _ in range(5):
        await book.client.get(path, headers=book.citizen(BINH))

    first = (await book.client.get("/v1/me/access-log", params={"limit": 3}, headers=book.citizen())).json()
    params = {"limit": 3, "cursor": first["next_cursor"]}
    second = (await book.client.get("/v1/me/access-log", params=params, headers=book.citizen())).json()

    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(ids) == len(set(ids)) == 5
    assert ids == sorted(ids, reverse=True)
    assert second["next_cursor"] is None


async def test_readers_at_once_see_whole_versions(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier()))).json()
    path = f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}"

    async def correct(number: int) -> None:
        await book.submit(make_file(make_dossier(GHI_CHU=f"Lời dặn {number}")))

    async def read() -> None:
        visit = VisitOut.model_validate_json((await book.client.get(path, headers=book.citizen())).content)
        assert len(visit.prescriptions) == 2

    await asyncio.gather(*(correct(n) if n % 2 else read() for n in range(16)))
