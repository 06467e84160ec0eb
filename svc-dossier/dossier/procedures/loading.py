"""Loads the catalogue as it ships with the service, as the last step of `migrate`.

A procedure that the catalogue knows already is left alone: from its first version on it is its owner's.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from chassis.clock import Clocks
from chassis.db import Database
from chassis.logging import get_logger
from chassis.migrations import MigratorAddressMissing
from dossier.procedures.fold import slug
from dossier.procedures.repository import ProcedureRepository
from dossier.procedures.schemas import ProcedureContent
from dossier.procedures.service import row_of
from dossier.settings import DossierSettings

Row = Mapping[str, str]

REFERENCE = Path(__file__).parent.parent / "reference"
VALID_FROM = date(2025, 7, 1)
"""Decree 118/2025/NĐ-CP is in force from here; what an earlier version said is not known."""
LOADED_BY = "reference"

_ONLINE = {"toàn trình": "full", "một phần": "partial", "": "unknown"}
_MARKS = {"S": "sourced"}
_ELSEWHERE = {"Lý lịch tư pháp": "/v1/me/judicial-record-applications"}
_NO_REASON = {
    "kind": "not_published",
    "text": "Cơ quan sở hữu danh mục chưa công bố lý do (Nghị định 224/2026/NĐ-CP, Điều 14).",
}

log = get_logger(__name__)


async def load_procedures(settings: DossierSettings) -> None:
    """Add the procedures that the catalogue does not know yet. Idempotent.

    Raises: MigratorAddressMissing.
    """
    if settings.migrator_database_url is None:
        raise MigratorAddressMissing
    database = await Database.connect(settings.migrator_database_url.get_secret_value(), 1)
    try:
        async with database.transaction() as db:
            repository = ProcedureRepository(db)
            known = await repository.codes()
            fresh = [(code, content) for code, content in shipped() if code not in known]
            for code, content in fresh:
                await repository.add(row_of(code, 1, VALID_FROM, content, LOADED_BY, Clocks.real()), None)
    finally:
        await database.close()
    log.info("procedures.loaded", count=len(fresh))


def shipped() -> Iterator[tuple[str, ProcedureContent]]:
    """Yield code and content of every procedure that ships with the service, in the file's order."""
    papers = _papers()
    steps = _steps()
    for row in _rows("procedures.csv"):
        yield row["code"], ProcedureContent.model_validate(_content(row, papers, steps))


def _content(row: Row, papers: Mapping[str, list[Any]], steps: Mapping[str, list[Any]]) -> dict[str, Any]:
    own_form = REFERENCE / "forms" / f"{row['code']}.json"
    form = own_form if own_form.exists() else REFERENCE / "forms" / "general.json"
    partial = row["online_kind"] == "một phần"
    return {
        "name": row["name_vi"],
        "national_code": row["national_code"] or None,
        "code_confidence": row["code_confidence"],
        "kind": "publication" if row["limit_unit"] == "immediate" else "decision",
        "agency": {"code": row["agency_code"], "name": row["agency"]},
        "unit_name": row["owning_unit"],
        "field": {"code": slug(row["field"]), "name": row["field"]},
        "level": row["level"],
        "online": {"kind": _ONLINE[row["online_kind"]], "reason": _NO_REASON if partial else None},
        "deadline": {
            "value": int(row["limit_value"]) if row["limit_value"] else None,
            "unit": row["limit_unit"] or None,
            "confidence": row["limit_confidence"],
            "note": row["note"] or None,
        },
        "fees": _fees(row),
        "papers": papers.get(row["code"], [_UNKNOWN_PAPER]),
        "form": json.loads(form.read_text("utf-8")),
        "steps": steps.get(row["online_kind"], []),
        "supplement_rule": row["supplement_rule"],
        "supplement_confidence": _MARKS.get(row["supplement_confidence"], "unverified"),
        "filed_at": _ELSEWHERE.get(row["field"]),
        "source": row["source"] or None,
        "note": row["note"] or None,
    }


_UNKNOWN_PAPER = {
    "slot": "paper-1",
    "name": "Đơn đề nghị và giấy tờ kèm theo",
    "original_count": 1,
    "copy_count": 0,
    "is_required": False,
    "confidence": "none",
}
"""For procedures whose list of papers was not captured: nothing is demanded that no source names."""


def _fees(row: Row) -> list[dict[str, Any]]:  # Any: JSON members
    amount = int(row["fee_vnd"] or 0)
    if not amount:
        return []
    return [
        {
            "code": "phi-tham-dinh",
            "name": "Phí thẩm định",
            "amount_vnd": amount,
            "due": "before_acceptance",
            "confidence": row["fee_confidence"],
        }
    ]


def _papers() -> dict[str, list[Any]]:  # Any: JSON members
    found: dict[str, list[Any]] = {}
    for row in _rows("dossier_components.csv"):
        found.setdefault(row["procedure_code"], []).append(
            {
                "slot": f"paper-{row['no']}",
                "name": row["component"],
                "original_count": int(row["original"]),
                "copy_count": int(row["copy"]),
                "form_name": row["form"] or None,
                "is_required": row["required"] == "true",
                "confidence": row["confidence"],
                "source": row["source"] or None,
            }
        )
    return found


def _steps() -> dict[str, list[Any]]:  # Any: JSON members
    found: dict[str, list[Any]] = {}
    for row in _rows("workflow_steps.csv"):
        found.setdefault(row["online_kind"], []).append(
            {
                "number": int(row["number"]),
                "name": row["name_vi"],
                "name_en": row["name_en"],
                "role": row["role"],
                "is_online": row["online"] == "true",
            }
        )
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
