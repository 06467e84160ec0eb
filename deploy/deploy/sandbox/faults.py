"""Fault switches: make a peer slow, failing or cut short, to see what the system does then.

An ASGI layer and not a check in each route, so that every endpoint of a peer has the same faults. The pages
that steer the sandbox itself are never under a fault.
"""

import asyncio
import json
from collections.abc import MutableMapping
from contextlib import nullcontext
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from deploy.sandbox.state import State

PEERS = {
    "population": "/sandbox/population",
    "vneid": "/sandbox/vneid",
    "payments": "/sandbox/payments",
    "tsa": "/sandbox/tsa",
    "dvcqg": "/sandbox/dvcqg",
    "vneid-push": "/sandbox/vneid-push",
    "province": "/sandbox/province",
    "courts": "/sandbox/courts",
}
Peer = Literal["population", "vneid", "payments", "tsa", "dvcqg", "vneid-push", "province", "courts"]
CALLING_BACK = frozenset({"payments", "dvcqg", "courts"})
"""Peers that call back, or answer later, by themselves, and so can do it twice or late."""

Counter = Literal["fail_next", "cut_next", "lose_next", "duplicate_next"]


class Fault(BaseModel):
    """How a peer misbehaves; all zero means that it does not."""

    model_config = ConfigDict(extra="forbid", strict=True)

    delay_ms: int = Field(0, ge=0, le=120_000, description="Wait before each answer, in milliseconds.")
    fail_next: int = Field(
        0, ge=0, le=1_000_000, description="Answer this many requests with an error, then work."
    )
    status: int = Field(503, ge=500, le=599, description="Status of those errors.")
    cut_next: int = Field(
        0, ge=0, le=1_000_000, description="Answer this many requests with half a body, then work."
    )
    lose_next: int = Field(
        0, ge=0, le=1_000_000, description="Do what this many requests ask and lose the answers, then work."
    )
    duplicate_next: int = Field(
        0, ge=0, le=1_000_000, description="Call back twice this many times, then once; peers that call back."
    )
    late_next: int = Field(
        0, ge=0, le=3_600_000, description="Hold the next call back by so many milliseconds, then none."
    )


class Faults:
    """The switches of all peers, kept across restarts."""

    def __init__(self, state: State) -> None:
        self._state = state
        kept = state.get("faults", {})
        self._faults = {peer: Fault(**kept.get(peer, {})) for peer in PEERS}

    def all(self) -> dict[str, Fault]:
        return dict(self._faults)

    def set(self, peer: str, fault: Fault) -> None:
        self._faults[peer] = fault
        self._state.put("faults", {name: one.model_dump() for name, one in self._faults.items()})

    def of_path(self, path: str) -> tuple[str, Fault] | None:
        for peer, prefix in PEERS.items():
            if path.startswith(f"{prefix}/"):
                return peer, self._faults[peer]
        return None

    def use_delay(self, peer: str) -> int:
        """Return by how many milliseconds this call back is late, and let the next ones be in time."""
        fault = self._faults[peer]
        if fault.late_next:
            self.set(peer, fault.model_copy(update={"late_next": 0}))
        return fault.late_next

    def use_up(self, peer: str, name: Counter) -> bool:
        """Return whether the counter was above zero, and count it down."""
        fault = self._faults[peer]
        left: int = getattr(fault, name)
        if left > 0:
            self.set(peer, fault.model_copy(update={name: left - 1}))
        return left > 0


class FaultLayer:
    """ASGI middleware that applies the switches, and goes on with the trace of a caller who sends one."""

    def __init__(self, app: ASGIApp, faults: Faults, state: State) -> None:
        self._app = app
        self._faults = faults
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._faults.of_path(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        headers = scope["headers"]
        is_traced = any(name == b"traceparent" for name, _ in headers)
        with telemetry.server_span(scope["method"], headers) if is_traced else nullcontext():
            await self._answer(*found, scope, receive, send)

    async def _answer(self, peer: str, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if self._faults.use_up(peer, "fail_next"):
            self._state.record(peer, "answered_with_fault", status=fault.status)
            await _answer_error(send, peer, fault.status)
        elif self._faults.use_up(peer, "cut_next"):
            self._state.record(peer, "answered_with_half")
            await self._app(scope, receive, _half(send))
        elif self._faults.use_up(peer, "lose_next"):
            self._state.record(peer, "answer_lost")
            await self._app(scope, receive, _nowhere)
            await _answer_error(send, peer, 504)
        else:
            await self._app(scope, receive, send)


async def _nowhere(_: Message) -> None:
    """Take an answer that nobody gets."""


async def _answer_error(send: Send, peer: str, status: int) -> None:
    body = json.dumps({"error": "fault_switched_on", "peer": peer}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _half(send: Send) -> Send:
    """Return a `send` that keeps back the answer and lets half of its body through, as a whole answer."""
    start: MutableMapping[str, Any] = {}
    parts: list[bytes] = []

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts)
        body = body[: len(body) // 2]
        kept = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        start["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return cut
