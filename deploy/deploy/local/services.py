"""Our own processes as parts of the stack: started with their environment file, ready when they say so."""

import http.client
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.layout import ROOT
from deploy.local.process import Process, Program, StartError

MIGRATION_SECONDS = 180


class ServiceProcess:
    """One `python -m <module> serve`, with readiness asked over HTTP."""

    def __init__(
        self, name: str, module: str, port: int, environment: Mapping[str, str], log_file: Path
    ) -> None:
        self.name = name
        self.port = port
        self.log_file = log_file
        command = [sys.executable, "-m", module, "serve"]
        # Longer than a service's own limit for finishing what it accepted.
        program = Program(name, command, log_file, environment, stop_seconds=30.0, working_directory=ROOT)
        self.process = Process(program)

    def start(self) -> None:
        """Start the process; it is ready some time later."""
        self.process.start()

    def stop(self) -> None:
        self.process.stop()

    def is_ready(self) -> bool:
        """Whether the process answers that it is ready."""
        return self.process.is_running and says_ready(self.port)


def says_ready(port: int) -> bool:
    """Whether the process that listens on `port` of the loopback answers that it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Migration:
    """One `python -m <module> migrate`."""

    name: str
    module: str
    environment: Mapping[str, str]
    log_file: Path


def migrate(migrations: Sequence[Migration]) -> None:
    """Run the migrations side by side, their output in the services' logs.

    Raises:
        StartError: the first one that failed, after all have ended.
    """
    running = [_start(migration) for migration in migrations]
    try:
        for process in running:
            process.wait(MIGRATION_SECONDS)
    finally:
        for process in running:
            process.stop()
    for process in running:
        if process.exit_code != 0:
            raise StartError(process.program.name, "\n".join(process.last_lines()), process.program.log_file)


def _start(migration: Migration) -> Process:
    command = [sys.executable, "-m", migration.module, "migrate"]
    process = Process(
        Program(
            f"{migration.name} (migrate)",
            command,
            migration.log_file,
            migration.environment,
            working_directory=ROOT,
        )
    )
    process.start()
    return process
