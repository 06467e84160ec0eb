"""The whole stack for journeys: `make run` itself, in a folder of its own, beside whatever else runs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.local.process import wait_until

START_SECONDS = 180.0
STOP_SECONDS = 90.0


class Stack:
    """One launcher with all that it starts, below `var`. What it says is kept in `output`."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.var = var
        self.output = var.parent / f"{var.name}.out"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
        self.environment = inherited | {"LIENTHONG_VAR": str(var)} | settings
        self._launcher: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the launcher and wait until it says that all is ready."""
        with self.output.open("ab") as output:
            self._launcher = self._run("run", output)
        ready = self.var / "run" / "gateway.url"
        wait_until(lambda: ready.exists() or self.exit_code is not None, seconds=START_SECONDS)
        assert ready.exists(), f"the stack did not start:\n{self.said()}"

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the launcher a signal and wait for its end; returns its exit code."""
        assert self._launcher is not None
        self._launcher.send_signal(number)
        return self._launcher.wait(STOP_SECONDS)

    def delete(self) -> None:
        """Stop what runs and delete all data."""
        if self._launcher is not None and self._launcher.poll() is None:
            self.stop()
        assert self.run_to_end("clean") == 0, self.said()

    def run_to_end(self, verb: str) -> int:
        """Run a verb of the launcher that is expected to end by itself; returns its exit code."""
        with self.output.open("ab") as output:
            return self._run(verb, output).wait(START_SECONDS)

    @property
    def exit_code(self) -> int | None:
        return self._launcher.poll() if self._launcher else None

    @property
    def url(self) -> str:
        """The gateway's address."""
        return (self.var / "run" / "gateway.url").read_text().strip()

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.var / "run" / "status.json").read_text())
        return found

    def process(self, name: str) -> dict[str, Any]:
        """The entry of one process in the launcher's status."""
        return next(entry for entry in self.status()["processes"] if entry["name"] == name)

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
        return self.output.read_text() if self.output.exists() else ""

    def _run(self, verb: str, output: Any) -> subprocess.Popen[bytes]:  # Any: a file or a descriptor
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", verb],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
