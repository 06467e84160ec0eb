"""What may be published as a procedure, and what its parts add up to. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from dossier.procedures.schemas import Fee, Step

Json = Mapping[str, Any]  # Any: JSON members

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_DEPTH = 20
_FORBIDDEN = frozenset({"$ref", "$dynamicRef", "$id", "$anchor", "$dynamicAnchor"})


def form_problem(form: Json) -> str | None:
    """Return why a form cannot be published, as a code, or None.

    References are refused: a form is read by apps that have no other document at hand, and a validator must
    never fetch one.

    Source: decision 0023.
    """
    if form.get("type") != "object" or form.get("$schema", DIALECT) != DIALECT:
        return "form_not_object_2020_12"
    if _depth(form) > MAX_DEPTH:
        return "form_too_deep"
    if _names(form) & _FORBIDDEN:
        return "form_has_reference"
    try:
        Draft202012Validator.check_schema(dict(form))
    except SchemaError:
        return "form_not_a_schema"
    return None


def fees_total(fees: Sequence[Fee]) -> int:
    """Return the sum of the fees in dong.

    Source: Decree 63/2010/NĐ-CP, art. 8 (the fee is a mandatory part of a procedure).
    """
    return sum(fee.amount_vnd for fee in fees)


def fully_online_share(steps: Sequence[Step]) -> float | None:
    """Return the share of steps for which nobody has to come, 0 to 1; None where no steps are known.

    Source: decision 0023.
    """
    if not steps:
        return None
    return round(sum(step.is_online for step in steps) / len(steps), 4)


def _names(value: object) -> set[str]:
    """Return every member name within a JSON value."""
    if isinstance(value, Mapping):
        return set(value).union(*(_names(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_names(inner) for inner in value))
    return set()


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return 1 + max((_depth(one) for one in inner), default=0)
