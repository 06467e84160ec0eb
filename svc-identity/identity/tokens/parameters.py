"""Parameters of the OAuth endpoints: read once, each at most once, in sizes and characters that are known.

Not FastAPI's form reading: it keeps the last of repeated parameters and answers in another error shape.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from identity.tokens.errors import InvalidRequest

MAX_BYTES = 32 * 1024
MAX_PARAMETERS = 50
DEFAULT_CHARACTERS = 512
CHARACTERS = {
    "client_assertion": 8192,
    "token": 8192,
    "subject_token": 8192,
    "redirect_uri": 2000,
    "state": 2000,
    "scope": 1000,
    "code_verifier": 128,
}
_PRINTABLE = re.compile(r"[\x20-\x7e]*", re.ASCII)


def read_parameters(encoded: bytes) -> dict[str, str]:
    """Return the parameters of a query or form; one sent without a value counts as not sent.

    Source: RFC 6749, sections 3.1 and 3.2 (no parameter more than once), appendix A (characters).

    Raises: InvalidRequest.
    """
    if len(encoded) > MAX_BYTES:
        raise InvalidRequest("the parameters are too large")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict"
        )
    except ValueError as failure:
        raise InvalidRequest("the parameters cannot be read") from failure
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            raise InvalidRequest("a parameter is sent more than once")
        seen.add(name)
        if len(value) > CHARACTERS.get(name, DEFAULT_CHARACTERS) or not _PRINTABLE.fullmatch(value):
            raise InvalidRequest("a parameter is too long or holds characters that are not allowed")
        if value:
            found[name] = value
    return found


async def read_form(request: Request) -> dict[str, str]:
    """Return the parameters of a form-encoded body. Raises: InvalidRequest."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise InvalidRequest("the body must be application/x-www-form-urlencoded")
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BYTES:
                raise InvalidRequest("the parameters are too large")
    except ClientDisconnect as failure:
        raise InvalidRequest("the body is incomplete") from failure
    return read_parameters(body)


def require(parameters: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be there. Raises: InvalidRequest."""
    if name not in parameters:
        raise InvalidRequest(f"{name} is missing")
    return parameters[name]
