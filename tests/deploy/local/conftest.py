"""Small real processes to start, watch and stop."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.process import Process, Program

STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
)
PATIENT = "import signal; print('ready', flush=True); signal.pause()"


@pytest.fixture
def run_python(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start `python -c code`; whatever still runs at the end is killed."""
    started: list[Process] = []

    def run(code: str = PATIENT, *, stop_seconds: float = 10.0) -> Process:
        log_file = tmp_path / f"{len(started)}.log"
        program = Program("python", [sys.executable, "-c", code], log_file, stop_seconds=stop_seconds)
        process = Process(program)
        process.start()
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
