"""Dated reference data of the hospital file format, read once from the CSV files beside this module.

CSV and not a table in the database: the data are the annexes of a decision, change by release with the code
that reads them, and are needed before any database is reached. Sources of each file: `SOURCES.md`.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a table: `kind` is `string` or `number`; `max_length` 0 means without limit."""

    table: str
    name: str
    kind: str
    max_length: int
    is_required: bool
    is_added_by_qd4750: bool


@dataclass(frozen=True, slots=True)
class TableRow:
    """Element names of a table; `row_element` is empty where the root element is the only row."""

    name: str
    root_element: str
    list_element: str
    row_element: str


@dataclass(frozen=True, slots=True)
class CodePeriod:
    valid_from: date | None
    valid_to: date | None
    is_certain: bool

    def covers(self, day: date) -> bool:
        starts = self.valid_from is None or self.valid_from <= day
        return starts and (self.valid_to is None or day <= self.valid_to)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with resources.files(__package__).joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


@cache
def field_rows() -> Mapping[str, tuple[FieldRow, ...]]:
    """Return the fields of each table by table name, in the order of the annex."""
    tables: dict[str, list[FieldRow]] = {}
    for row in _rows("xml130_fields.csv"):
        tables.setdefault(row["table"], []).append(
            FieldRow(
                table=row["table"],
                name=row["field"],
                kind=row["type"],
                max_length=int(row["max_len"] or 0),
                is_required=row["required"] == "yes",
                is_added_by_qd4750=row["qd4750"].startswith("added"),
            )
        )
    return {table: tuple(fields) for table, fields in tables.items()}


@cache
def table_rows() -> Mapping[str, TableRow]:
    """Return the element names of each table by table name."""
    return {
        row["table"]: TableRow(row["table"], row["root_element"], row["list_element"], row["row_element"])
        for row in _rows("xml_tables.csv")
    }


@cache
def _codes() -> Mapping[str, Mapping[str, tuple[CodePeriod, ...]]]:
    fields: dict[str, dict[str, list[CodePeriod]]] = {}
    for row in _rows("xml_codes.csv"):
        period = CodePeriod(
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            is_certain="GK" not in row["mark"],
        )
        for code in row["code"].split(","):
            fields.setdefault(row["field"], {}).setdefault(code.strip(), []).append(period)
    return {name: {code: tuple(p) for code, p in codes.items()} for name, codes in fields.items()}


def is_known_code(field: str, code: str, day: date) -> bool:
    """Return whether the code set of `field` held `code` on the legal day `day`."""
    return any(period.covers(day) for period in _codes().get(field, {}).get(code, ()))


@cache
def province_prefixes() -> frozenset[str]:
    """Return the 2-digit province prefixes of facility codes, merged provinces included."""
    return frozenset(row["cccd_code"][1:] for row in _rows("provinces.csv"))


@cache
def province_codes() -> frozenset[str]:
    """Return the 3-digit province codes that begin a personal number."""
    return frozenset(row["cccd_code"] for row in _rows("provinces.csv"))
