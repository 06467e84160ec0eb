"""Bases of what comes in and goes out over HTTP.

Requests are exact: no unknown fields, no `"1"` for 1 and no `true` for 1, texts in NFC without NUL. Whole
strict mode of pydantic was rejected: it refuses UUIDs and dates, which are strings in JSON.
"""

import re
import unicodedata
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Strict, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

_NUMBERS = (int, float, bool)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class RequestModel(BaseModel):
    """A request body. Numbers and booleans must be declared strict (`StrictInt`, `StrictBool`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:  # Any: pydantic's signature
        super().__pydantic_init_subclass__(**kwargs)
        for name, field in cls.model_fields.items():
            if _is_lax_number(field):
                raise TypeError(
                    f"{cls.__name__}.{name} takes other JSON types for a number: declare it strict"
                )

    @field_validator("*", mode="before")
    @classmethod
    def _normalise(cls, value: Any) -> Any:  # Any: not validated yet
        return _normalised(value)


class ResponseModel(BaseModel):
    """An answer: exactly the declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _normalised(value: Any) -> Any:  # Any: not validated yet
    """Return texts in NFC, also within lists; nested objects are their own model's matter."""
    if isinstance(value, str):
        if "\x00" in value:
            raise PydanticCustomError("nul_character", "NUL character")
        if not value.isascii() and _HALF_CHARACTER.search(value):
            raise PydanticCustomError("string_unicode", "half a surrogate pair")
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    return value


def _is_lax_number(field: FieldInfo) -> bool:
    if any(isinstance(item, Strict) for item in field.metadata):
        return False
    annotation = field.annotation
    return annotation in _NUMBERS or any(argument in _NUMBERS for argument in get_args(annotation))
