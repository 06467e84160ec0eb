"""How two lists of one day are compared. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

DifferenceKind = Literal["not_delivered", "missing_at_peer", "content_differs", "unknown_to_us"]


@dataclass(frozen=True, slots=True)
class OurEntry:
    """What we know of one dossier of the day. `digest` is of what the peer acknowledged, in hexadecimal, and
    `None` while the newest version is not acknowledged; `state` is that of the delivery in the way.
    """

    code: str
    dossier_id: str
    version: int
    digest: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One dossier on which the sides do not agree."""

    code: str
    kind: DifferenceKind
    dossier_id: str | None
    state: str | None
    our_digest: str | None
    peer_digest: str | None


def set_digest(entries: Iterable[tuple[str, str]]) -> bytes:
    """Return SHA-256 over the lines `code digest` in order of code: equal sets, equal digest.

    Source: decision 0020 (reconciliation by set digest).
    """
    return hashlib.sha256("".join(f"{c} {d}\n" for c, d in sorted(entries)).encode()).digest()


def compare(ours: Iterable[OurEntry], theirs: Mapping[str, str]) -> list[Difference]:
    """Return every difference, by code; `theirs` is code → digest.

    Source: decision 0020 (reconciliation: each difference named).
    """
    found = []
    known = set()
    for one in ours:
        known.add(one.code)
        theirs_digest = theirs.get(one.code)
        kind: DifferenceKind
        if one.digest is None:
            kind = "not_delivered"
        elif theirs_digest is None:
            kind = "missing_at_peer"
        elif theirs_digest != one.digest:
            kind = "content_differs"
        else:
            continue
        found.append(Difference(one.code, kind, one.dossier_id, one.state, one.digest, theirs_digest))
    for code in theirs.keys() - known:
        found.append(Difference(code, "unknown_to_us", None, None, None, theirs[code]))
    return sorted(found, key=lambda difference: difference.code)
