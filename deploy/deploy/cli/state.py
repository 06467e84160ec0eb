"""`lienthong status` and `lienthong migrate`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from deploy.cli.stack import RunningStack
from deploy.local import topology
from deploy.local.environment import remembered
from deploy.local.parts import ServiceEntry
from deploy.local.services import Migration, says_ready
from deploy.local.services import migrate as run_migrations


def current(stack: RunningStack) -> dict[str, Any]:
    """Return what runs: `running`, `ready`, `public_url` and one entry per process.

    Every process is asked now: `not ready` is one that runs and does not take work. A process of a launcher
    that is gone is `down`, whatever was last written about it.
    """
    written = stack.status()
    running = stack.is_running
    processes = [_entry(entry, running) for entry in written["processes"]] if written else []
    return {
        "running": running,
        "ready": bool(processes) and all(entry["state"] == "ready" for entry in processes),
        "public_url": written["public_url"] if written else None,
        "processes": processes,
    }


def migrate(stack: RunningStack, services: Sequence[ServiceEntry]) -> list[str]:
    """Migrate the services' databases side by side, then the streams; returns the services' names.

    Raises:
        StartError: a migration failed, or nothing was ever started here.
    """
    known = remembered(stack.layout)
    run_migrations(
        [
            Migration(
                service.name,
                service.module,
                known.environment_of(service, migrating=True),
                stack.layout.log_of(service.name),
            )
            for service in services
        ]
    )
    topology.ensure(known)
    return [service.name for service in services]


def _entry(entry: dict[str, Any], running: bool) -> dict[str, Any]:
    state = entry["state"] if running else "down"
    address = urlsplit(entry["address"])
    if state == "ready" and address.scheme == "http" and not says_ready(address.port or 80):
        state = "not ready"
    return {name: value for name, value in entry.items() if name != "record"} | {"state": state}
