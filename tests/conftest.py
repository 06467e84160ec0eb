"""Fixtures of all tests: real servers, made when first asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis import logging as chassis_logging
from deploy.local.child_stack import ChildStack
from deploy.local.nats import NatsServer
from deploy.local.postgres import PostgresServer
from tests.support import servers
from tests.support.databases import ServiceDatabases


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Log as the processes do; structlog's own default draws every traceback with all its variables."""
    chassis_logging.configure(service="tests", level="info")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A throw-away PostgreSQL for this test process."""
    with servers.postgres(tmp_path_factory.mktemp("servers")) as server:
        yield server


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A throw-away NATS for this test process, with the project's users under their own permissions."""
    with servers.nats(tmp_path_factory.mktemp("servers")) as server:
        yield server


@pytest.fixture(scope="session")
def service_databases(postgres_server: PostgresServer) -> ServiceDatabases:
    """The services' test databases, migrated when first asked for."""
    return ServiceDatabases(postgres_server)


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildStack]:
    """The whole stack as `make run` starts it, once for all journeys that do not hurt it."""
    stack = ChildStack(tmp_path_factory.mktemp("stack") / "var")
    try:
        stack.start()
        yield stack
    finally:
        stack.delete()


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(__file__).parent.parent
