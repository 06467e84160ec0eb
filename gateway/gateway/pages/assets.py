"""The files under `/assets`: read once at start, compressed once, answered with an entity tag."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs

from gateway.calls import Answer, RawHeaders

ASSET_DIRECTORY = Path(__file__).parent / "assets"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_COMPRESSIBLE = (".css", ".js", ".svg", ".txt")
_FOREVER = b"public, max-age=31536000, immutable"
_A_DAY = b"public, max-age=86400"


@dataclass(frozen=True)
class Asset:
    """One file."""

    body: bytes
    content_type: str
    is_compressible: bool

    @cached_property
    def version(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, 6, mtime=0)


class Assets:
    """All files of a directory by their path under `/assets/`.

    No path of a request ever reaches the file system.
    """

    def __init__(self, directory: Path = ASSET_DIRECTORY) -> None:
        self._by_name: dict[str, Asset] = {}
        for file in sorted(directory.rglob("*")):
            if file.is_file():
                kind = (
                    _TYPES.get(file.suffix)
                    or mimetypes.guess_type(file.name)[0]
                    or "application/octet-stream"
                )
                name = file.relative_to(directory).as_posix()
                self._by_name[name] = Asset(file.read_bytes(), kind, file.suffix in _COMPRESSIBLE)

    def url(self, name: str) -> str:
        """Return the address of a file, with its version, so that it may be kept for ever.

        Raises: KeyError.
        """
        return f"/assets/{name}?v={self._by_name[name].version}"

    def answer(
        self, name: str, query: bytes, *, accept_encoding: str | None, if_none_match: str | None
    ) -> Answer | None:
        """Return the file, 304 when the caller has it, `None` when there is no such file."""
        asset = self._by_name.get(name)
        if asset is None:
            return None
        is_gzip = asset.is_compressible and "gzip" in (accept_encoding or "").lower()
        etag = f'"{asset.version}{"-gzip" if is_gzip else ""}"'
        asked_version = parse_qs(query.decode("latin-1")).get("v")
        headers: RawHeaders = [
            (b"etag", etag.encode()),
            (b"cache-control", _FOREVER if asked_version == [asset.version] else _A_DAY),
            (b"vary", b"Accept-Encoding"),
        ]
        if is_match(if_none_match, etag):
            return Answer(304, b"", headers)
        headers.append((b"content-type", asset.content_type.encode()))
        if is_gzip:
            headers.append((b"content-encoding", b"gzip"))
        return Answer(200, asset.compressed if is_gzip else asset.body, headers)


def is_match(if_none_match: str | None, etag: str) -> bool:
    """Return whether `If-None-Match` names the tag (weak comparison, RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in given or etag.removeprefix("W/") in given
