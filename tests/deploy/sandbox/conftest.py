"""A sandbox as its own process, and a browser for its pages."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest

from deploy.sandbox.accounts import totp_of
from deploy.sandbox.personas import personas
from tests.support.servers import free_port

SECRET = "known-to-the-test-client"
CALLBACK = "http://127.0.0.1:1/callback"


@dataclass
class Sandbox:
    """A running sandbox; `environment` starts another one on the same folder."""

    url: str
    directory: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def issuer(self) -> str:
        return f"{self.url}/sandbox/vneid"

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise

    def start_again(self) -> None:
        self.process = _start(self.environment, self.url)


def _start(environment: dict[str, str], url: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "deploy.sandbox", "serve"], env=environment)
    end = time.monotonic() + 60
    with httpx2.Client(base_url=url, timeout=1, transport=httpx2.HTTPTransport(retries=3)) as http:
        while time.monotonic() < end and process.poll() is None:
            try:
                http.get("/healthz")
            except httpx2.TransportError:
                continue
            return process
    process.kill()
    process.wait(10)
    raise AssertionError("the sandbox did not start")


def start_sandbox(directory: Path, **more: str) -> Sandbox:
    """Start a sandbox whose state, and VNeID clients, are in `directory`; `more` are settings."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = {"client_id": "test-client", "client_secret": SECRET, "redirect_uris": [CALLBACK]}
    (directory / "vneid-clients.json").write_text(json.dumps([client]))
    environment = dict(os.environ) | {
        "LIENTHONG_PROFILE": "sandbox",
        "LIENTHONG_PUBLIC_URL": url,
        "LIENTHONG_SANDBOX_PORT": str(port),
        "LIENTHONG_SANDBOX_STATE_DIRECTORY": str(directory / "state"),
        "LIENTHONG_SANDBOX_CLIENTS_DIRECTORY": str(directory / "clients"),
        "LIENTHONG_SANDBOX_VNEID_CLIENTS_FILE": str(directory / "vneid-clients.json"),
        "LIENTHONG_SANDBOX_TOWN_SIZE": "50",
        **more,
    }
    return Sandbox(url, directory, environment, _start(environment, url))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.stop()


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_chosen = given.get("type") != "radio" or "checked" in given
        if tag == "input" and given.get("name") and is_chosen:
            self.fields[str(given["name"])] = given.get("value") or ""


class Browser:
    """Walks the pages as a person would: cookies kept, forms filled in, redirects within VNeID followed."""

    def __init__(self) -> None:
        self.http = httpx2.Client(timeout=10)

    def open(self, url: str) -> httpx2.Response:
        return self._follow(self.http.get(url))

    def submit(self, page: httpx2.Response, **values: str) -> httpx2.Response:
        form = _Form()
        form.feed(page.text)
        return self._follow(self.http.post(str(page.url), data=form.fields | values))

    def sign_in(self, page: httpx2.Response, name: str, **wrong: str) -> httpx2.Response:
        persona = personas()[name]
        assert persona.person is not None
        right = {
            "personal_id": persona.person.personal_id,
            "password": persona.password or "",
            "one_time_code": totp_of(persona.person.personal_id).now(),
        }
        return self.submit(page, **(right | wrong))

    def _follow(self, answer: httpx2.Response) -> httpx2.Response:
        while answer.is_redirect and not answer.headers["location"].startswith(CALLBACK):
            answer = self.http.get(urljoin(str(answer.url), answer.headers["location"]))
        return answer


@pytest.fixture
def browser() -> Iterator[Browser]:
    one = Browser()
    yield one
    one.http.close()
