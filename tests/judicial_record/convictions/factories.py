"""Documents of courts and police, valid unless a test says otherwise; all made up."""

from typing import Any

BINH = {"name": "Trần Thị Bình", "born_on": "1979-11-02", "sex": "female", "personal_id": "046179000025"}
JUDGMENT = {"court": "TAND-HN", "number": "12/2014/HS-ST"}
AT = "2026-11-20T09:30:00+07:00"


def judgment(**fields: Any) -> dict[str, Any]:
    """Return a judgment: two years of prison, in force since 2014-02-01."""
    number = fields.pop("number", JUDGMENT["number"])
    return {
        "kind": "judgment",
        "reference": number,
        "issued_at": AT,
        "person": BINH,
        "judgment": {**JUDGMENT, "number": number},
        "court_name": "Tòa án nhân dân TP Hà Nội",
        "judged_on": "2014-01-02",
        "effective_on": "2014-02-01",
        "offences": [
            {
                "article": "173(1)",
                "name": "Trộm cắp tài sản",
                "chapter": "XVI",
                "gravity": "less_serious",
                "is_negligent": False,
                "committed_on": "2013-05-06",
            }
        ],
        "principal": {"kind": "prison", "months": 24},
        "duties": ["costs"],
    } | fields


def completion(**fields: Any) -> dict[str, Any]:
    """Return what the police say of a served penalty."""
    return {
        "kind": "completion",
        "reference": "8/GCN",
        "issued_at": AT,
        "person": BINH,
        "judgment": JUDGMENT,
        "part": "principal",
        "completed_on": "2016-02-01",
    } | fields


def costs_paid(**fields: Any) -> dict[str, Any]:
    paid = {"reference": "9/THA", "part": "duty", "duty": "costs", "completed_on": "2016-03-01"}
    return completion(**(paid | fields))


def proceedings(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "new_proceedings",
        "reference": "5/QD-KTVA",
        "issued_at": AT,
        "person": BINH,
        "opened_on": "2017-01-01",
        "committed_on": "2016-12-01",
        "state": "open",
    } | fields


def covering(*kinds: str, since: str = "1945-01-01", **fields: Any) -> dict[str, Any]:
    """Return the coverage of a source that has told everything."""
    entries = [
        {"kind": kind, "state": "complete", "since": since, "checked_on": "2026-11-01"} | fields
        for kind in kinds
    ]
    return {"entries": entries}
