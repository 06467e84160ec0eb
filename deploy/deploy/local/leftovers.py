"""Processes that an earlier launcher left behind: recognised beyond doubt, and only then stopped.

A process number alone proves nothing, since numbers are given out again. One of ours has the recorded
number, the recorded start time and the recorded command line.
"""

import contextlib
import signal
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import psutil

# The kernel counts a start time from the boot, and the wall clock of the boot may be corrected in between.
START_TIME_TOLERANCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What identifies a process. `started_at` is in seconds since 1970 (UTC)."""

    name: str
    pid: int
    started_at: float
    command: tuple[str, ...]

    @classmethod
    def of(cls, name: str, pid: int) -> Self | None:
        """The record of a running process, or None when it is gone already."""
        try:
            process = psutil.Process(pid)
            return cls(name, pid, process.create_time(), tuple(process.cmdline()))
        except psutil.Error:
            return None

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(value["name"], value["pid"], value["started_at"], tuple(value["command"]))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def find(self) -> psutil.Process | None:
        """The very process that was recorded, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            is_same = (
                abs(process.create_time() - self.started_at) <= START_TIME_TOLERANCE_SECONDS
                # A process on its way out has no command line any more, but still its ports.
                and tuple(process.cmdline()) in (self.command, ())
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return None
        return process if is_same else None


def stop_recorded(records: Iterable[ProcessRecord], *, seconds: float = 20.0) -> list[ProcessRecord]:
    """Stop the recorded processes that still run, last started first; returns those it stopped."""
    stopped = []
    for record in reversed(list(records)):
        process = record.find()
        if process is not None:
            end(process, signal.SIGINT if record.name == "postgres" else signal.SIGTERM, seconds)
            stopped.append(record)
    return stopped


def end(process: psutil.Process, first: signal.Signals, seconds: float) -> None:
    """Send a process its stop signal, wait, and kill it when its time is over."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(first)
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)


def lock_file_lines(data: Path) -> list[str]:
    """The lines of PostgreSQL's `postmaster.pid` (process, data folder, …, state), or nothing without one."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def take_over_data(data: Path) -> None:
    """Free PostgreSQL's data folder: stop a server still running on it, remove a stale lock file.

    PostgreSQL refuses to start when any process has the number in its lock file; after a crash or a restart
    of the machine that may be a stranger. Only a `postgres` whose command line names this very folder is
    stopped.
    """
    lines = lock_file_lines(data)
    if not lines or not lines[0].strip().isdigit():
        return
    try:
        process = psutil.Process(int(lines[0]))
        if is_server_on(data, process.cmdline()):
            end(process, signal.SIGINT, 30.0)
    except psutil.NoSuchProcess:
        pass
    (data / "postmaster.pid").unlink(missing_ok=True)


def is_server_on(data: Path, command: Sequence[str]) -> bool:
    """Whether a command line is that of a PostgreSQL server on this data folder."""
    return len(command) > 2 and Path(command[0]).name == "postgres" and str(data) in command
