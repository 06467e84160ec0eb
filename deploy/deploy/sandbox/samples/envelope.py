"""Writes GIAMDINHHS envelopes as hospital systems do: each table as base64 of an XML of its own.

Text is joined by hand from the field order of the templates and not through an XML tree: a load test needs
thousands of dossiers a second from one core, and every value is escaped at one place.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

TEMPLATES = Path(__file__).parent / "templates"
Row = Mapping[str, str]

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACES = (
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
)


@dataclass(frozen=True, slots=True)
class FacilityDossier:
    """One HOSO: rows by table name (`XML1` …), in the order in which the tables are written."""

    tables: Mapping[str, Sequence[Row]]

    @property
    def code(self) -> str:
        """Return MA_LK, the facility's own code of the visit."""
        return self.tables["XML1"][0]["MA_LK"]


@dataclass(frozen=True, slots=True)
class _Shape:
    before: str
    after: str
    row_before: str
    row_after: str
    fields: tuple[str, ...]


@cache
def _shape(table: str) -> _Shape:
    template = (TEMPLATES / f"{table}.xml").read_text(encoding="utf-8")
    fields = tuple(re.findall(r"<(\w+)/>", template))
    around = re.findall(r"<(\w+)>", template)
    if len(around) == 1:
        return _Shape("", "", f"<{around[0]}>", f"</{around[0]}>", fields)
    root, outer, row = around
    return _Shape(f"<{root}><{outer}>", f"</{outer}></{root}>", f"<{row}>", f"</{row}>", fields)


def write_table(table: str, rows: Iterable[Row]) -> bytes:
    """Return the inner XML of one table; fields that a row lacks are written empty.

    Raises:
        KeyError: a row names a field that the table does not have.
    """
    shape = _shape(table)
    parts = [_HEAD, shape.before]
    for row in rows:
        unknown = row.keys() - set(shape.fields)
        if unknown:
            raise KeyError(f"{table} has no {sorted(unknown)}")
        parts.append(shape.row_before)
        parts.extend(
            f"<{field}>{escape(row[field])}</{field}>" if row.get(field) else f"<{field}/>"
            for field in shape.fields
        )
        parts.append(shape.row_after)
    parts.append(shape.after)
    return "".join(parts).encode()


def make_submission(
    facility_code: str, dossiers: Sequence[FacilityDossier], made_on: str = "20261101"
) -> bytes:
    """Return one file of `facility_code` with all dossiers; `made_on` is NGAYLAP, yyyymmdd."""
    parts = [
        f"{_HEAD}<GIAMDINHHS {_NAMESPACES}><THONGTINDONVI><MACSKCB>{facility_code}</MACSKCB></THONGTINDONVI>"
        f"<THONGTINHOSO><NGAYLAP>{made_on}</NGAYLAP><SOLUONGHOSO>{len(dossiers)}</SOLUONGHOSO><DANHSACHHOSO>"
    ]
    for dossier in dossiers:
        parts.append("<HOSO>")
        for table, rows in dossier.tables.items():
            content = base64.b64encode(write_table(table, rows)).decode()
            parts.append(
                f"<FILEHOSO><LOAIHOSO>{table}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"
            )
        parts.append("</HOSO>")
    parts.append("</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>\n")
    return "".join(parts).encode()
