"""Dead parts come back with growing pauses, and everything stops in order."""

import signal
import sys
from pathlib import Path

import pytest

from deploy.local import supervisor as supervision
from deploy.local.process import Process, Program, StartError, wait_until
from deploy.local.supervisor import Part, Supervisor
from tests.deploy.local.conftest import PATIENT


class Small:
    """A server that is a small Python process; ready when it says so."""

    def __init__(self, log_file: Path, code: str = PATIENT) -> None:
        self.log_file = log_file
        self.process = Process(Program("small", [sys.executable, "-c", code], log_file, stop_seconds=5))

    def start(self) -> None:
        self.log_file.unlink(missing_ok=True)
        self.process.start()

    def stop(self) -> None:
        self.process.stop()

    def is_ready(self) -> bool:
        return self.process.is_running and "ready" in self.process.last_lines()


class Told:
    """A reporter that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.pauses: list[float] = []

    def ready(self, part: Part, seconds: float) -> None:
        self.events.append(("ready", part.name))

    def died(self, part: Part, reason: str, pause_seconds: float) -> None:
        self.events.append(("died", reason.splitlines()[0]))
        self.pauses.append(pause_seconds)

    def failed_again(self, part: Part, reason: str) -> None:
        self.events.append(("failed", reason))

    def stopped(self, part: Part) -> None:
        self.events.append(("stopped", part.name))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def supervisor(told: Told, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    return Supervisor(told, lambda: None)


def part_of(tmp_path: Path, name: str, *, layer: int = 1, code: str = PATIENT) -> Part:
    return Part(name, Small(tmp_path / f"{name}.log", code), "nowhere", layer, pause_seconds=0.01)


def turn(supervisor: Supervisor, told: Told, event: tuple[str, str], times: int = 1) -> bool:
    def look() -> bool:
        supervisor.look_after()
        return told.events.count(event) >= times

    return wait_until(look, seconds=10, every=0.01)


def test_killed_part_comes_back_and_is_mended(tmp_path: Path, supervisor: Supervisor, told: Told) -> None:
    mended: list[str] = []
    part = part_of(tmp_path, "nats")
    part.after_restart = lambda: mended.append("streams")
    supervisor.start(part)
    supervisor.wait_ready([part], seconds=10)
    first = part.server.process.pid if part.server.process else None
    Process.kill(part.server.process)  # type: ignore[arg-type]  # it is running, so it is there
    assert turn(supervisor, told, ("ready", "nats"), times=2)
    assert ("died", f"killed by signal {signal.SIGKILL.value}") in told.events
    assert part.restarts == 1
    assert part.server.process is not None
    assert part.server.process.pid != first
    assert mended == ["streams"]
    supervisor.stop_all()


def test_mending_that_fails_is_tried_again_on_the_same_process(
    tmp_path: Path, supervisor: Supervisor, told: Told
) -> None:
    answers = iter([ConnectionError("not yet"), None])

    def mend() -> None:
        answer = next(answers)
        if answer is not None:
            raise answer

    part = part_of(tmp_path, "nats")
    part.after_restart = mend
    supervisor.start(part)
    Process.kill(part.server.process)  # type: ignore[arg-type]  # it is running, so it is there
    assert turn(supervisor, told, ("ready", "nats"))
    assert ("failed", "not yet") in told.events
    assert part.restarts == 1
    supervisor.stop_all()


def test_pause_grows_with_each_death(tmp_path: Path, supervisor: Supervisor, told: Told) -> None:
    part = part_of(tmp_path, "identity", code="raise SystemExit(3)")
    supervisor.start(part)
    assert turn(supervisor, told, ("died", "exit code 3"), times=4)
    assert told.pauses == sorted(told.pauses)
    assert told.pauses[-1] >= 8 * told.pauses[0]
    supervisor.stop_all()


def test_part_that_ends_while_starting_names_its_last_lines(tmp_path: Path, supervisor: Supervisor) -> None:
    part = part_of(tmp_path, "dossier", code="print('no database'); raise SystemExit(2)")
    supervisor.start(part)
    with pytest.raises(StartError, match="no database") as raised:
        supervisor.wait_ready([part], seconds=10)
    assert raised.value.part == "dossier"
    assert raised.value.log_file == tmp_path / "dossier.log"
    supervisor.stop_all()


def test_part_that_is_never_ready_fails_the_start(tmp_path: Path, supervisor: Supervisor) -> None:
    part = part_of(tmp_path, "dossier", code="import signal; signal.pause()")
    supervisor.start(part)
    with pytest.raises(StartError, match="not ready in time"):
        supervisor.wait_ready([part], seconds=0.3)
    supervisor.stop_all()


def test_parts_stop_layer_by_layer_in_reverse(tmp_path: Path, supervisor: Supervisor, told: Told) -> None:
    parts = [
        part_of(tmp_path, name, layer=layer) for name, layer in (("database", 0), ("one", 1), ("edge", 2))
    ]
    for part in parts:
        supervisor.start(part)
    supervisor.wait_ready(parts, seconds=10)
    supervisor.stop_all()
    assert [name for event, name in told.events if event == "stopped"] == ["edge", "one", "database"]
    assert not any(part.server.process and part.server.process.is_running for part in parts)
