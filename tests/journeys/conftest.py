"""A whole stack for the journeys, started once."""

from collections.abc import Iterator

import pytest

from deploy.local.child_stack import ChildStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildStack]:
    """The stack as `make run` starts it, in a folder of its own; deleted in the end."""
    made = ChildStack(tmp_path_factory.mktemp("journeys") / "var")
    try:
        made.start()
        yield made
    finally:
        made.delete()
