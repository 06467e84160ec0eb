"""A problem as FHIR's clients read it: an OperationOutcome with our code, trace id and field errors.

It stands beside `problem.render`, because the gateway refuses requests to `/fhir/` too, and a client must not
meet two shapes there.
"""

from typing import Any

FHIR_PATHS = "/fhir/"
FHIR_MEDIA_TYPE = "application/fhir+json"
CODES = "urn:lienthong:problems"

_KINDS = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    431: "too-long",
    503: "transient",
}
_BY_CODE = {
    "required": "required",
    "missing_element": "required",
    "unknown_code": "code-invalid",
    "unknown_parameter": "not-supported",
    "entry_method": "not-supported",
    "bundle_type": "not-supported",
    "token_expired": "expired",
}


def operation_outcome(problem: dict[str, Any]) -> dict[str, Any]:  # Any: JSON members
    """Return the OperationOutcome of a problem document: one issue, or one per field at fault.

    Source: FHIR R4, OperationOutcome; value set issue-type.
    """
    kind = _BY_CODE.get(problem["code"], _KINDS.get(problem["status"], "exception"))
    errors = problem.get("errors") or [None]
    issues = [_issue(problem, kind, error) for error in errors]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _issue(problem: dict[str, Any], kind: str, error: dict[str, str] | None) -> dict[str, Any]:
    code = error["code"] if error else problem["code"]
    text = error["message"] if error else problem["detail"]
    issue = {
        "severity": "error",
        "code": _BY_CODE.get(code, kind),
        "details": {"coding": [{"system": CODES, "code": code}], "text": text},
        "diagnostics": f"{problem['title']} (trace {problem['trace_id']})",
    }
    if error and error["pointer"].startswith("?"):
        issue["expression"] = [f"http.{error['pointer'][1:]}"]
    elif error and error["pointer"]:
        issue["expression"] = [error["pointer"]]
    return issue


def outcome_content() -> dict[str, Any]:  # Any: OpenAPI's members
    """Return what is documented of a failure below `/fhir/`, beside the problem that it is made of."""
    return {FHIR_MEDIA_TYPE: {"schema": {"type": "object", "description": "FHIR R4 OperationOutcome."}}}
