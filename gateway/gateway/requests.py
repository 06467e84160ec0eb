"""One request as the gateway sees it: its headers read once, judged, and kept in the form in which they go
on.

What is refused here is what two HTTP readers could understand differently (request smuggling): the parser
refuses most of it already; this is the second lock on the same door.
"""

from typing import Any

from chassis.errors import HeadersTooLarge
from gateway.problems import MalformedRequest

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
        b"expect",
    )
)
# Said by the gateway and by nobody else: from a caller they are dropped.
_OURS = frozenset(
    (
        b"forwarded",
        b"x-real-ip",
        b"via",
        b"x-client-ip",
        b"true-client-ip",
        b"x-original-url",
        b"x-rewrite-url",
    )
)
_OUR_PREFIXES = (b"x-forwarded", b"x-lienthong-")
# Read by the gateway, and written anew (or not at all) when the request goes on.
_REWRITTEN = frozenset(
    (b"host", b"content-length", b"traceparent", b"x-request-id", b"x-forwarded-for", b"cookie")
)
# Read by the gateway and passed on as they are; twice the same would let two readers choose differently.
_READ = frozenset(
    (b"authorization", b"accept-language", b"content-type", b"accept", b"accept-encoding", b"if-none-match")
)
_ONCE = frozenset(
    (
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"authorization",
        b"content-type",
        b"traceparent",
        b"idempotency-key",
    )
)
_SPECIAL = HOP_BY_HOP | _OURS | _REWRITTEN | _READ | _ONCE
_METHODS_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")

Headers = list[tuple[bytes, bytes]]
Scope = dict[str, Any]  # Any: ASGI's own type of a scope


class RequestHead:
    """The header fields of one request."""

    __slots__ = ("content_length", "has_body", "lines", "values")

    def __init__(self, scope: Scope, *, max_headers: int, max_bytes: int) -> None:
        """Raises: HeadersTooLarge, MalformedRequest."""
        if scope["http_version"] not in ("1.1", "1.0"):
            raise MalformedRequest("http version")
        headers: Headers = scope["headers"]
        if len(headers) > max_headers:
            raise HeadersTooLarge(total_count=len(headers))
        values: dict[bytes, bytes] = {}
        lines: list[bytes] = []
        size = 0
        for name, value in headers:
            size += len(name) + len(value)
            if name in _SPECIAL:
                if name in values:
                    if name in _ONCE:
                        raise MalformedRequest(f"repeated {name.decode('latin-1')}")
                    values[name] = values[name] + (b"; " if name == b"cookie" else b", ") + value
                else:
                    values[name] = value
                if name in _REWRITTEN or name in HOP_BY_HOP or name in _OURS:
                    continue
            elif name.startswith(_OUR_PREFIXES):
                continue
            lines += (name, b": ", value, b"\r\n")
        if size > max_bytes:
            raise HeadersTooLarge(size_bytes=size)
        self.values = values
        nominated = values.get(b"connection")
        if nominated is not None and nominated.lower() not in (b"keep-alive", b"close"):
            lines = _without_nominated(lines, nominated)
        self.lines = b"".join(lines)
        self.content_length: int | None = None
        self.has_body = self._read_framing(scope)

    def _read_framing(self, scope: Scope) -> bool:
        values = self.values
        if b"host" not in values and scope["http_version"] == "1.1":
            raise MalformedRequest("host is missing")
        coding = values.get(b"transfer-encoding")
        length = values.get(b"content-length")
        if coding is None and length is None:
            return False
        if coding is not None and (length is not None or coding.strip().lower() != b"chunked"):
            raise MalformedRequest("transfer-encoding")
        if length is not None:
            if not length.isdigit() or len(length) > 18:
                raise MalformedRequest("content-length")
            self.content_length = int(length)
        has_body = coding is not None or self.content_length != 0
        if has_body and scope["method"] in _METHODS_WITHOUT_BODY:
            raise MalformedRequest("body on a method that has none")
        return has_body

    def text(self, name: bytes) -> str | None:
        """Return a field that the gateway reads, or `None`."""
        value = self.values.get(name)
        return None if value is None else value.decode("latin-1")


def _without_nominated(lines: list[bytes], connection: bytes) -> list[bytes]:
    """Drop the fields that `Connection` names as meant for this hop only (RFC 9110, section 7.6.1)."""
    named = {token.strip().lower() for token in connection.split(b",")}
    kept: list[bytes] = []
    for position in range(0, len(lines), 4):
        if lines[position] not in named:
            kept += lines[position : position + 4]
    return kept


def check_path(raw_path: bytes) -> None:
    """Refuse a path that two readers could understand differently.

    Raises: MalformedRequest for dot segments, empty segments, encoded separators, controls and stray bytes.
    """
    if not raw_path.startswith(b"/"):
        raise MalformedRequest("request target")
    if b"//" in raw_path or b"/." in raw_path or b"\\" in raw_path or b"%" in raw_path or b"#" in raw_path:
        _check_suspicious_path(raw_path)


def _check_suspicious_path(raw_path: bytes) -> None:
    lowered = raw_path.lower()
    if b"\\" in raw_path or b"//" in raw_path or b"#" in raw_path:
        raise MalformedRequest("path separators")
    position = lowered.find(b"%")
    while position >= 0:
        digits = lowered[position + 1 : position + 3]
        try:
            byte = int(digits, 16) if len(digits) == 2 and digits.isalnum() else -1
        except ValueError:
            byte = -1
        if byte in (0x2F, 0x5C, 0x25, 0x2E) or byte < 0x20 or byte == 0x7F:
            raise MalformedRequest("path encoding")
        position = lowered.find(b"%", position + 1)
    if any(segment in (b".", b"..") for segment in raw_path.split(b"/")):
        raise MalformedRequest("dot segments")
