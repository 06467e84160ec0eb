"""`make run` as a whole: everything starts, dies, comes back and stops, and nothing else is touched."""

import json
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from deploy.local.child_stack import ChildStack
from deploy.local.leftovers import ProcessRecord
from deploy.local.parts import ALL
from deploy.local.process import StartError, wait_until

pytestmark = pytest.mark.journey
EVERYTHING = {"postgres", "nats", *(entry.name for entry in ALL)}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[ChildStack]:
    found = ChildStack(tmp_path / "var")
    yield found
    found.delete()


def records(stack: ChildStack) -> list[ProcessRecord]:
    return [ProcessRecord.from_json(entry["record"]) for entry in stack.processes() if entry["record"]]


def all_gone(processes: list[ProcessRecord]) -> bool:
    return wait_until(lambda: not any(record.find() for record in processes), seconds=60)


def test_stack_starts_heals_stops_and_recovers(stack: ChildStack) -> None:
    stack.start()
    first = records(stack)
    assert {record.name for record in first} == EVERYTHING
    assert all(entry["state"] == "ready" for entry in stack.processes())
    with urlopen(f"{stack.url}/readyz", timeout=10) as answer:  # noqa: S310  # our own address
        assert answer.status == 200
    ports = json.loads((stack.layout.var / "ports.json").read_text())

    # A second launcher in the same folder is refused and harms nothing.
    second = ChildStack(stack.layout.var)
    second.output = stack.layout.var.parent / "second.out"
    assert second.run_to_end("run") == 1
    assert "running already" in second.said()
    assert all(record.find() for record in first)

    # What is killed comes back, as another process.
    for name in ("nats", "health-book", "postgres"):
        pid = stack.kill(name)
        assert wait_until(partial(stack.is_back, name, pid), seconds=90), stack.said()

    # Ctrl-C ends everything that was started.
    running = records(stack)
    assert stack.stop(signal.SIGINT) == 0
    assert all_gone(running)
    assert stack.processes() == []
    assert not (stack.layout.var / "run" / "gateway.url").exists()

    # A launcher that is killed leaves nothing in the way of the next one, which finds data and ports again.
    stack.start()
    killed = records(stack)
    stack.stop(signal.SIGKILL)
    stack.start()
    assert all_gone(killed)
    assert json.loads((stack.layout.var / "ports.json").read_text()) == ports
    again = records(stack)
    assert {record.name for record in again} == EVERYTHING
    assert stack.stop(signal.SIGTERM) == 0
    assert all_gone(again)
    assert not any(str(stack.layout.var) in " ".join(_command(process)) for process in psutil.process_iter())


def test_failed_start_names_part_reason_and_log_and_stops_the_rest(tmp_path: Path) -> None:
    # The sandbox profile refuses a database elsewhere; nothing is contacted, since the settings come first.
    url = "postgresql://someone@db.example.invalid/identity"
    stack = ChildStack(tmp_path / "var", LIENTHONG_IDENTITY_DATABASE_URL=url)
    try:
        with pytest.raises(StartError, match="did not start"):
            stack.start()
        assert stack.exit_code == 1
        assert "identity (migrate) did not start" in stack.said()
        assert "sandbox profile" in stack.said()
        assert str(stack.layout.var / "log" / "identity.log") in stack.said()
        assert stack.processes() == []
    finally:
        stack.delete()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
