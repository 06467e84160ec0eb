"""Check-in records: alone in a dossier, beside the full record, and without a row."""

from health_book.submissions.rules import check_dossier
from tests.health_book.factories import DossierIn, make_file, read_one


def test_check_in_without_a_row_is_refused() -> None:
    dossier = read_one(make_file(DossierIn({"CHECKIN": []})))

    assert [finding.code for finding in check_dossier(dossier)] == ["table_empty"]


def test_dossier_of_too_many_files_is_refused() -> None:
    dossier = DossierIn({}, raw={f"XML{n}": "" for n in range(100, 151)})

    assert "too_many_files" in [finding.code for finding in check_dossier(read_one(make_file(dossier)))]


def test_dossier_without_anything_is_refused() -> None:
    dossier = read_one(make_file(DossierIn({})))

    assert [finding.code for finding in check_dossier(dossier)] == ["summary_missing"]
