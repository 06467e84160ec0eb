"""The project's own files, parsed once: what the architecture tests look at."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = (
    "gateway",
    "svc-identity",
    "svc-health-book",
    "svc-judicial-record",
    "svc-dossier",
    "svc-national-portal-sync",
    "proto",
    "chassis",
    "deploy",
)


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file of the project: those git tracks or would, or all of an unpacked archive."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        files = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        files = [file for file in ROOT.rglob("*") if not {".venv", "var", "__pycache__"} & set(file.parts)]
    return tuple(sorted(file for file in files if file.is_file()))


@cache
def modules(*, tests: bool = False) -> tuple[Path, ...]:
    """Return the Python files of the members, and of the tests where asked for."""
    folders = (*MEMBERS, "tests") if tests else MEMBERS
    return tuple(
        file for file in tracked() if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in folders
    )


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), filename=str(file))


def place(file: Path) -> str:
    return str(file.relative_to(ROOT))
