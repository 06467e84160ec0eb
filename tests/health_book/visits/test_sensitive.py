"""Sections that are kept but not shown in this book: HIV, TB, papers on a pregnancy's termination."""

import pytest

from tests.health_book.conftest import Book
from tests.health_book.factories import DossierIn, discharge_paper, make_dossier, make_file

BOOK = "/v1/me/health-book"
SECRET = "PHAC-DO-BI-MAT"


def hiv(dossier: DossierIn) -> None:
    dossier.tables["XML6"] = [{"MA_LK": "LK1", "MA_PHAC_DO_DIEU_TRI": SECRET}]


def tuberculosis(dossier: DossierIn) -> None:
    dossier.tables["XML15"] = [{"MA_LK": "LK1", "MA_BN": SECRET}]


def termination(dossier: DossierIn) -> None:
    discharge_paper(
        dossier,
        MA_DINH_CHI_THAI="1",
        TUOI_THAI="14",
        NGUYENNHAN_DINHCHI=SECRET,
        THOIGIAN_DINHCHI="202610211000",
    )


@pytest.mark.parametrize("add", [hiv, tuberculosis, termination])
async def test_sensitive_section_is_kept_but_not_shown(book: Book, add: object) -> None:
    dossier = make_dossier(base="qd3176-inpatient")
    add(dossier)  # type: ignore[operator]
    receipt = (await book.submit(make_file(dossier))).json()
    assert receipt["accepted"] == 1

    path = f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}"
    seen = [
        (await book.client.get(address, headers=book.citizen())).text
        for address in (BOOK, f"{BOOK}/visits", path)
    ]

    assert not any(SECRET in text for text in seen)
    (overview,) = await book.visits()
    assert overview["has_withheld_sections"] is True
    assert overview["diagnosis"] is None
    sealed = await book.rows.fetchval("select sealed from visits")
    assert SECRET.encode() not in sealed
    kept = book.app.state.visits._vault.open_sections(sealed, "99999", "LK1")
    assert SECRET in str(kept["sections"])


async def test_ordinary_discharge_paper_is_shown(book: Book) -> None:
    receipt = (await book.submit(make_file(make_dossier(base="qd3176-inpatient")))).json()

    visit = await book.client.get(f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}", headers=book.citizen())

    assert {paper["kind"] for paper in visit.json()["papers"]} == {"discharge_paper", "record_summary"}
    assert visit.json()["has_withheld_sections"] is False


async def test_unread_file_is_kept_as_sent(book: Book) -> None:
    dossier = make_dossier()
    dossier.raw["XML99"] = "a2VwdA=="
    await book.submit(make_file(dossier))

    kept = book.app.state.visits._vault.open_sections(
        await book.rows.fetchval("select sealed from visits"), "99999", "LK1"
    )

    assert kept["unread"] == {"XML99": "a2VwdA=="}
