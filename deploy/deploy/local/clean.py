"""`make clean-data`: delete what this clone made, and nothing that another one may be using."""

import shutil

from deploy.local import leftovers, placement, status
from deploy.local.console import Says
from deploy.local.launcher import Launcher
from deploy.local.layout import Layout


def clean(layout: Layout, says: Says) -> None:
    """Stop what a killed launcher left, then delete databases, streams, keys and logs.

    The block of ports is kept, so that addresses stay the same.

    Raises:
        StartError: the stack is running.
    """
    with Launcher(layout, says).locked():
        leftovers.stop_recorded(status.recorded(status.read(layout)))
        placement.forget(layout.postgres)
        placement.forget_programs()
        for folder in (
            layout.nats,
            layout.sandbox,
            layout.keys,
            layout.clients,
            layout.environments,
            layout.logs,
        ):
            shutil.rmtree(folder, ignore_errors=True)
        layout.status.unlink(missing_ok=True)
        layout.gateway_url.unlink(missing_ok=True)
    says.step(f"Deleted databases, streams, keys and logs below {layout.var}")
