"""Real servers for tests: one PostgreSQL and one NATS per test process, stopped and deleted with it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis import bus
from deploy.local.nats import NatsServer, NatsUser
from deploy.local.postgres import THROWAWAY_SETTINGS, PostgresServer

NATS_PASSWORD = "of-tests-only"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres(directory: Path) -> Iterator[PostgresServer]:
    """Run a throw-away PostgreSQL below `directory`."""
    server = PostgresServer(directory / "postgres", free_port(), settings=THROWAWAY_SETTINGS)
    try:
        server.start()
        yield server
    finally:
        server.delete()


@contextmanager
def nats(directory: Path) -> Iterator[NatsServer]:
    """Run a throw-away NATS with every user of the project under its own permissions."""
    users = [NatsUser(name, NATS_PASSWORD, bus.permissions_for(name)) for name in bus.USERS]
    server = NatsServer(directory / "nats", free_port(), free_port(), users=users)
    try:
        server.start()
        yield server
    finally:
        server.stop()
