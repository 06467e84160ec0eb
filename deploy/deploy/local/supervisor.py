"""Keeps the parts of a stack running: starts them, restarts what dies, stops them in order."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.local.leftovers import ProcessRecord
from deploy.local.process import Process, StartError, wait_until

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# After running this long a part has recovered, and its next death is a new story.
STEADY_SECONDS = 60.0


class Server(Protocol):
    """What can be started and stopped: PostgreSQL, NATS, and each process of ours."""

    log_file: Path

    @property
    def process(self) -> Process | None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def is_ready(self) -> bool: ...


class Reporter(Protocol):
    """Who is told what happens."""

    def ready(self, part: "Part", seconds: float) -> None: ...

    def died(self, part: "Part", reason: str, pause_seconds: float) -> None: ...

    def failed_again(self, part: "Part", reason: str) -> None: ...

    def stopped(self, part: "Part") -> None: ...


@dataclass
class Part:
    """One supervised part. Parts of the same `layer` stop together, higher layers first.

    `after_restart` mends what the part lost; it runs after each restart until it succeeds.
    """

    name: str
    server: Server
    address: str
    layer: int
    metrics_port: int | None = None
    after_restart: Callable[[], None] | None = None
    restarts: int = 0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    restart_at: float | None = None
    mend_at: float | None = None
    started_at: float = 0.0
    is_ready: bool = False
    record: ProcessRecord | None = field(default=None, repr=False)

    @property
    def state(self) -> str:
        """One of `ready`, `starting`, `down`."""
        process = self.server.process
        if process is None or not process.is_running:
            return "down"
        return "ready" if self.is_ready else "starting"


class Supervisor:
    """The parts, in the order of starting. `on_change` is called when a process came or went."""

    def __init__(self, reporter: Reporter, on_change: Callable[[], None]) -> None:
        self.parts: list[Part] = []
        self._reporter = reporter
        self._on_change = on_change

    def start(self, part: Part) -> None:
        """Start a part and put it under supervision; it may become ready later.

        Raises:
            StartError: it cannot be started.
        """
        self.parts.append(part)
        self._start(part)

    def wait_ready(self, parts: list[Part], *, seconds: float) -> None:
        """Wait until all are ready, reporting each; the limit is for all of them together.

        Raises:
            StartError: one of them ended, or was not ready in time.
        """
        waiting = list(parts)

        def look() -> bool:
            for part in list(waiting):
                process = part.server.process
                if part.server.is_ready():
                    waiting.remove(part)
                    self._note_ready(part)
                elif process is None or not process.is_running:
                    raise StartError(part.name, self._why(part), part.server.log_file)
            return not waiting

        if not wait_until(look, seconds=seconds, every=0.1):
            slow = waiting[0]
            detail = "\n".join(["not ready in time; the last lines of its log:", self._tail(slow)])
            raise StartError(slow.name, detail, slow.server.log_file)

    def look_after(self) -> None:
        """One round of supervision: notice deaths, restart what is due, notice readiness."""
        for part in self.parts:
            process = part.server.process
            if part.restart_at is not None:
                if time.monotonic() >= part.restart_at:
                    self._restart(part)
            elif process is None or not process.is_running:
                self._note_death(part)
            elif part.mend_at is not None:
                if time.monotonic() >= part.mend_at:
                    self._mend(part)
            elif not part.is_ready and part.server.is_ready():
                self._note_ready(part)

    def stop_all(self) -> None:
        """Stop everything that was started, layer by layer in reverse order."""
        for layer in sorted({part.layer for part in self.parts}, reverse=True):
            together = [part for part in reversed(self.parts) if part.layer == layer]
            for part in together:
                if part.server.process is not None:
                    part.server.process.ask_to_stop()
            for part in together:
                was_started = part.server.process is not None
                part.server.stop()
                part.is_ready = False
                if was_started:
                    self._reporter.stopped(part)
        self.parts.clear()
        self._on_change()

    def _start(self, part: Part) -> None:
        part.started_at = time.monotonic()
        part.is_ready = False
        part.server.start()
        pid = part.server.process.pid if part.server.process else None
        part.record = ProcessRecord.of(part.name, pid) if pid else None
        self._on_change()

    def _restart(self, part: Part) -> None:
        try:
            self._start(part)
        except StartError as error:
            self._reporter.failed_again(part, error.reason)
            part.restart_at = self._next_attempt(part)
            return
        part.restarts += 1
        part.restart_at = None
        part.mend_at = time.monotonic() if part.after_restart else None

    def _mend(self, part: Part) -> None:
        try:
            if part.after_restart is not None:
                part.after_restart()
        except Exception as error:  # whatever it was: it is reported and tried again
            self._reporter.failed_again(part, str(error))
            part.mend_at = self._next_attempt(part)
            return
        part.mend_at = None

    def _note_death(self, part: Part) -> None:
        if time.monotonic() - part.started_at > STEADY_SECONDS:
            part.pause_seconds = FIRST_PAUSE_SECONDS
        pause = part.pause_seconds
        part.is_ready = False
        part.mend_at = None
        part.restart_at = self._next_attempt(part)
        self._reporter.died(part, self._why(part), pause)
        self._on_change()

    @staticmethod
    def _next_attempt(part: Part) -> float:
        pause = part.pause_seconds
        part.pause_seconds = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return time.monotonic() + pause

    def _note_ready(self, part: Part) -> None:
        part.is_ready = True
        self._reporter.ready(part, time.monotonic() - part.started_at)
        self._on_change()

    def _why(self, part: Part) -> str:
        code = part.server.process.exit_code if part.server.process else None
        how = "it never ran"
        if code is not None:
            how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        return f"{how}\n{self._tail(part)}".strip()

    @staticmethod
    def _tail(part: Part) -> str:
        return "\n".join(part.server.process.last_lines(12)) if part.server.process else ""
