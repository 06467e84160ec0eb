"""Reference data of the service, read from the CSV files beside this module once per process."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def agencies_of(organisation: str) -> frozenset[str]:
    """Return the codes of the agencies whose dossiers an organisation's system is told of."""
    rows = _rows("organisation_agencies.csv")
    return frozenset(row["agency_code"] for row in rows if row["organisation"] == organisation)


@cache
def provinces() -> Mapping[str, str]:
    """Return agency code → province code."""
    return {row["agency_code"]: row["province_code"] for row in _rows("agency_provinces.csv")}
