"""What a submission and a reading leave in the log: ids and counts, never a person or content."""

import pytest

from tests.health_book.conftest import Book
from tests.health_book.factories import AN, make_dossier, make_file


async def test_log_names_nobody_and_quotes_nothing(
    book: Book, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secrets = (AN, "NGUYỄN", "DN4920000007738", "0900000001", "Tiêu chảy", "Amoxicilin", "A09", "LK1")
    dossier = make_dossier("LK1", DIEN_THOAI="0900000001")
    receipt = (await book.submit(make_file(dossier, make_dossier("LK2", HO_TEN="")))).json()
    visit_id = receipt["visits"][0]["visit_id"]
    for path in ("/v1/me/health-book", f"/v1/me/health-book/visits/{visit_id}"):
        await book.client.get(path, headers=book.citizen())
        await book.client.get(path, headers=book.citizen("046179000025"))

    logged = "".join(capsys.readouterr()) + caplog.text

    assert "submission.kept" in logged
    assert [secret for secret in secrets if secret in logged] == []
