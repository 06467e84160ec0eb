"""Which bodies send convictions, from `reference/conviction_sources.csv`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

COVERAGE_KINDS = ("judgments", "expungements", "executions", "proceedings")


@dataclass(frozen=True, slots=True)
class Source:
    """A body; `code` is its organisation in tokens.

    `kinds` are the items that it may send, `coverage` the kinds of its information that have to be complete.
    """

    code: str
    name_vi: str
    name_en: str
    kinds: frozenset[str]
    coverage: tuple[str, ...]


@cache
def sources() -> Mapping[str, Source]:
    """Return the bodies by code."""
    file = resources.files("judicial_record") / "reference" / "conviction_sources.csv"
    with file.open(encoding="utf-8") as lines:
        return {
            row["code"]: Source(
                row["code"],
                row["name_vi"],
                row["name_en"],
                frozenset(row["kinds"].split()),
                tuple(row["coverage"].split()),
            )
            for row in csv.DictReader(lines)
        }
