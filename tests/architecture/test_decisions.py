"""Decision records stay short and listed; links and file names in documents lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, place, tracked

RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
NAMED_FILE = re.compile(r"`((?:tests|docs|deploy|chassis|proto|gateway|svc-[a-z-]+)/[^`\s]+)`")
DOCUMENTS = [file for file in tracked() if file.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)")


def alternatives(name: str) -> list[str]:
    """Return the names that `a/{b,c}.py` stands for."""
    before, brace, rest = name.partition("{")
    inner, _, after = rest.partition("}")
    return [f"{before}{one}{after}" for one in inner.split(",")] if brace else [name]


def test_numbers_are_given_once_and_without_gaps() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_record_is_short_and_listed(record: Path) -> None:
    lines = record.read_text("utf-8").splitlines()

    assert len(lines) <= 60
    assert lines[0].startswith("# ")
    assert f"({record.name})" in (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=place)
def test_links_lead_to_files(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)

    broken = [link for link in LINK.findall(text) if not (document.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=place)
def test_files_named_in_documents_exist(document: Path) -> None:
    named = NAMED_FILE.findall(document.read_text("utf-8"))
    names = [one for name in named if "<" not in name and "…" not in name for one in alternatives(name)]

    missing = [name for name in names if not list(ROOT.glob(name)) and not list(document.parent.glob(name))]

    assert missing == []
