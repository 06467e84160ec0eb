"""The generator writes what is committed, notices drift, and compares with what was published before."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.contracts import __main__ as command
from deploy.contracts import baseline
from deploy.contracts.artifacts import as_text, leftovers
from deploy.contracts.catalogue_page import BEGIN, END, with_events
from deploy.contracts.guard import drift, unaccepted_breaks
from deploy.contracts.http_snapshots import settings_leading_nowhere
from health_book.settings import HealthBookSettings

EVENT = "schemas/events/a.b.c.v1.json"


def git(root: Path, *arguments: str) -> None:
    identity = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t"}
    environment = {**os.environ, **identity, "GIT_COMMITTER_EMAIL": "t@t", "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True, env=environment)


def write(root: Path, document: dict[str, Any]) -> None:
    file = root / "proto" / EVENT
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document), "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose main holds one event with the field `x`."""
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, {"type": "object", "properties": {"x": {"type": "string"}}})
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_change_in_code_missing_file_and_leftover_are_drift(tmp_path: Path) -> None:
    (tmp_path / "schemas" / "events").mkdir(parents=True)
    (tmp_path / EVENT).write_text(as_text({"type": "object"}), "utf-8")
    (tmp_path / "schemas" / "events" / "gone.v1.json").write_text("{}", "utf-8")
    built = {EVENT: {"type": "string"}, "asyncapi.json": {"asyncapi": "3.0.0"}}

    found = drift(tmp_path, {file: as_text(d) for file, d in built.items()}, leftovers(tmp_path, built))

    assert found == ["asyncapi.json", EVENT, "schemas/events/gone.v1.json"]


def test_break_is_measured_against_main_where_the_branch_left_it(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "work")
    write(project, {"type": "object", "properties": {"y": {"type": "string"}}})
    git(project, "commit", "-q", "-am", "rename x to y")

    found = unaccepted_breaks(project, {EVENT: {"type": "object", "properties": {"y": {"type": "string"}}}})

    assert [str(one) for one in found] == [f"{EVENT}: x: field removed: the field is gone"]


def test_branch_may_change_its_own_addition(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "work")
    write(project, {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "string"}}})
    git(project, "commit", "-q", "-am", "add y")

    after = {"type": "object", "properties": {"x": {"type": "string"}, "z": {"type": "integer"}}}

    assert unaccepted_breaks(project, {EVENT: after}) == []


def test_break_of_the_last_release_is_found_after_main_took_it(project: Path) -> None:
    git(project, "tag", "v1.0.0")
    write(project, {"type": "object", "properties": {}})
    git(project, "commit", "-q", "-am", "drop x")

    found = unaccepted_breaks(project, {EVENT: {"type": "object", "properties": {}}})

    assert [one.where for one in found] == ["x"]


def test_accepted_break_passes(project: Path) -> None:
    accepted = f'[[accept]]\nfile = "{EVENT}"\nwhere = "x"\nreason = "Never released."\n'
    (project / "proto" / "accepted-breaks.toml").write_text(accepted, "utf-8")

    assert unaccepted_breaks(project, {EVENT: {"type": "object", "properties": {}}}) == []


def test_without_history_the_files_themselves_are_the_baseline(tmp_path: Path) -> None:
    write(tmp_path, {"type": "object"})

    assert baseline.published(tmp_path) == [("the committed files", {EVENT: {"type": "object"}})]


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="must hold the lines"):
        with_events("# Contracts\n")


def test_table_is_renewed_between_its_markers() -> None:
    page = with_events(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    assert page.startswith(f"before\n{BEGIN}\n| subject |")
    assert page.endswith(f"{END}\nafter\n")
    assert "\nold\n" not in page


def test_command_writes_then_agrees_then_notices_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "proto" / "schemas" / "events").mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "proto" / "README.md", tmp_path / "proto")
    monkeypatch.setattr(command, "ROOT", tmp_path)

    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    (tmp_path / "proto" / "asyncapi.json").write_text("{}", "utf-8")
    assert command.main(["--check"]) == 1
    assert "proto/asyncapi.json differs from the code" in capsys.readouterr().err


def test_command_refuses_a_break_and_still_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "proto" / "schemas" / "events" / "health-book.visit.forgotten.v1.json"
    gone.parent.mkdir(parents=True)
    gone.write_text("{}", "utf-8")
    shutil.copy(Path(__file__).parents[2] / "proto" / "README.md", tmp_path / "proto")
    monkeypatch.setattr(command, "ROOT", tmp_path)

    assert command.main([]) == 1
    assert "health-book.visit.forgotten.v1: event removed" in capsys.readouterr().err
    assert not gone.exists()


def test_snapshots_do_not_depend_on_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings_leading_nowhere(HealthBookSettings, tmp_path)
    for name in ("LIENTHONG_HEALTH_BOOK_POOL_SIZE", "LIENTHONG_HEALTH_BOOK_PORT"):
        monkeypatch.setenv(name, "17")
    monkeypatch.setenv("LIENTHONG_PUBLIC_URL", "http://elsewhere.test")

    assert settings_leading_nowhere(HealthBookSettings, tmp_path) == before
