"""The embedded NATS server: one account, a user per process with exact permissions, JetStream on disk."""

import http.client
import json
import os
import shutil
import signal
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.local.process import Process, Program, StartError, wait_until

Permissions = Mapping[str, Any]
"""NATS's own form: `{"publish": {"allow": [...]}, "subscribe": {"allow": [...]}}`."""


@dataclass(frozen=True, slots=True)
class NatsUser:
    """One user of the server. `permissions=None` allows everything."""

    name: str
    password: str
    permissions: Permissions | None = None

    def as_config(self) -> dict[str, Any]:
        user: dict[str, Any] = {"user": self.name, "password": self.password}
        if self.permissions is not None:
            user["permissions"] = self.permissions
        return user


class NatsServer:
    """One NATS server with its store below `directory`, on 127.0.0.1:`port`, monitored at `monitoring_port`.

    `users=()` lets everybody in, for tests that need no permissions. The store survives stop and start.
    """

    def __init__(
        self,
        directory: Path,
        port: int,
        monitoring_port: int,
        *,
        users: Sequence[NatsUser] = (),
        log_file: Path | None = None,
        max_store_bytes: int = 8 * 1024**3,
    ) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.monitoring_port = monitoring_port
        self.users = tuple(users)
        self.log_file = log_file or self.directory.parent / f"{self.directory.name}.log"
        self.max_store_bytes = max_store_bytes
        self.process: Process | None = None

    @property
    def store(self) -> Path:
        return self.directory / "jetstream"

    def url(self, user: str | None = None) -> str:
        """The server's address, with a user's name and password when a user is named."""
        if user is None:
            return f"nats://127.0.0.1:{self.port}"
        password = next(known.password for known in self.users if known.name == user)
        return f"nats://{quote(user)}:{quote(password)}@127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 30.0) -> None:
        """Write the configuration, start the server and return when JetStream answers.

        Raises:
            StartError: the server ended, or did not become ready in time.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        configuration = self._write_configuration()
        command = [str(installed_program()), "-c", str(configuration)]
        self.process = process = Process(
            Program("nats", command, self.log_file, {}, signal.SIGTERM, 20.0, None, self.directory)
        )
        process.start()
        wait_until(lambda: self.is_ready() or not process.is_running, seconds=seconds)
        if not self.is_ready():
            process.stop()
            raise StartError("nats", "\n".join(process.last_lines(8)) or "not ready in time", self.log_file)

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()

    def is_ready(self) -> bool:
        """Whether our own server process runs and its JetStream is up."""
        if self.process is None or not self.process.is_running:
            return False
        connection = http.client.HTTPConnection("127.0.0.1", self.monitoring_port, timeout=2)
        try:
            connection.request("GET", "/healthz?js-enabled-only=true")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def reload(self) -> None:
        """Write the configuration again and have the running server read it (new users or permissions)."""
        self._write_configuration()
        if self.process is not None and self.process.pid is not None and self.process.is_running:
            os.kill(self.process.pid, signal.SIGHUP)

    def wipe(self) -> None:
        """Delete the whole store: every stream and consumer. Only while the server is stopped."""
        shutil.rmtree(self.store, ignore_errors=True)

    def _write_configuration(self) -> Path:
        """Write `nats.conf` (0600: it holds passwords). Its language includes JSON."""
        configuration: dict[str, Any] = {
            "server_name": "lienthong",
            "listen": f"127.0.0.1:{self.port}",
            "http": f"127.0.0.1:{self.monitoring_port}",
            "jetstream": {"store_dir": str(self.directory), "max_file_store": self.max_store_bytes},
        }
        if self.users:
            configuration["authorization"] = {"users": [user.as_config() for user in self.users]}
        path = self.directory / "nats.conf"
        unfinished = path.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.chmod(0o600)
        unfinished.write_text(json.dumps(configuration, indent=2, ensure_ascii=False))
        unfinished.replace(path)
        return path


def installed_program() -> Path:
    """The `nats-server` that came as a wheel into this environment."""
    return Path(sysconfig.get_path("scripts")) / "nats-server"
