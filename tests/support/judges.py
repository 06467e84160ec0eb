"""Programs that others wrote and that judge ours: npm packages of `tests/judges` and Debian's `pdfsig`.

Locally a judge that is not installed is left out (`make tools` installs them); where `CI` is set its absence
is a failure, so that no claim goes unjudged unnoticed.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

JUDGES = Path(__file__).parent.parent / "judges"
_SECONDS = 60


def run_judge(script: str, payload: object) -> Any:  # Any: JSON, as the script prints it
    """Return what `tests/judges/<script>` prints as JSON when it reads `payload` as JSON on standard input.

    Raises: AssertionError with the judge's own words when it fails.
    """
    node = shutil.which("node")
    if node is None or not (JUDGES / "node_modules").is_dir():
        _left_out("node and the packages of tests/judges")
    done = subprocess.run(
        [str(node), str(JUDGES / script)],
        input=json.dumps(payload),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{script}: {done.stderr.strip() or done.stdout.strip()}"
    return json.loads(done.stdout)


def require_program(name: str) -> str:
    """Return the path of a program that judges, or leave the test out where it is not installed."""
    found = shutil.which(name)
    if found is None:
        _left_out(name)
    return str(found)


def _left_out(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is needed here: make tools")
    pytest.skip(f"{what} is not installed (make tools)")
