"""Provinces and communes of today, and the province codes of personal numbers. Read once from `data/`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune-level unit since 2025-07-01 (xã, phường, đặc khu) with its province."""

    code: str
    name: str
    province_code: str
    province_name: str


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def communes() -> Mapping[str, Commune]:
    """Return the 3,321 communes by code, in the order of the official list."""
    provinces = {row["code"]: row["name"] for row in _rows("provinces_2025.csv")}
    return {
        row["commune_code"]: Commune(
            row["commune_code"], row["name"], row["province_code"], provinces[row["province_code"]]
        )
        for row in _rows("communes_2025.csv")
    }


@cache
def personal_number_provinces() -> Mapping[str, str]:
    """Return the 63 codes that a personal number may begin with: code → province of today (its code)."""
    return {
        row["cccd_code"]: row["province_code_since_2025_07"] for row in _rows("personal_number_provinces.csv")
    }
