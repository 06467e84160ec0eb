"""The field tables of QĐ 130/4750/3176, compiled once into something that checks a row in microseconds.

Compiled checks and not a Pydantic model per table: 481 fields in 15 tables, three dated shapes, and 0.2 ms
for a whole dossier; a model class per table would be the same CSV written by hand.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from health_book.reference import FieldRow, field_rows, table_rows

Row = dict[str, str]
"""One row as sent: field name → stripped NFC text; empty fields are absent."""

CHECK_IN = "CHECKIN"
SUMMARY = "XML1"
FROM_ASSESSMENT_BODIES = "XML12"
CHECK_IN_NAMES = frozenset({"CHECKIN", "XML0"})

# Moved by QĐ 3176/QĐ-BYT 2024 (section 4.4 of the survey; https://github.com/tracnn/qlbv_public).
TRANSFER_REMOVED_BY_QD3176 = frozenset({"MA_NOI_DI", "MA_NOI_DEN", "TEN_DICH_VU", "TEN_THUOC", "PP_DIEU_TRI"})
TRANSFER_ADDED_BY_QD3176 = ("MA_CSKCB_DI", "MA_CSKCB_DEN", "TINH_TRANG_CT")

# The district level was abolished on 2025-07-01; software now sends the element empty.
NEVER_REQUIRED = frozenset({"MAHUYEN_CU_TRU"})

# The annex marks fields of these tables as required that cannot exist for many patients (the day of a regimen
# switch, the start of ARV of a TB patient without HIV): a missing one warns and does not refuse.
LENIENT_TABLES = frozenset({"XML6", "XML15"})

DATE_FORMS = {
    "datetime": "yyyymmddHHMM",
    "date": "yyyymmdd",
    "either": "yyyymmdd[HHMM]",
    "birth": "yyyymmdd[HHMM]",
}
_ALSO_DATES = frozenset(
    {
        "GT_THE_TU",
        "GT_THE_DEN",
        "NAM_NAM_LIEN_TUC",
        "THOI_DIEM_DBLS",
        "TU_NGAY",
        "DEN_NGAY",
        "BDDT_ARV",
        "THOIGIAN_DINHCHI",
        "NGOAITRU_TUNGAY",
        "NGOAITRU_DENNGAY",
    }
)
_DATE_LISTS = frozenset({"GT_THE_TU", "GT_THE_DEN", "NGAY_TAI_KHAM"})
_NUMBER_LISTS = frozenset({"CAN_NANG_CON"})
# Exempted from 12 characters by the annex itself (yyyymmdd when a paper exists) or seen both ways.
_EITHER = frozenset({"NGAY_MIEN_CCT", "NGAY_HEN_KL"})
_BIRTHS = frozenset({"NGAY_SINH", "NGAYSINH_NND"})

_is_plain_number = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How one field is checked; `form` is empty for text."""

    name: str
    max_length: int
    is_required: bool
    form: str
    check: Callable[[str], object] | None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: where its rows are, and its fields by name in the order of the annex."""

    name: str
    root_element: str
    row_element: str
    fields: Mapping[str, FieldSpec]
    required: tuple[str, ...]

    @property
    def is_single(self) -> bool:
        return not self.row_element


@lru_cache(maxsize=65536)
def is_datetime(value: str) -> bool:
    """Return whether `value` is a real `yyyymmddHHMM`."""
    return len(value) == 12 and _exists(value, "%Y%m%d%H%M")


@lru_cache(maxsize=65536)
def is_date(value: str) -> bool:
    """Return whether `value` is a real `yyyymmdd`."""
    return len(value) == 8 and _exists(value, "%Y%m%d")


@lru_cache(maxsize=65536)
def is_birth(value: str) -> bool:
    """Return whether `value` is a birth date: a real day, or a year with `0000` for an unknown day."""
    if len(value) in (8, 12) and value.isascii() and value.isdigit() and value[4:8] == "0000":
        return "1850" <= value[:4] <= "2200"
    return is_datetime(value) or is_date(value)


def _exists(value: str, form: str) -> bool:
    if not (value.isascii() and value.isdigit()):
        return False
    try:
        return bool(datetime.strptime(value, form))  # noqa: DTZ007  (existence only; the zone is irrelevant)
    except ValueError:
        return False


def _is_either(value: str) -> bool:
    return is_datetime(value) or is_date(value)


def _each(check: Callable[[str], object]) -> Callable[[str], bool]:
    def check_all(value: str) -> bool:
        return all(check(part.strip()) for part in value.split(";") if part.strip())

    return check_all


def _form_of(field: FieldRow) -> tuple[str, Callable[[str], object] | None]:
    name = field.name
    if name in _DATE_LISTS:
        return "date", _each(is_date)
    if name in _BIRTHS:
        return "birth", is_birth
    if name in _EITHER:
        return "either", _is_either
    if name.startswith("NGAY") or name in _ALSO_DATES:
        return ("datetime", is_datetime) if field.max_length == 12 else ("date", is_date)
    if name in _NUMBER_LISTS:
        return "number", _each(_is_plain_number)
    if field.kind == "number" and not name.startswith("SO_CCCD"):
        return "number", _is_plain_number
    return "", None


def _spec(field: FieldRow) -> FieldSpec:
    form, check = _form_of(field)
    is_required = field.is_required and field.name not in NEVER_REQUIRED
    limit = field.max_length + 1 if form == "number" else field.max_length  # the decimal dot is not a digit
    return FieldSpec(field.name, limit, is_required, form, check)


def _table(name: str, fields: dict[str, FieldSpec]) -> TableSpec:
    row = table_rows()[name]
    required = tuple(spec.name for spec in fields.values() if spec.is_required)
    return TableSpec(name, row.root_element, row.row_element, fields, required)


@cache
def table_specs() -> Mapping[str, TableSpec]:
    """Return the tables as QĐ 130 amended by QĐ 4750 has them, by name; without XML12."""
    specs = {
        name: _table(name, {field.name: _spec(field) for field in fields})
        for name, fields in field_rows().items()
        if name not in (FROM_ASSESSMENT_BODIES, CHECK_IN)
    }
    check_in = {field.name: _spec(field) for field in field_rows()[CHECK_IN]}
    # Element names of real software; the decision names the fields only.
    specs[CHECK_IN] = TableSpec(
        CHECK_IN,
        "CHI_TIEU_TRANG_THAI_KCB",
        "TRANG_THAI_KCB",
        check_in,
        tuple(spec.name for spec in check_in.values() if spec.is_required),
    )
    return specs


@cache
def transfer_spec_qd3176() -> TableSpec:
    """Return XML13 as QĐ 3176 has it."""
    base = table_specs()["XML13"]
    fields = {n: spec for n, spec in base.fields.items() if n not in TRANSFER_REMOVED_BY_QD3176}
    for name in TRANSFER_ADDED_BY_QD3176:
        fields[name] = FieldSpec(name, 5 if name.startswith("MA_CSKCB") else 0, False, "", None)
    return _table("XML13", fields)


def spec_for(table: str, rows: list[Row], tags: frozenset[str]) -> TableSpec:
    """Return the shape that rows of `table` have, by the element names `tags` met in them."""
    if table == "XML13" and not tags.isdisjoint(TRANSFER_ADDED_BY_QD3176):
        return transfer_spec_qd3176()
    return table_specs()[table]


@cache
def qd4750_markers() -> frozenset[str]:
    """Return the fields of XML1 that QĐ 4750 added: a file without any of them has the shape of QĐ 130."""
    return frozenset(field.name for field in field_rows()[SUMMARY] if field.is_added_by_qd4750)
