"""The load makers and the report: they count what was answered, and compare what they say they compare."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.bench import load
from deploy.bench.cpu import cpu_seconds
from deploy.bench.load import Figure, hammer, request_to
from deploy.bench.report import Line, Report
from deploy.bench.upstream import BODY, OneAnswer


@contextmanager
def one_answer() -> Iterator[str]:
    """Run the small service in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(OneAnswer, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@pytest.mark.parametrize("with_wrk", [False, True])
def test_both_clients_count_answers(monkeypatch: pytest.MonkeyPatch, with_wrk: bool) -> None:
    if with_wrk and not load.has_wrk():
        pytest.skip("wrk is not installed")
    monkeypatch.setattr(load, "has_wrk", lambda: with_wrk)
    with one_answer() as url:
        request = request_to(url, "/", headers={})
        figure = hammer(url, [request], connections=2, seconds=1, pids={"self": os.getpid()})
    assert figure.answers > 50
    assert figure.errors == 0
    assert 0 < figure.p50_ms <= figure.p99_ms
    assert figure.cpu_seconds["self"] > 0


def test_small_service_answers_one_kilobyte() -> None:
    assert len(BODY) == 1024


def test_request_with_a_body_is_a_post_of_its_length() -> None:
    request = request_to("http://127.0.0.1:1", "/v1/x", headers={"A": "b"}, body=b"\x00abc")
    assert request == b"POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:1\r\nA: b\r\nContent-Length: 4\r\n\r\n\x00abc"


def test_errors_do_not_count_as_done() -> None:
    assert Figure(answers=110, seconds=10.0, p50_ms=1, p99_ms=2, errors=10).per_second == 10


def test_report_compares_with_the_named_line_of_the_same_section(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    figure = Figure(answers=40, seconds=1, p50_ms=1, p99_ms=2, errors=3, cpu_seconds={"a": 0.2, "b": 0.4})
    report.add("one", Line("limit", "x/s", 200.0))
    report.add("one", Line("ours", "x/s", 50.0, figure, of="limit", done=20))
    report.add("two", Line("alone", "x/s", 5.0, of="limit"))
    report.print()
    printed = capsys.readouterr().out
    assert "0.25 × limit" in printed
    assert "30.000" in printed
    assert "b 20.00, a 10.00" in printed
    assert report.errors == 3
    assert '"ratio": null' in report.as_json()


def test_processor_time_is_that_of_the_process() -> None:
    before = cpu_seconds({"self": os.getpid()})["self"]
    began = time.process_time()
    while time.process_time() - began < 0.3:
        sum(range(10_000))
    used = cpu_seconds({"self": os.getpid()})["self"] - before
    assert 0.25 < used < 3
