"""Whatever happens to a file on its way, the answer is never a server error and never half a dossier."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import MalformedBody, OtherFacility
from health_book.submissions.plan import plan_file
from tests.health_book.conftest import Book
from tests.health_book.factories import DATA, make_dossier, make_file, sample

BODIES = (sample("qd3176-outpatient"), sample("qd130-outpatient-plain"), sample("qd3176-three-dossiers"))
LINES = {"prescriptions": 2, "services": 3, "results": 1, "notes": 1}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file cut off, with bytes flipped, or with a piece doubled or left out."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    place = st.integers(0, len(body) - 1)
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted((draw(place), draw(place)))
        match draw(st.integers(0, 3)):
            case 0:
                body[draw(place)] ^= draw(st.integers(1, 255))
            case 1:
                del body[start:]
                return bytes(body)
            case 2:
                body[start:start] = body[start : min(end, start + 4000)]
            case _:
                del body[start : min(end, start + 4000)]
        if not body:
            return b""
        place = st.integers(0, len(body) - 1)
    return bytes(body)


@given(damaged())
@settings(max_examples=400, deadline=None)
def test_damaged_file_is_planned_or_refused_but_never_breaks_the_reader(body: bytes) -> None:
    try:
        plan = plan_file(body, "99999", is_summary_paper_expected=True)
    except (MalformedBody, OtherFacility):
        return
    for visit in plan.visits.values():
        assert visit.document.startswith(b"{")
        assert visit.facility_code == "99999"


@given(body=damaged())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_damaged_file_is_answered_and_stores_whole_dossiers_only(book: Book, body: bytes) -> None:
    answer = await book.submit(body)

    assert answer.status_code in (201, 400, 403, 422), answer.text
    claims = await book.rows.fetchval("select count(*) from visit_claims")
    whole = await book.rows.fetchval(
        "select (select count(*) from visits) + (select count(distinct visit_id) from unlinked_visits)"
    )
    assert claims == whole


@pytest.mark.parametrize("attack", sorted(p.name for p in (DATA / "xml-attacks").iterdir()))
async def test_attack_file_is_malformed(book: Book, attack: str) -> None:
    answer = await book.submit((DATA / "xml-attacks" / attack).read_bytes())

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    assert "root:" not in answer.text


async def test_very_long_deep_and_wide_files_are_refused_in_time(book: Book) -> None:
    deep = b"<GIAMDINHHS>" + b"<A>" * 100_000 + b"</A>" * 100_000 + b"</GIAMDINHHS>"
    long_text = b"<GIAMDINHHS><X>" + b"A" * (11 << 20) + b"</X></GIAMDINHHS>"
    file = make_file(make_dossier())
    many_dossiers = file.replace(b"<DANHSACHHOSO>", b"<DANHSACHHOSO>" + b"<HOSO/>" * 1_000_000)
    many_rows = make_dossier()
    many_rows.tables["XML5"] = [{}] * 20_000
    many_faults = make_dossier()
    many_faults.tables["XML5"] = [{}] * 9_000

    async with asyncio.timeout(60):
        bodies = (deep, long_text, many_dossiers, make_file(many_rows), make_file(many_faults))
        answers = [await book.submit(body) for body in bodies]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 422, 422]
    assert [item["code"] for item in answers[3].json()["rejected"]] == ["too_many_rows"]
    assert len(answers[4].json()["rejected"]) == 100
