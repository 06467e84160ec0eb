"""The process itself: starts, says what is wrong with its settings, finishes accepted requests and stops."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from gateway.calls import Receive, Scope, Send
from tests.gateway.running import Upstream, answer, unused_port
from tests.support.waiting import until


def _environment(upstream_url: str, port: int, metrics_port: int, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LIENTHONG_PROFILE": "sandbox",
        "LIENTHONG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LIENTHONG_IDENTITY_URL": upstream_url,
        "LIENTHONG_KEY_DIRECTORY": str(Path("/nonexistent")),
        "LIENTHONG_GATEWAY_PORT": str(port),
        "LIENTHONG_GATEWAY_METRICS_PORT": str(metrics_port),
        **more,
    }


async def _answers(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx2.TransportError:
        return False


async def test_process_serves_drains_and_stops(upstream: Upstream, tmp_path: Path) -> None:
    go_on, began = asyncio.Event(), asyncio.Event()

    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        await go_on.wait()
        await answer(send, 200, b"{}")

    upstream.behaviours["/oauth2/jwks"] = behaviour
    port, metrics_port = unused_port(), unused_port()
    environment = _environment(upstream.url, port, metrics_port, LIENTHONG_GATEWAY_DRAIN_SECONDS="1")
    log = tmp_path / "gateway.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "serve", env=environment, stdout=output, stderr=output
        )
    try:
        async with httpx2.AsyncClient(timeout=10) as client:
            public, operations = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics_port}"
            await until(lambda: _answers(client, f"{public}/healthz"), seconds=30, what="the gateway serves")
            figures = await client.get(f"{operations}/metrics")
            slow = asyncio.create_task(client.get(f"{public}/oauth2/jwks"))
            await asyncio.wait_for(began.wait(), 5)

            process.send_signal(signal.SIGTERM)
            await until(
                lambda: _is_draining(client, f"{operations}/readyz"), seconds=5, what="readiness drops first"
            )
            still = await client.get(f"{public}/healthz")
            go_on.set()
            finished = await slow
        status = await asyncio.wait_for(process.wait(), 10)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert "lienthong_http_request_seconds" in figures.text
    assert "lienthong_gateway_breaker_state" in figures.text
    assert still.status_code == 200
    assert finished.status_code == 200
    assert status == 0
    assert "gateway.stopped" in log.read_text("utf-8")
    assert '"event":"http.request"' in log.read_text("utf-8")


async def _is_draining(client: httpx2.AsyncClient, url: str) -> bool:
    return (await client.get(url)).status_code == 503


@pytest.mark.parametrize(
    ("without", "named"),
    [("LIENTHONG_PUBLIC_URL", "LIENTHONG_PUBLIC_URL"), ("LIENTHONG_GATEWAY_PORT", "LIENTHONG_GATEWAY_PORT")],
)
def test_missing_setting_is_named(without: str, named: str) -> None:
    environment = _environment("http://127.0.0.1:1", 1, 2)
    del environment[without]

    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert named in done.stderr
