"""One operating-system process: start it, ask after it, stop it, know it again later.

Synchronous on purpose: test fixtures, the launcher and the fault runs all use it, and none of them needs an
event loop to watch a handful of children.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TAIL_BYTES = 16_384
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StartError(Exception):
    """A part did not start: which one, why, and the log that tells more."""

    def __init__(self, part: str, reason: str, log_file: Path | None = None) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part
        self.reason = reason
        self.log_file = log_file


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `user` (a number, also taken as the group) is only obeyed by root."""

    name: str
    command: Sequence[str]
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    user: int | None = None
    working_directory: Path = Path("/")


class Process:
    """A started program. It hears its stop signal also when whoever started it is killed (Linux)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._popen: subprocess.Popen[bytes] | None = None
        self._is_asked = False

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def exit_code(self) -> int | None:
        """The exit code (negative: the signal that ended it), or None while it runs or was never started."""
        return self._popen.poll() if self._popen else None

    @property
    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Start the program, its output appended to its log, in exactly the environment it was given."""
        program = self.program
        self._is_asked = False
        program.log_file.parent.mkdir(parents=True, exist_ok=True)
        with program.log_file.open("ab") as log:
            try:
                self._popen = subprocess.Popen(
                    list(program.command),
                    env=dict(program.environment),
                    cwd=program.working_directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Its own process group: Ctrl-C in the terminal reaches the launcher alone, which then
                    # stops its children in order.
                    process_group=0,
                    preexec_fn=_dies_with_parent(program.stop_signal, os.getpid()),
                    user=program.user,
                    group=program.user,
                    extra_groups=None if program.user is None else [],
                )
            except OSError as error:
                raise StartError(program.name, f"cannot run {program.command[0]}: {error}") from error

    def wait(self, seconds: float) -> int | None:
        """Wait for the process to end by itself; its exit code, or None when the time is over."""
        if self._popen is None:
            return None
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def ask_to_stop(self) -> None:
        """Send the stop signal, once, and return: a second one would mean "at once" to our services."""
        if self._popen is not None and self._popen.poll() is None and not self._is_asked:
            self._is_asked = True
            self._popen.send_signal(self.program.stop_signal)

    def stop(self) -> int | None:
        """Ask the process to end, insist after its time is over, and return its exit code."""
        if self._popen is None:
            return None
        self.ask_to_stop()
        if self.wait(self.program.stop_seconds) is None:
            self.kill()
        return self._popen.wait()

    def kill(self) -> None:
        """End the process at once with SIGKILL, as a crash would."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def last_lines(self, count: int = 15) -> list[str]:
        return last_lines(self.program.log_file, count)


def _dies_with_parent(stop_signal: signal.Signals, parent: int) -> Callable[[], None] | None:
    """A hook for the new child that asks the kernel for `stop_signal` when the parent is gone.

    Where the kernel cannot, the next start finds what was left by the records (`leftovers`).
    """
    libc = _libc
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


def last_lines(log_file: Path, count: int = 15) -> list[str]:
    """The last lines of a log, without blank ones; nothing when there is no log."""
    if not log_file.exists():
        return []
    with log_file.open("rb") as log:
        log.seek(max(0, log_file.stat().st_size - TAIL_BYTES))
        text = log.read().decode(errors="replace")
    return [line for line in text.splitlines() if line.strip()][-count:]


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Ask `condition` again and again; True as soon as it holds, False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
