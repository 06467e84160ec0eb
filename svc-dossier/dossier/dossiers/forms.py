"""The electronic form: what an applicant fills in, patched step by step and checked by its JSON Schema."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from chassis.errors import FieldError, Invalid, Text
from chassis.validation import pointer_of

Json = dict[str, Any]  # Any: JSON members

MAX_DEPTH = 20
MAX_ERRORS = 100
_NO_FETCHING: Registry[Any] = Registry()
_TOO_DEEP = Text(vi="Biểu mẫu lồng nhau quá sâu.", en="The form is nested too deeply.")
_NUL = Text(vi="Không được chứa ký tự NUL.", en="Must not contain the NUL character.")
_WORDS: dict[str, tuple[str, Text]] = {
    "required": ("missing", Text(vi="Trường này là bắt buộc.", en="This field is required.")),
    "additionalProperties": (
        "extra_forbidden",
        Text(vi="Trường này không có trong biểu mẫu.", en="This field is not in the form."),
    ),
    "type": ("type", Text(vi="Sai kiểu dữ liệu.", en="Has the wrong type.")),
    "enum": (
        "enum",
        Text(vi="Không nằm trong các giá trị cho phép.", en="Is not one of the allowed values."),
    ),
    "const": ("enum", Text(vi="Không phải giá trị cho phép.", en="Is not the allowed value.")),
    "pattern": (
        "string_pattern_mismatch",
        Text(vi="Không đúng định dạng quy định.", en="Does not have the required form."),
    ),
    "format": (
        "string_pattern_mismatch",
        Text(vi="Không đúng định dạng quy định.", en="Does not have the required form."),
    ),
    "minLength": ("string_too_short", Text(vi="Quá ngắn.", en="Is too short.")),
    "maxLength": ("string_too_long", Text(vi="Quá dài.", en="Is too long.")),
    "minItems": ("too_short", Text(vi="Quá ít mục.", en="Has too few items.")),
    "maxItems": ("too_long", Text(vi="Quá nhiều mục.", en="Has too many items.")),
}
_OTHER = ("invalid_value", Text(vi="Giá trị không hợp lệ.", en="The value is not valid."))


def patched(form: Json, patch: Json) -> Json:
    """Return a form with a merge patch applied (RFC 7396): null removes a member, objects merge."""
    merged = dict(form)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            there = merged.get(name)
            merged[name] = patched(there if isinstance(there, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def cleaned(value: Json) -> Json:
    """Return a form with its texts in NFC. Raises: Invalid for NUL characters and deep nesting."""
    made: Json = _cleaned(value, ("form",))
    return made


def form_errors(schema: Mapping[str, Any], form: Json) -> list[FieldError]:
    """Return what is wrong with a form, as pointers below `/form`, at most 100, in the order of places."""
    validator = Draft202012Validator(
        dict(schema), registry=_NO_FETCHING, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    found = [error for failure in validator.iter_errors(form) for error in _errors(failure)]
    return sorted(found, key=lambda error: error.pointer)[:MAX_ERRORS]


def _errors(failure: ValidationError) -> list[FieldError]:
    code, words = _WORDS.get(str(failure.validator), _OTHER)
    place = ["form", *failure.absolute_path]
    if failure.validator == "required" and isinstance(failure.instance, dict):
        named = [name for name in failure.validator_value if failure.message.startswith(f"{name!r} is")]
        return [FieldError(pointer_of(["body", *place, name]), code, words) for name in named[:1]]
    if failure.validator == "additionalProperties" and isinstance(failure.instance, dict):
        known = set(failure.schema.get("properties", {}))
        extra = sorted(set(failure.instance) - known)
        return [FieldError(pointer_of(["body", *place, name]), code, words) for name in extra]
    return [FieldError(pointer_of(["body", *place]), code, words)]


def _cleaned(value: Any, place: tuple[str | int, ...]) -> Any:  # Any: JSON values
    if len(place) > MAX_DEPTH:
        raise Invalid(errors=[FieldError("/form", "too_deep", _TOO_DEEP)])
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, dict):
        return {_text(name, place): _cleaned(inner, (*place, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner, (*place, number)) for number, inner in enumerate(value)]
    return value


def _text(value: str, place: tuple[str | int, ...]) -> str:
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid(errors=[FieldError(pointer_of(["body", *place]), "nul_character", _NUL)])
    return unicodedata.normalize("NFC", value)
