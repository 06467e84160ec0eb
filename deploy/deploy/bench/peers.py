"""Processes that are measured beside each other: upstream, nginx, the plain route, and a gateway of our own.

The gateway measured is a second process of the same program with the running one's settings. Only its quotas
are lifted, since one machine plays the whole country here.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

START_SECONDS = 90.0
_LIFTED = {
    f"LIENTHONG_GATEWAY_{kind}_{limit}": "1000000000"
    for kind in ("PERSON", "SYSTEM", "ADDRESS")
    for limit in ("REQUESTS_PER_MINUTE", "BURST")
}


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Peer:
    """A running program and where it answers."""

    url: str
    pid: int


@contextmanager
def running(
    command: list[str], url: str, path: str, log: Path, environment: Mapping[str, str]
) -> Iterator[Peer]:
    """Run a program until it answers at `url`, and stop it afterwards."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=dict(environment))
        try:
            _wait(process, f"{url}{path}", log)
            yield Peer(url, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    with httpx2.Client(timeout=2, trust_env=False) as http:
        while time.monotonic() < end and process.poll() is None:
            try:
                http.get(url)
            except httpx2.TransportError:
                time.sleep(0.1)
            else:
                return
    raise RuntimeError(f"did not start: {log.read_text(errors='replace')[-500:]}")


@contextmanager
def upstream(folder: Path) -> Iterator[Peer]:
    """The service that answers 1 KB."""
    port = free_port()
    command = [sys.executable, "-m", "deploy.bench.upstream", str(port)]
    with running(command, f"http://127.0.0.1:{port}", "/", folder / "upstream.log", os.environ) as peer:
        yield peer


@contextmanager
def plain_proxy(target: str, folder: Path) -> Iterator[Peer]:
    """FastAPI with httpx2 in front of `target`."""
    port = free_port()
    command = [sys.executable, "-m", "deploy.bench.plain_proxy", str(port), target]
    with running(command, f"http://127.0.0.1:{port}", "/", folder / "plain.log", os.environ) as peer:
        yield peer


@contextmanager
def nginx(target: str, folder: Path) -> Iterator[Peer | None]:
    """nginx with one worker in front of `target`, or None where it is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        yield None
        return
    port = free_port()
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    owner = "user root;" if os.geteuid() == 0 else ""
    configuration = f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; {owner}
events {{ worker_connections 1024; }}
http {{
    access_log off; {temporary}
    upstream target {{ server {target.removeprefix("http://")}; keepalive 128; keepalive_requests 1000000; }}
    server {{
        listen 127.0.0.1:{port}; keepalive_requests 1000000;
        location / {{ proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""
    file = folder / "nginx.conf"
    file.write_text(configuration)
    command = [program, "-p", str(folder), "-c", str(file)]
    with running(command, f"http://127.0.0.1:{port}", "/", folder / "nginx.log", os.environ) as peer:
        yield peer


@contextmanager
def gateway(environment: Mapping[str, str], folder: Path, *, services: str | None = None) -> Iterator[Peer]:
    """A gateway with the running one's settings; with `services`, some of the services stand there."""
    port, metrics_port = free_port(), free_port()
    own = {"LIENTHONG_GATEWAY_PORT": str(port), "LIENTHONG_GATEWAY_METRICS_PORT": str(metrics_port)}
    if services is not None:
        own |= {f"LIENTHONG_{name}_URL": services for name in ("HEALTH_BOOK", "JUDICIAL_RECORD", "SANDBOX")}
    command = [sys.executable, "-m", "gateway", "serve"]
    with ExitStack() as stack:
        log = folder / f"gateway-{port}.log"
        settings = {**environment, **_LIFTED, **own}
        yield stack.enter_context(running(command, f"http://127.0.0.1:{port}", "/healthz", log, settings))
