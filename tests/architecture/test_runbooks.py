"""Runbooks name figures, commands and services that exist."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, modules, parsed

RUNBOOKS = ROOT / "deploy" / "runbooks"
FIGURE = re.compile(r"\blienthong_[a-z_]+\b")
DATABASE = re.compile(r"\blienthong_(identity|health_book|judicial_record|dossier|national_portal_sync)\b")


def figures() -> set[str]:
    """Return the name of every figure that a process shows."""
    kinds = {"Counter", "Gauge", "Histogram"}
    return {
        node.args[0].value
        for file in modules()
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Call)
        and (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")) in kinds
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


@pytest.mark.parametrize(
    "service", ["identity", "health-book", "judicial-record", "dossier", "national-portal-sync", "gateway"]
)
def test_service_has_a_runbook_with_its_parts(service: str) -> None:
    text = (RUNBOOKS / f"{service}.md").read_text("utf-8")

    for part in ("## Needs", "## Alerts of its own", "## What users notice", "Dead-letter replay"):
        assert part in text


@pytest.mark.parametrize("file", sorted(RUNBOOKS.glob("*.md")), ids=lambda file: file.stem)
def test_runbook_names_figures_that_exist(file: Path) -> None:
    text = DATABASE.sub("", file.read_text("utf-8"))

    assert set(FIGURE.findall(text)) - figures() == set()
