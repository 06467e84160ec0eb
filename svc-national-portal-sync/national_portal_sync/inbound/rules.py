"""What becomes of one version of something that a peer hands over. Pure."""

from typing import Literal

Standing = Literal["received", "unchanged", "stale", "version_reused"]


def standing_of(version: int, digest: bytes, *, newest: int, kept: bytes | None) -> Standing:
    """Return what becomes of a version, given the newest one and the digest kept under the same version.

    The same version with the same content is a repetition and answered like the first; with other content it
    is an error of the sender. An older version that was never seen arrives too late and overwrites nothing.
    Source: decision 0019 (inbound: deduplicated by code and version).
    """
    if kept is not None:
        return "unchanged" if kept == digest else "version_reused"
    return "received" if version > newest else "stale"
