"""A process is started in its own environment, stopped in time, and dies with whoever started it."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.local.process import Process, Program, StartError, last_lines, wait_until
from tests.deploy.local.conftest import STUBBORN


def is_ready(process: Process) -> bool:
    return wait_until(lambda: process.last_lines() == ["ready"], seconds=10)


def test_process_stops_at_its_signal(run_python: Callable[..., Process]) -> None:
    process = run_python()
    assert is_ready(process)
    assert process.stop() == -signal.SIGTERM
    assert not process.is_running


def test_process_that_ignores_its_signal_is_killed(run_python: Callable[..., Process]) -> None:
    process = run_python(STUBBORN, stop_seconds=0.2)
    assert is_ready(process)
    assert process.stop() == -signal.SIGKILL


def test_process_is_asked_to_stop_only_once(run_python: Callable[..., Process]) -> None:
    """Our services take a second signal for "at once" and would drop what they had accepted."""
    code = """
import signal, threading
asked = threading.Event()
def take(number, frame):
    if asked.is_set():
        raise SystemExit(9)
    asked.set()
signal.signal(signal.SIGTERM, take)
print("ready", flush=True)
while not asked.wait(0.05):
    pass
threading.Event().wait(0.5)
"""
    process = run_python(code)
    assert is_ready(process)
    process.ask_to_stop()
    assert process.stop() == 0


def test_process_sees_only_the_environment_it_was_given(tmp_path: Path) -> None:
    code = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    program = Program("python", [sys.executable, "-c", code], tmp_path / "log", {"ONLY": "this"})
    process = Process(program)
    process.start()
    assert process.wait(10) == 0
    assert process.last_lines() == ["['ONLY']"]


def test_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no-such-program") as raised:
        Process(Program("thing", ["/no-such-program"], tmp_path / "log")).start()
    assert raised.value.part == "thing"


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot; leftovers covers them")
def test_child_hears_its_signal_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent_code = textwrap.dedent("""
        import signal, sys
        from pathlib import Path
        from deploy.local.process import Process, Program
        code = "import signal; signal.pause()"
        child = Process(Program("child", [sys.executable, "-c", code], Path(sys.argv[1])))
        child.start()
        print(child.pid, flush=True)
        signal.pause()
    """)
    command = [sys.executable, "-c", parent_code, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        assert wait_until(
            lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, seconds=10
        )


def test_last_lines_of_a_long_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n\n" for number in range(10_000)))
    assert last_lines(log, 2) == ["line 9998", "line 9999"]
    assert last_lines(tmp_path / "none") == []
