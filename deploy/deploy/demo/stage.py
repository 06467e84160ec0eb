"""What the steps act with: HTTP to the gateway, tokens of the personas, bounded waiting."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2

from deploy.cli.stack import RunningStack
from deploy.cli.tokens import token_for

T = TypeVar("T")

WAIT_SECONDS = 30.0
PAUSE_SECONDS = 0.25


@dataclass
class Stage:
    """One telling of the story. `run` makes the visit codes of this telling its own."""

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
            self.tokens[key] = token_for(self.stack, name, level=level)
        return self.tokens[key]

    def get(self, path: str, name: str, *, level: int | None = None) -> httpx2.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token(name, level=level)}"})

    def submit(self, name: str, body: bytes, *, key: str | None = None) -> httpx2.Response:
        """Send a hospital file as the system `name`."""
        headers = {
            "Authorization": f"Bearer {self.token(name)}",
            "Content-Type": "application/xml",
            "Idempotency-Key": key or uuid.uuid4().hex,
        }
        return self.http.post("/v1/facility-submissions", content=body, headers=headers)

    def wait_for(self, found: Callable[[], T | None]) -> T | None:
        """Ask again and again, for half a minute at most, until there is an answer; else None."""
        end = time.monotonic() + WAIT_SECONDS
        while (value := found()) is None and time.monotonic() < end:
            time.sleep(PAUSE_SECONDS)
        return value
