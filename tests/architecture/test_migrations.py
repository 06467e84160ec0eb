"""Two migrations made at once collide in git: each folder's `HEAD` names its last revision."""

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.architecture.tree import ROOT, place

FOLDERS = sorted(ROOT.glob("svc-*/**/migrations"))
FILE_NAME = re.compile(r"^\d{4}_[a-z]+(_[a-z0-9]+)+\.py$")


def test_every_service_has_migrations() -> None:
    services = {folder.relative_to(ROOT).parts[0] for folder in FOLDERS}

    assert services == {folder.name for folder in ROOT.glob("svc-*")}


@pytest.mark.parametrize("folder", FOLDERS, ids=place)
def test_head_names_the_last_migration(folder: Path) -> None:
    assert (folder / "HEAD").read_text("utf-8").strip() == ScriptDirectory(str(folder)).get_current_head()


@pytest.mark.parametrize("folder", FOLDERS, ids=place)
def test_migrations_are_numbered_without_gaps_and_named_verb_noun(folder: Path) -> None:
    names = sorted(file.name for file in (folder / "versions").glob("[0-9]*.py"))

    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert [name for name in names if not FILE_NAME.match(name)] == []
