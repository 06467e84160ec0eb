"""Decision records stay short, complete and listed; links between documents lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, place, tracked

RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
DOCUMENTS = [file for file in tracked() if file.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)")


def test_numbers_are_given_once() -> None:
    assert len({record.name[:4] for record in RECORDS}) == len(RECORDS)


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
