"""`python -m deploy.local [run|clean|topology]`: start this stack, delete its data, or make its streams."""

import argparse
import sys

from deploy.local.console import Says
from deploy.local.layout import Layout
from deploy.local.process import StartError


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("verb", nargs="?", choices=("run", "clean", "topology"), default="run")
    verb = parser.parse_args(arguments).verb
    layout, says = Layout.current(), Says()
    try:
        if verb == "run":
            from deploy.local.launcher import Launcher

            return Launcher(layout, says).run()
        if verb == "clean":
            from deploy.local.clean import clean

            clean(layout, says)
        else:
            from deploy.local import topology
            from deploy.local.environment import remembered

            topology.ensure(remembered(layout))
            says.step("Streams and consumers are there")
    except StartError as error:
        says.failure(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
