"""The contracts as they were published before: what a change is measured against.

"Published" means: on main, where this branch left it (so that a branch may change its own additions freely),
and in the last release. Without git history, as in an unpacked archive, it is the files as they lie there.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.contracts.comparison import Schema

MAIN_NAMES = ("main", "origin/main")
Published = dict[str, Schema]


def published(root: Path) -> list[tuple[str, Published]]:
    """Return the baselines of the project at `root`, each with its name: file under `proto/` → document."""
    found = [(name, _at(root, name)) for name in _revisions(root)]
    return found or [("the committed files", _on_disk(root))]


def _revisions(root: Path) -> Iterator[str]:
    for name in MAIN_NAMES:
        base = _git(root, "merge-base", "HEAD", name)
        if base:
            yield base.strip()
            break
    release = _git(root, "describe", "--tags", "--abbrev=0", "--match", "v*")
    if release:
        yield release.strip()


def _at(root: Path, revision: str) -> Published:
    listing = _git(root, "ls-tree", "-r", "--name-only", revision, "--", "proto/schemas") or ""
    return {
        file.removeprefix("proto/"): json.loads(_git(root, "show", f"{revision}:./{file}") or "{}")
        for file in listing.splitlines()
        if file.endswith(".json")
    }


def _on_disk(root: Path) -> Published:
    proto = root / "proto"
    return {
        str(file.relative_to(proto)): json.loads(file.read_text("utf-8"))
        for file in sorted((proto / "schemas").rglob("*.json"))
    }


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints, or None where git, the repository or the revision is missing."""
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
