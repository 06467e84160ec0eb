"""A block of ports is found, kept, moved when taken, and never given to two stacks."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.ports import Ports, claim
from deploy.local.process import StartError


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def listener(port: int) -> socket.socket:
    held = socket.create_server(("127.0.0.1", port))
    held.listen()
    return held


def test_block_has_a_port_for_everything_and_none_twice() -> None:
    block = Ports.block(8080)
    assert block.http("gateway") == 8080
    assert block.http("sandbox") == 8086
    assert (block.postgres, block.nats, block.nats_monitoring) == (8087, 8088, 8089)
    assert block.metrics("gateway") == 8090
    assert block.metrics("sandbox") == 8096
    assert len(block.all()) == 17
    assert block.claim not in block.all()


def test_second_claim_gets_another_block(tmp_path: Path, opened: ExitStack) -> None:
    first = claim(tmp_path / "first.json")
    opened.callback(first.release)
    second = claim(tmp_path / "second.json")
    opened.callback(second.release)
    assert not set(first.ports.all()) & set(second.ports.all())


def test_claimed_block_is_found_again(tmp_path: Path, opened: ExitStack) -> None:
    other = claim(tmp_path / "other.json")
    first = claim(tmp_path / "ports.json")
    first.release()
    other.release()  # the lower block is free now, and still ours stays ours
    again = claim(tmp_path / "ports.json")
    opened.callback(again.release)
    assert again.ports == first.ports
    assert again.moved_from is None


def test_remembered_block_that_is_taken_is_left(tmp_path: Path, opened: ExitStack) -> None:
    first = claim(tmp_path / "ports.json")
    first.release()
    opened.enter_context(closing(listener(first.ports.postgres)))
    again = claim(tmp_path / "ports.json")
    opened.callback(again.release)
    assert again.moved_from == first.ports
    assert (
        json.loads((tmp_path / "ports.json").read_text())["first"] == again.ports.first != first.ports.first
    )


def test_fixed_gateway_port_is_obeyed(tmp_path: Path, opened: ExitStack) -> None:
    with closing(listener(0)) as probe:
        port = probe.getsockname()[1]
    claimed = claim(tmp_path / "ports.json", port)
    opened.callback(claimed.release)
    assert claimed.ports.http("gateway") == port
    assert claimed.ports.http("identity") == claimed.ports.first + 1


def test_fixed_gateway_port_that_is_taken_is_refused(tmp_path: Path, opened: ExitStack) -> None:
    taken = opened.enter_context(closing(listener(0)))
    with pytest.raises(StartError, match="LIENTHONG_GATEWAY_PORT"):
        claim(tmp_path / "ports.json", taken.getsockname()[1])


def test_unreadable_memory_is_forgotten(tmp_path: Path, opened: ExitStack) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert ports.remembered_ports(tmp_path / "ports.json") is None
    claimed = claim(tmp_path / "ports.json")
    opened.callback(claimed.release)
    assert ports.remembered_ports(tmp_path / "ports.json") == claimed.ports
