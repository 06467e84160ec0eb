"""Fees of the judicial record: groups, ages, copies, dates."""

from datetime import date
from pathlib import Path

import orjson
import pytest

from casework.fees import JUDICIAL_RECORD_FEES, FeeFacts, FeeTable
from chassis.errors import Invalid

TABLE = FeeTable.from_csv(JUDICIAL_RECORD_FEES)
IN_2025, IN_2026 = date(2025, 6, 2), date(2026, 11, 23)


@pytest.mark.parametrize("on", [IN_2025, IN_2026])
@pytest.mark.parametrize(
    ("group", "copies", "age", "total"),
    [
        ("ordinary", 1, 41, 200_000),
        ("ordinary", 2, 41, 200_000),
        ("ordinary", 3, 41, 205_000),
        ("ordinary", 5, None, 215_000),
        ("student", 1, 20, 100_000),
        ("student", 4, 20, 110_000),
        ("merit", 1, 41, 100_000),
        ("martyr_relative", 1, 41, 100_000),
        ("disabled", 1, 41, 0),
        ("poor_household", 3, 41, 0),
        ("hardship_area", 1, 41, 0),
        ("elderly", 1, 60, 0),
        ("child", 1, 15, 0),
    ],
)
def test_groups(on: date, group: str, copies: int, age: int | None, total: int) -> None:
    assessment = TABLE.assess(on, group, copies, FeeFacts(age=age))

    assert assessment.total_vnd == total
    assert sum(line.amount_vnd for line in assessment.lines) == total
    assert assessment.group == group


@pytest.mark.parametrize(
    ("age", "group"), [(59, "ordinary"), (60, "elderly"), (66, "elderly"), (15, "child")]
)
def test_age_exempts_without_being_asked_for(age: int, group: str) -> None:
    assert TABLE.assess(IN_2026, "ordinary", 1, FeeFacts(age=age)).group == group


@pytest.mark.parametrize(
    ("group", "copies", "age"),
    [("elderly", 1, 59), ("elderly", 1, None), ("child", 1, 16), ("emperor", 1, 41), ("ordinary", 0, 41)],
)
def test_what_does_not_fit_is_refused(group: str, copies: int, age: int | None) -> None:
    with pytest.raises(Invalid) as refused:
        TABLE.assess(IN_2026, group, copies, FeeFacts(age=age))

    assert refused.value.errors[0].message["vi"]


def test_amounts_say_how_sure_they_are() -> None:
    assert TABLE.assess(IN_2025, "ordinary", 1).confidence == "read"
    later = TABLE.assess(IN_2026, "ordinary", 1)
    assert later.confidence == "unverified"
    assert later.source.startswith("Circular 16/2025/TT-BTC")


def test_before_the_circular_there_is_no_fee_group() -> None:
    assert TABLE.groups(date(2016, 12, 31)) == ()
    with pytest.raises(Invalid):
        TABLE.assess(date(2016, 12, 31), "ordinary", 1)


def test_each_day_has_one_row_per_group() -> None:
    for on in (date(2017, 1, 1), IN_2025, date(2025, 12, 31), date(2026, 1, 1), IN_2026):
        groups = TABLE.groups(on)
        assert len(groups) == len(set(groups)) == 9


def test_document_is_json() -> None:
    document = TABLE.assess(IN_2026, "student", 3, FeeFacts(age=20)).document()

    assert orjson.loads(orjson.dumps(document)) == document
    assert [(line["code"], line["amount_vnd"]) for line in document["lines"]] == [
        ("student", 100_000),
        ("extra_copy", 5_000),
    ]
    assert document["total_vnd"] == 105_000


@pytest.mark.parametrize(
    "row", ["ordinary,request,-1,,,,a,b,2026-01-01,,law,read", "ordinary,gift,1,,,,a,b,2026-01-01,,law,read"]
)
def test_an_incomplete_row_is_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "fees.csv"
    path.write_text(JUDICIAL_RECORD_FEES.read_text("utf-8").splitlines()[0] + f"\n{row}\n", "utf-8")

    with pytest.raises(ValueError, match="ordinary"):
        FeeTable.from_csv(path)
