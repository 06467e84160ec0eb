"""Keyset pages: a cursor is the position of the last item shown, so inserts neither repeat nor hide an item.

Cursors are signed, bound to one list and to one reader: a client cannot make positions up, or carry one into
another person's list.
"""

import hmac
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import MalformedCursor
from chassis.jws import Malformed, decode_base64url, encode_base64url

Item = TypeVar("Item")
DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_TAG_BYTES = 16
_MAX_CURSOR_CHARACTERS = 1024

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items in the answer.", examples=[20])]
"""Declare as `limit: Limit = DEFAULT_LIMIT`."""

CursorIn = Annotated[
    str | None,
    Query(max_length=_MAX_CURSOR_CHARACTERS, description="`next_cursor` of the page before, as received."),
]
"""Declare as `cursor: CursorIn = None`."""

Position = Sequence[str | int | None]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    model_config = ConfigDict(frozen=True)

    items: list[Item] = Field(description="The items, in the list's order.")
    next_cursor: str | None = Field(
        description="Cursor of the next page; null on the last one.", examples=[None]
    )


class Cursors:
    """Makes and reads cursors with one key per service."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, position: Position, *, scope: str) -> str:
        """Return the cursor of a position: the sort key of the last item shown.

        `scope` names the list and its reader (`visits:<citizen_id>`); it is not in the cursor.
        """
        body = orjson.dumps(list(position))
        return encode_base64url(self._tag(body, scope) + body)

    def decode(self, cursor: str, *, scope: str) -> list[str | int | None]:
        """Return the position. Raises: MalformedCursor when altered, made up or of another list."""
        try:
            raw = decode_base64url(cursor)
        except Malformed as failure:
            raise MalformedCursor from failure
        tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body, scope)):
            raise MalformedCursor
        position: list[str | int | None] = orjson.loads(body)
        return position

    def _tag(self, body: bytes, scope: str) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\x00" + body, "sha256")[:_TAG_BYTES]
