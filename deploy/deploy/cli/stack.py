"""The running stack as the command line finds it: by the files of its own clone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local import status
from deploy.local.environment import from_file
from deploy.local.layout import Layout
from deploy.local.parts import SERVICES, ServiceEntry


class CommandFailed(Exception):
    """The command cannot do what was asked; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class RunningStack:
    """Addresses and files of the stack; nothing here starts or changes anything."""

    layout: Layout

    @classmethod
    def of_this_clone(cls) -> "RunningStack":
        return cls(Layout.current())

    @property
    def public_url(self) -> str:
        """The gateway's address.

        Raises:
            CommandFailed: nothing runs here.
        """
        try:
            return self.layout.gateway_url.read_text().strip()
        except FileNotFoundError:
            raise CommandFailed(f"nothing runs below {self.layout.var}: start it with `make run`") from None

    def status(self) -> dict[str, Any] | None:
        return status.read(self.layout)

    @property
    def is_running(self) -> bool:
        return status.is_launcher_running(self.status())

    def environment_of(self, process: str) -> Mapping[str, str]:
        """The environment that a process was started with.

        Raises:
            CommandFailed: it was never started here.
        """
        try:
            return from_file(self.layout.environment_of(process).read_text())
        except FileNotFoundError:
            raise CommandFailed(f"{process} was never started here: start it with `make run`") from None

    def database_url(self, service: ServiceEntry) -> str:
        """The address of a service's database, as its application role."""
        return self.environment_of(service.name)[f"LIENTHONG_{service.variable}_DATABASE_URL"]


def services_named(name: str | None) -> tuple[ServiceEntry, ...]:
    """All services, or the named one.

    Raises:
        CommandFailed: there is no such service.
    """
    if name is None:
        return SERVICES
    found = tuple(service for service in SERVICES if service.name == name)
    if not found:
        raise CommandFailed(f"no service is called {name}; there are: {', '.join(s.name for s in SERVICES)}")
    return found
