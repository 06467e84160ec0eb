"""Commands without a running stack: what can be told is told, and the rest is refused in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.sandbox.personas import personas


def lienthong(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *arguments],
        env=os.environ | {"LIENTHONG_VAR": str(var)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "arguments", [("token", "--as", "an"), ("outbox",), ("migrate",), ("dead-letters", "list")]
)
def test_command_that_needs_a_stack_is_refused_without_one(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = lienthong(tmp_path, *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "make run" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_without_a_stack_says_so(tmp_path: Path) -> None:
    done = lienthong(tmp_path, "status", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"running": False, "ready": False, "public_url": None, "processes": []}


def test_personas_are_listed_with_what_they_sign_in_with(tmp_path: Path) -> None:
    done = lienthong(tmp_path, "personas", "--json")
    assert done.returncode == 0
    listed = {person["name"]: person for person in json.loads(done.stdout)}
    assert list(listed) == list(personas())
    assert listed["an"]["personal_id"] == "001085000017"
    assert listed["an"]["password"]
    assert len(listed["an"]["one_time_code"]) == 6
    assert listed["chi"]["password"] is None
    assert listed["his-99999"]["key"] == "var/clients/his-99999.jwk"


def test_unknown_service_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = lienthong(tmp_path, "outbox", "--service", "nothing")
    assert done.returncode == 1
    assert "health-book" in done.stderr
