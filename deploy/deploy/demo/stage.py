"""What the steps act with: HTTP to the gateway, tokens, the sandbox's switches, bounded waiting."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2

from deploy.cli.stack import RunningStack
from deploy.cli.tokens import token_for

T = TypeVar("T")
Json = dict[str, Any]  # Any: JSON members

WAIT_SECONDS = 30.0
PAUSE_SECONDS = 0.25


@dataclass
class Stage:
    """One telling of the story. `run` makes the visit codes of this telling its own.

    People are named as the command line names them; `nhan-vien@cty-duoc` acts for the company.
    """

    stack: RunningStack
    http: httpx2.Client
    run: str
    tokens: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    """What later steps need of earlier ones."""

    @classmethod
    def set_up(cls, stack: RunningStack) -> "Stage":
        http = httpx2.Client(base_url=stack.public_url, timeout=30, trust_env=False)
        return cls(stack, http, f"{int(time.time()):x}".upper())

    def token(self, name: str, *, level: int | None = None) -> str:
        """Return the token of a persona, signed in once in this telling."""
        key = f"{name} {level}"
        if key not in self.tokens:
            person, _, owner = name.partition("@")
            self.tokens[key] = token_for(self.stack, person, level=level, acting_for=owner or None)
        return self.tokens[key]

    def get(self, path: str, name: str, *, level: int | None = None) -> httpx2.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token(name, level=level)}"})

    def send(
        self,
        method: str,
        path: str,
        name: str,
        body: Json | bytes,
        *,
        version: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """Send a command as `name`, with a key of its own, and `If-Match` when a version is given."""
        sent = {"Authorization": f"Bearer {self.token(name)}", "Idempotency-Key": uuid.uuid4().hex}
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        if isinstance(body, bytes):
            return self.http.request(method, path, content=body, headers=sent | (headers or {}))
        return self.http.request(method, path, json=body, headers=sent | (headers or {}))

    def post(self, path: str, name: str, body: Json, *, version: int | None = None) -> httpx2.Response:
        return self.send("POST", path, name, body, version=version)

    def submit(self, name: str, body: bytes, *, key: str | None = None) -> httpx2.Response:
        """Send a hospital file as the system `name`."""
        headers = {"Content-Type": "application/xml"} | ({"Idempotency-Key": key} if key else {})
        return self.send("POST", "/v1/facility-submissions", name, body, headers=headers)

    def fault(self, peer: str, **switches: int) -> None:
        """Set the fault switches of a peer in the sandbox; without any it works again."""
        self.http.put(f"/sandbox/api/faults/{peer}", json=switches).raise_for_status()

    def wait_for(self, found: Callable[[], T | None]) -> T | None:
        """Ask again and again, for half a minute at most, until there is an answer; else None."""
        end = time.monotonic() + WAIT_SECONDS
        while (value := found()) is None and time.monotonic() < end:
            time.sleep(PAUSE_SECONDS)
        return value

    def wait_until(self, path: str, name: str, is_there: Callable[[Json], bool]) -> Json | None:
        """Read `path` again and again until it is as wished; else None."""

        def found() -> Json | None:
            shown: Json = self.get(path, name).json()
            return shown if is_there(shown) else None

        return self.wait_for(found)
