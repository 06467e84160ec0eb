"""Validation errors as the contract shows them: where, a stable code, and a sentence in both languages.

Never the input, which may be a personal number, and never pydantic's own sentence, which may quote it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.errors import FieldError, Text

_WORDS: dict[str, Text] = {
    "missing": Text(vi="Trường này là bắt buộc.", en="This field is required."),
    "extra_forbidden": Text(
        vi="Trường này không có trong hợp đồng API.", en="This field is not in the contract."
    ),
    "string_type": Text(vi="Phải là chuỗi ký tự.", en="Must be a string."),
    "string_too_short": Text(
        vi="Phải có ít nhất {min_length} ký tự.", en="Must have at least {min_length} characters."
    ),
    "string_too_long": Text(
        vi="Không được quá {max_length} ký tự.", en="Must have at most {max_length} characters."
    ),
    "string_pattern_mismatch": Text(
        vi="Không đúng định dạng quy định.", en="Does not have the required form."
    ),
    "string_unicode": Text(vi="Chuỗi ký tự không phải UTF-8 hợp lệ.", en="Is not valid Unicode text."),
    "nul_character": Text(vi="Không được chứa ký tự NUL.", en="Must not contain the NUL character."),
    "int_type": Text(vi="Phải là số nguyên.", en="Must be an integer."),
    "float_type": Text(vi="Phải là số.", en="Must be a number."),
    "bool_type": Text(vi="Phải là true hoặc false.", en="Must be true or false."),
    "finite_number": Text(vi="Phải là số hữu hạn.", en="Must be a finite number."),
    "greater_than": Text(vi="Phải lớn hơn {gt}.", en="Must be greater than {gt}."),
    "greater_than_equal": Text(vi="Phải từ {ge} trở lên.", en="Must be {ge} or more."),
    "less_than": Text(vi="Phải nhỏ hơn {lt}.", en="Must be less than {lt}."),
    "less_than_equal": Text(vi="Phải từ {le} trở xuống.", en="Must be {le} or less."),
    "multiple_of": Text(vi="Phải là bội của {multiple_of}.", en="Must be a multiple of {multiple_of}."),
    "date_type": Text(vi="Phải là ngày dạng YYYY-MM-DD.", en="Must be a date, YYYY-MM-DD."),
    "datetime_type": Text(
        vi="Phải là thời điểm theo RFC 3339, có múi giờ.", en="Must be an RFC 3339 date-time with an offset."
    ),
    "timezone_aware": Text(vi="Thời điểm phải có múi giờ.", en="The date-time needs an offset."),
    "uuid_type": Text(vi="Phải là mã UUID.", en="Must be a UUID."),
    "enum": Text(vi="Không nằm trong các giá trị cho phép.", en="Is not one of the allowed values."),
    "list_type": Text(vi="Phải là danh sách.", en="Must be a list."),
    "too_short": Text(vi="Phải có ít nhất {min_length} mục.", en="Must have at least {min_length} items."),
    "too_long": Text(vi="Không được quá {max_length} mục.", en="Must have at most {max_length} items."),
    "object_type": Text(vi="Phải là đối tượng JSON.", en="Must be a JSON object."),
    "url_type": Text(vi="Phải là địa chỉ URL.", en="Must be a URL."),
    "invalid_value": Text(vi="Giá trị không hợp lệ.", en="The value is not valid."),
}

_SAME_AS: dict[str, str] = {
    "string_sub_type": "string_type",
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "int_parsing_size": "int_type",
    "float_parsing": "float_type",
    "bool_parsing": "bool_type",
    "date_parsing": "date_type",
    "date_from_datetime_parsing": "date_type",
    "date_from_datetime_inexact": "date_type",
    "datetime_parsing": "datetime_type",
    "datetime_from_date_parsing": "datetime_type",
    "datetime_object_invalid": "datetime_type",
    "uuid_parsing": "uuid_type",
    "uuid_version": "uuid_type",
    "literal_error": "enum",
    "union_tag_invalid": "enum",
    "union_tag_not_found": "missing",
    "tuple_type": "list_type",
    "set_type": "list_type",
    "dict_type": "object_type",
    "model_type": "object_type",
    "model_attributes_type": "object_type",
    "mapping_type": "object_type",
    "url_parsing": "url_type",
    "url_scheme": "url_type",
}
_LIMITS = ("min_length", "max_length", "gt", "ge", "lt", "le", "multiple_of")


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:  # Any: pydantic's error details
    """Return pydantic's errors as field errors, in their order, at most 100.

    A validator of ours keeps its code and words: `PydanticCustomError(code, "…", {"vi": …, "en": …})`.
    """
    return [FieldError(pointer_of(e["loc"]), *_meaning(e)) for e in errors[:100]]


def pointer_of(location: Sequence[str | int]) -> str:
    """Return where an error is: an RFC 6901 pointer into the body, or the parameter (see `FieldError`)."""
    source, *path = location or ("body",)
    if source == "query":
        return "?" + str(path[0] if path else "")
    if source == "path":
        return "{" + str(path[0] if path else "") + "}"
    if source in ("header", "cookie"):
        return f"{path[0] if path else ''}:"
    steps = path if source == "body" else [source, *path]
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _meaning(error: Mapping[str, Any]) -> tuple[str, Text]:  # Any: as above
    kind, context = str(error["type"]), error.get("ctx") or {}
    if isinstance(context.get("vi"), str) and isinstance(context.get("en"), str):
        return kind, Text(vi=context["vi"], en=context["en"])
    code = kind if kind in _WORDS else _SAME_AS.get(kind, "invalid_value")
    words, limits = _WORDS[code], {name: context.get(name) for name in _LIMITS}
    return code, Text(vi=words["vi"].format(**limits), en=words["en"].format(**limits))
