"""Which ports a stack listens on: a block of twenty, chosen once and kept in `var/ports.json`.

The launcher holds the block's last port for as long as it runs. Whoever can bind that port owns the block,
so two clones that start at the same moment never choose the same one.
"""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deploy.local.process import StartError, wait_until

HOST = "127.0.0.1"
FIRST = 8080
BLOCK = 20
BLOCKS = 100
PATIENCE_SECONDS = 5.0  # what a killed run leaves behind may take a moment to let go of its ports
PROCESSES = (
    "gateway",
    "identity",
    "health-book",
    "judicial-record",
    "dossier",
    "national-portal-sync",
    "sandbox",
)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one stack: `first` begins the block, `gateway` may lie outside of it."""

    first: int
    gateway: int

    @classmethod
    def block(cls, first: int, gateway: int | None = None) -> Self:
        return cls(first, first if gateway is None else gateway)

    def http(self, process: str) -> int:
        return self.gateway if process == "gateway" else self.first + PROCESSES.index(process)

    def metrics(self, process: str) -> int:
        return self.first + 10 + PROCESSES.index(process)

    @property
    def postgres(self) -> int:
        return self.first + 7

    @property
    def nats(self) -> int:
        return self.first + 8

    @property
    def nats_monitoring(self) -> int:
        return self.first + 9

    @property
    def claim(self) -> int:
        return self.first + BLOCK - 1

    def all(self) -> list[int]:
        """Every port that some part of the stack will listen on, without the claim."""
        used = [port for process in PROCESSES for port in (self.http(process), self.metrics(process))]
        return sorted({*used, self.postgres, self.nats, self.nats_monitoring})


@dataclass(frozen=True, slots=True)
class Claim:
    """A block of ports that is ours while `held` stays open."""

    ports: Ports
    held: socket.socket
    moved_from: Ports | None = None

    def release(self) -> None:
        self.held.close()


def claim(file: Path, gateway: int | None = None) -> Claim:
    """Claim the remembered block, or the first free one when it is taken or there is none, and remember it.

    `gateway` fixes the gateway's port.

    Raises:
        StartError: the fixed port is taken, or every block is.
    """
    if gateway is not None and not is_free(gateway):
        reason = f"port {gateway}, fixed by LIENTHONG_GATEWAY_PORT, is taken by another program"
        raise StartError("ports", reason)
    remembered = remembered_ports(file)
    firsts = range(FIRST, FIRST + BLOCK * BLOCKS, BLOCK)
    for first in (*((remembered.first,) if remembered else ()), *firsts):
        ports = Ports.block(first, gateway)
        is_ours = remembered is not None and remembered.first == first
        held = _take(ports, PATIENCE_SECONDS if is_ours else 0.0)
        if held is not None:
            file.write_text(json.dumps(asdict(ports)))
            return Claim(ports, held, None if is_ours else remembered)
    raise StartError("ports", f"no free block of {BLOCK} ports from {firsts.start} to {firsts.stop}")


def _take(ports: Ports, seconds: float) -> socket.socket | None:
    """Hold a block's last port if the rest is free, or becomes so in time; None when it is taken."""
    held = _hold(ports.claim)
    if held is None:
        return None
    if wait_until(lambda: all(is_free(port) for port in ports.all()), seconds=seconds):
        return held
    held.close()
    return None


def is_free(port: int) -> bool:
    held = _hold(port)
    if held is None:
        return False
    held.close()
    return True


def _hold(port: int) -> socket.socket | None:
    """Listen on a port of the loopback, or return None when somebody else does."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Closed connections of an earlier run, still in TIME_WAIT, do not count.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, port))
        held.listen(1)
    except OSError:
        held.close()
        return None
    return held


def remembered_ports(file: Path) -> Ports | None:
    """The ports of the last run, or None before the first."""
    try:
        return Ports(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
