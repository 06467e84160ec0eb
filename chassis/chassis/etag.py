"""Entity tags: reads that need not be sent again, and edits that must not overwrite what they did not see."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import StaleVersion


def etag_of(content: bytes | int | str) -> str:
    """Return the strong ETag of a body (hashed) or of a version (shown as it is)."""
    if isinstance(content, bytes):
        return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return f'"{content}"'


def not_modified(request: Request, etag: str) -> bool:
    """Return whether `If-None-Match` names this version, by weak comparison (RFC 9110, section 13.1.2)."""
    header = request.headers.get("if-none-match")
    return header is not None and _names(header, etag, weak=True)


def not_modified_response(etag: str) -> Response:
    """Return the 304 answer to a read whose reader has this version."""
    return Response(status_code=304, headers={"etag": etag, "cache-control": "private, no-cache"})


def require_match(request: Request, current: str) -> None:
    """Refuse an edit of a version that is no longer current; without `If-Match` an edit is taken.

    Raises: StaleVersion, with the current ETag.
    """
    header = request.headers.get("if-match")
    if header is not None and not _names(header, current, weak=False):
        raise StaleVersion(headers={"etag": current})


def _names(header: str, etag: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = [tag.strip() for tag in header.split(",")]
    if weak:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
    return not etag.startswith("W/") and etag in tags
