"""The guard of the contracts: generated files that drifted, and changes that break what was published."""

import tomllib
from pathlib import Path
from typing import Any

from deploy.contracts.baseline import Published, published
from deploy.contracts.breaking import Break, event_breaks, openapi_breaks, removed_file

ACCEPTED = Path("proto/accepted-breaks.toml")


def drift(proto: Path, wanted: dict[str, str], leftovers: list[str]) -> list[str]:
    """Return the generated files under `proto` that are missing, stale, or without a source."""
    stale = [file for file, text in wanted.items() if not _holds(proto / file, text)]
    return sorted(stale + leftovers)


def unaccepted_breaks(root: Path, built: dict[str, dict[str, Any]]) -> list[Break]:
    """Return the breaks against every baseline, without those that `accepted-breaks.toml` names."""
    accepted = accepted_breaks(root / ACCEPTED)
    found: dict[Break, None] = {}
    for _, before in published(root):
        found |= dict.fromkeys(breaks_between(before, built))
    return [one for one in found if (one.file, one.where) not in accepted]


def breaks_between(before: Published, after: Published) -> list[Break]:
    """Return what in the documents of `after` breaks those who rely on `before`; files are under `proto/`."""
    found: list[Break] = []
    for file, old in before.items():
        if file not in after:
            found.append(removed_file(file))
        elif file.startswith("schemas/events/"):
            found += event_breaks(file, old, after[file])
        elif file.startswith("schemas/http/"):
            found += openapi_breaks(file, old, after[file])
    return found


def accepted_breaks(file: Path) -> set[tuple[str, str]]:
    """Return (file, where) of every accepted break.

    Raises:
        ValueError: an entry gives no reason.
    """
    if not file.exists():
        return set()
    entries = tomllib.loads(file.read_text("utf-8")).get("accept", [])
    for entry in entries:
        if not entry.get("reason", "").strip():
            raise ValueError(f"{file}: the accepted break {entry.get('where')!r} gives no reason")
    return {(entry["file"], entry["where"]) for entry in entries}


def _holds(file: Path, text: str) -> bool:
    return file.exists() and file.read_text("utf-8") == text
