"""A whole stack of one's own: the launcher as a child process, in a folder of its own, beside all else.

For journeys and fault runs, which start, hurt and delete stacks without touching that of the clone.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from deploy.local.layout import Layout
from deploy.local.process import StartError, wait_until

START_SECONDS = 240.0
STOP_SECONDS = 90.0


class ChildStack:
    """One launcher with all that it starts, below `var`; `settings` are variables for it."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.layout = Layout(var)
        self.output = var.parent / f"{var.name}.out"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
        self.environment = inherited | {"LIENTHONG_VAR": str(var)} | settings
        self._launcher: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the launcher and wait until it says that all is ready.

        Raises:
            StartError: it ended, or was not ready in time; the reason is what it said.
        """
        ready = self.layout.gateway_url
        ready.unlink(missing_ok=True)
        with self.output.open("ab") as output:
            self._launcher = self._run("run", output)
        # Written in two steps, name and content: an empty file is not there yet.
        wait_until(lambda: _has_content(ready) or self.exit_code is not None, seconds=START_SECONDS)
        if not _has_content(ready):
            raise StartError("stack", self.said(), self.output)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the launcher a signal and wait for its end; returns its exit code."""
        if self._launcher is None:
            return 0
        self._launcher.send_signal(number)
        return self._launcher.wait(STOP_SECONDS)

    def delete(self) -> None:
        """Stop what runs and delete all data."""
        if self._launcher is not None and self._launcher.poll() is None:
            self.stop()
        if self.run_to_end("clean") != 0:
            raise StartError("clean", self.said(), self.output)

    def run_to_end(self, verb: str) -> int:
        """Run a verb of the launcher that ends by itself; returns its exit code."""
        with self.output.open("ab") as output:
            return self._run(verb, output).wait(START_SECONDS)

    @property
    def exit_code(self) -> int | None:
        return self._launcher.poll() if self._launcher else None

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.layout.gateway_url.read_text().strip()

    def processes(self) -> list[dict[str, Any]]:
        """What the launcher last wrote about each process."""
        found: list[dict[str, Any]] = json.loads(self.layout.status.read_text())["processes"]
        return found

    def process(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.processes() if entry["name"] == name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one process of the stack; returns its number."""
        pid: int = self.process(name)["pid"]
        os.kill(pid, number)
        return pid

    @staticmethod
    def resume(pid: int) -> None:
        """Let a process go on that was stopped by SIGSTOP."""
        os.kill(pid, signal.SIGCONT)

    def is_back(self, name: str, killed: int) -> bool:
        """Whether a process that was killed runs and is ready again."""
        entry = self.process(name)
        return entry["state"] == "ready" and entry["pid"] not in (None, killed)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `lienthong` against this stack."""
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", *arguments],
            env=self.environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
        )

    def said(self) -> str:
        """All that the launcher has said so far."""
        return self.output.read_text() if self.output.exists() else ""

    def _run(self, verb: str, output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", verb],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _has_content(file: Path) -> bool:
    return file.exists() and bool(file.read_text().strip())
