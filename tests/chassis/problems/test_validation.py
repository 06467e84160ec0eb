"""Validation errors: pointers, stable codes, two languages, and never the input."""

from datetime import date
from typing import Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, Field, StrictBool, StrictInt, ValidationError

from chassis.schemas import RequestModel
from chassis.validation import field_errors, pointer_of


class Line(RequestModel):
    code: str = Field(min_length=2, max_length=4, pattern="^[A-Z]+$")


class Order(RequestModel):
    id: UUID
    on: date
    at: AwareDatetime
    count: StrictInt = Field(ge=1, le=5)
    urgent: StrictBool = False
    kind: Literal["a", "b"] = "a"
    lines: list[Line] = Field(default_factory=list, max_length=2)
    note: str = ""


GOOD = {
    "id": "0190d3b2-7b6e-7000-8000-000000000001",
    "on": "2026-11-23",
    "at": "2026-11-23T08:00:00+07:00",
    "count": 1,
}


def faults(**changes: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate({**GOOD, **changes})
    errors = field_errors([{**e, "loc": ("body", *e["loc"])} for e in refused.value.errors()])
    for error in errors:
        assert error.message["vi"]
        assert error.message["en"]
        assert error.message["vi"] != error.message["en"]
        assert "001085000017" not in str(error)
    return {error.pointer: error.code for error in errors}


def test_a_good_order_is_taken() -> None:
    assert Order.model_validate(GOOD).count == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "001085000017"}, {"/id": "uuid_type"}),
        ({"on": "2026-02-30"}, {"/on": "date_type"}),
        ({"at": "2026-11-23T08:00:00"}, {"/at": "timezone_aware"}),
        ({"count": 0}, {"/count": "greater_than_equal"}),
        ({"count": 6}, {"/count": "less_than_equal"}),
        ({"count": "1"}, {"/count": "int_type"}),
        ({"count": True}, {"/count": "int_type"}),
        ({"urgent": 1}, {"/urgent": "bool_type"}),
        ({"kind": "001085000017"}, {"/kind": "enum"}),
        ({"lines": [{"code": "AB"}, {"code": "a"}]}, {"/lines/1/code": "string_too_short"}),
        ({"lines": [{"code": "ab"}]}, {"/lines/0/code": "string_pattern_mismatch"}),
        ({"lines": [{"code": "ABCDE"}]}, {"/lines/0/code": "string_too_long"}),
        ({"lines": [{}]}, {"/lines/0/code": "missing"}),
        ({"lines": [{"code": "AB"}] * 3}, {"/lines": "too_long"}),
        ({"lines": "AB"}, {"/lines": "list_type"}),
        ({"note": 5}, {"/note": "string_type"}),
        ({"note": "a\x00b"}, {"/note": "nul_character"}),
        ({"a/b~c": 1}, {"/a~1b~0c": "extra_forbidden"}),
    ],
)
def test_each_fault_has_its_pointer_and_code(changes: dict[str, object], expected: dict[str, str]) -> None:
    assert faults(**changes) == expected


def test_limits_are_told_in_the_sentence() -> None:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate({**GOOD, "count": 6})

    (error,) = field_errors(refused.value.errors())

    assert error.message == {"vi": "Phải từ 5 trở xuống.", "en": "Must be 5 or less."}


def test_parameters_have_places_of_their_own() -> None:
    assert pointer_of(("query", "limit")) == "?limit"
    assert pointer_of(("path", "visit_id")) == "{visit_id}"
    assert pointer_of(("header", "if-match")) == "if-match:"


def test_texts_are_kept_in_nfc() -> None:
    order = Order.model_validate({**GOOD, "note": "Nguye\u0302\u0303n"})

    assert order.note == "Nguyễn"


def test_a_lax_number_is_refused_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match=r"Lax\.count"):

        class Lax(RequestModel):
            count: int
