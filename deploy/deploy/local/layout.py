"""Where one clone keeps what it makes: below `var/`, and nowhere else (save `placement`'s exception)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LARGEST_LOG_BYTES = 20 << 20
ROOT = Path(__file__).resolve().parents[3]
"""The clone that this code was installed from; its virtual environment installs it in place."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of one stack. `var` is absolute."""

    var: Path

    @classmethod
    def current(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The stack of this clone, from any working directory; `LIENTHONG_VAR` names another folder."""
        return cls(Path(environment.get("LIENTHONG_VAR") or ROOT / "var").absolute())

    @property
    def ports(self) -> Path:
        return self.var / "ports.json"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def status(self) -> Path:
        return self.run / "status.json"

    @property
    def gateway_url(self) -> Path:
        return self.run / "gateway.url"

    @property
    def lock(self) -> Path:
        return self.run / "launcher.lock"

    @property
    def environments(self) -> Path:
        return self.run / "env"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def keys(self) -> Path:
        return self.var / "keys"

    @property
    def clients(self) -> Path:
        return self.var / "clients"

    @property
    def postgres(self) -> Path:
        return self.var / "postgres"

    @property
    def nats(self) -> Path:
        return self.var / "nats"

    @property
    def sandbox(self) -> Path:
        return self.var / "sandbox"

    def log_of(self, process: str) -> Path:
        return self.logs / f"{process}.log"

    def environment_of(self, process: str) -> Path:
        return self.environments / f"{process}.env"

    def rotate_logs(self) -> None:
        """Put logs that have grown large aside, one generation of each, before anything writes to them."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LARGEST_LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))

    def make_folders(self) -> None:
        """Make the folders; those that hold secrets are for their owner alone."""
        for folder in (self.var, self.run, self.logs, self.nats, self.sandbox):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.keys, self.clients, self.environments):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Put a file (0600) in place at once, so that a reader sees the old or the new text and never a part."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)
