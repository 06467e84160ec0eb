"""Sample files: what is committed is what the stories say, and the health book's own checks find nothing."""

from decimal import Decimal

import pytest

from deploy.sandbox.people import read_personal_number
from deploy.sandbox.samples import make_submission, town_dossiers
from deploy.sandbox.samples.stories import BUILDERS, FILES, em_and_a_bad_one, sample
from health_book.submissions.envelope import EnvelopeReader
from health_book.submissions.findings import Finding, Severity
from health_book.submissions.rules import check_dossier

GOOD = [name for name in BUILDERS if "bad" not in name]


def findings_of(body: bytes) -> list[list[Finding]]:
    return [check_dossier(dossier) for dossier in EnvelopeReader(body)]


@pytest.mark.parametrize("name", BUILDERS)
def test_committed_file_is_what_its_story_says(name: str) -> None:
    assert sample(name) == BUILDERS[name]()


def test_nothing_else_is_committed() -> None:
    assert {path.name for path in FILES.iterdir()} == set(BUILDERS)


@pytest.mark.parametrize("name", GOOD)
def test_health_book_has_nothing_to_say_about_a_good_file(name: str) -> None:
    assert [one for found in findings_of(sample(name)) for one in found] == []


def test_bad_dossier_is_refused_for_its_amount_and_the_other_is_good() -> None:
    good, bad = findings_of(sample("em-99999-with-a-bad-dossier.xml"))
    assert good == []
    assert [(one.code, one.severity) for one in bad] == [("amount_differs", Severity.refuse)]


def test_many_dossiers_of_the_town_hold_to_the_rules() -> None:
    dossiers = town_dossiers("99999", 200, series="T")
    assert [one for found in findings_of(make_submission("99999", dossiers)) for one in found] == []
    assert len({dossier.code for dossier in dossiers}) == 200


def test_equal_arguments_give_equal_bytes_and_series_keep_apart() -> None:
    one, same, other = (town_dossiers("99999", 3, series=series) for series in ("A", "A", "B"))
    assert make_submission("99999", one) == make_submission("99999", same)
    assert {dossier.code for dossier in one}.isdisjoint(dossier.code for dossier in other)


def test_first_moves_the_window_without_changing_its_dossiers() -> None:
    assert town_dossiers("99999", 5, series="A")[3:] == town_dossiers("99999", 2, series="A", first=3)


def test_shares_of_fund_and_patient_make_the_whole() -> None:
    for dossier in town_dossiers("99999", 50, series="T"):
        summary = dossier.tables["XML1"][0]
        whole, fund, shared, outside = (
            Decimal(summary[name]) for name in ("T_TONGCHI_BV", "T_BHTT", "T_BNCCT", "T_BNTT")
        )
        assert whole == fund + shared + outside > 0
        assert bool(summary["MA_THE_BHYT"]) == (fund > 0)


def test_people_of_the_files_are_of_the_register() -> None:
    for name in BUILDERS:
        for dossier in EnvelopeReader(sample(name)):
            summary = dossier.rows("XML1")[0]
            _, sex, year = read_personal_number(summary["SO_CCCD"])
            assert (summary["GIOI_TINH"], summary["NGAY_SINH"][:4]) == (
                "1" if sex == "male" else "2",
                str(year),
            )


def test_text_is_escaped() -> None:
    good, _ = em_and_a_bad_one()
    notes = [{**row, "DIEN_BIEN_LS": "SpO2 < 95 % & ho > 3 ngày ]]>"} for row in good.tables["XML5"]]
    (found,) = findings_of(make_submission("99999", [type(good)({**good.tables, "XML5": notes})]))
    assert found == []
