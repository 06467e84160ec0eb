"""JSON that goes out as it came in: numbers keep every digit, names keep their order.

`6.20` must not become `6.2` in a result, nor `1e2` become `100.0`, so numbers are held as the text they were.
Rejected: a float or a Decimal, which both forget how the number was written; keeping only the file's bytes,
since ids, meta and references change inside them.
"""

import json
from typing import Any

import orjson

Json = dict[str, Any]  # Any: JSON members
MAX_DEPTH = 60


class Unreadable(ValueError):
    """The text is not JSON as FHIR takes it; the message is safe to show."""


class Number(str):
    """A number as it was written. A `str`, so that it compares and hashes; never shown in quotes."""

    __slots__ = ()


def parse(body: bytes) -> Any:  # Any: JSON
    """Return the value of UTF-8 JSON, numbers as `Number`.

    Raises: Unreadable for bad UTF-8 or syntax, names that come twice, NaN, control characters, lone
    surrogates and more than 60 levels.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=_refuse, object_pairs_hook=_members
        )
    except UnicodeDecodeError as failure:
        raise Unreadable("not UTF-8") from failure
    except RecursionError as failure:
        raise Unreadable("nested too deeply") from failure
    except Unreadable:
        raise
    except ValueError as failure:
        raise Unreadable("not JSON") from failure
    _require_plain(value, 0)
    return value


def dump(value: Any) -> str:  # Any: JSON as `parse` gives it
    """Return the JSON text of a value; numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(name)}:{dump(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return _quoted(value)


def _quoted(value: Any) -> str:  # Any: str, bool, None or a number of our own
    return orjson.dumps(value).decode()


def _refuse(name: str) -> Any:
    raise Unreadable(f"{name} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Unreadable("a name comes twice in one object")
    return members


def _require_plain(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Unreadable("nested too deeply")
    if isinstance(value, str):
        if not value.isprintable():
            _require_text(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            _require_plain(name, depth)
            _require_plain(member, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _require_plain(item, depth + 1)


def _require_text(value: str) -> None:
    for letter in value:
        if letter < " " and letter not in "\t\r\n":
            raise Unreadable("a control character in a text")
        if "\ud800" <= letter <= "\udfff":
            raise Unreadable("half a surrogate pair in a text")
