"""The receipt of a submission: kept in both languages, answered in one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.errors import Language
from health_book.submissions.plan import Verdict
from health_book.submissions.repository import Kept

Json = dict[str, Any]  # Any: JSON members


def verdicts(found: Iterable[Verdict]) -> list[Json]:
    """Return verdicts as the receipt keeps them, with both languages."""
    return [
        {
            "dossier": verdict.position,
            "pointer": verdict.finding.pointer,
            "code": verdict.finding.code,
            "message": verdict.finding.message,
            "article": verdict.finding.article,
        }
        for verdict in found
    ]


def make_receipt(
    submission_id: UUID | None,
    received_at: datetime,
    kept: Sequence[Kept],
    refused: Sequence[Verdict],
    warnings: Sequence[Verdict],
) -> Json:
    """Return the receipt; `accepted` counts new, corrected and unlinked visits, not unchanged ones."""
    outcomes = [one.outcome for one in kept]
    corrected = sum(1 for one in kept if one.outcome == "superseded" or (one.is_unlinked and one.version > 1))
    return {
        "id": str(submission_id) if submission_id else None,
        "state": "done",
        "received_at": received_at.isoformat(),
        "accepted": len(outcomes) - outcomes.count("unchanged"),
        "unchanged": outcomes.count("unchanged"),
        "superseded": corrected,
        "unlinked": outcomes.count("unlinked"),
        "rejected": verdicts(refused),
        "warnings": verdicts(warnings),
        "visits": [
            {
                "visit_id": str(one.visit_id) if one.visit_id else None,
                "facility_visit_code": one.facility_visit_code,
                "outcome": one.outcome,
            }
            for one in kept
        ],
    }


def in_language(receipt: Mapping[str, Any], language: Language) -> Json:
    """Return the receipt with the messages of one language."""
    told = dict(receipt)
    for name in ("rejected", "warnings"):
        told[name] = [{**item, "message": item["message"][language]} for item in receipt[name]]
    return told
