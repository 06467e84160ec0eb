"""One request on its way through the gateway, and the answers that the gateway makes itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from chassis import problem as problems
from chassis.auth import Actor
from chassis.errors import Problem
from gateway.limits import Verdict
from gateway.requests import RequestHead
from gateway.routes import Route
from gateway.tracing import RequestTrace

Scope = dict[str, Any]  # Any: ASGI's own types of scope and message
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

SECURITY_HEADERS: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that the gateway makes itself."""

    status: int
    body: bytes = b""
    headers: RawHeaders = field(default_factory=list)


class Call:
    """Everything that is known of one request. Filled step by step by the application."""

    __slots__ = (
        "actor",
        "client_address",
        "common_headers",
        "head",
        "method",
        "problem_code",
        "raw_path",
        "reason",
        "receive",
        "request_id",
        "route",
        "route_template",
        "scope",
        "send",
        "started",
        "started_at",
        "status",
        "trace",
        "upstream",
        "verdict",
    )

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, trace: RequestTrace, started_at: float
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.trace = trace
        self.started_at = started_at
        self.method: str = scope["method"]
        self.raw_path: bytes = scope["raw_path"]
        self.request_id = ""
        self.client_address = ""
        self.head: RequestHead
        self.route: Route
        self.route_template = "unmatched"
        self.actor: Actor | None = None
        self.verdict: Verdict | None = None
        self.common_headers: RawHeaders = []
        self.started = False
        self.status = 0
        self.upstream: str | None = None
        self.problem_code: str | None = None
        self.reason: str | None = None

    def answer_headers(self) -> RawHeaders:
        """Return the fields that every answer carries: request id, trace and the state of the quota."""
        headers = [
            *self.common_headers,
            (b"x-request-id", self.request_id.encode("latin-1")),
            (b"traceparent", self.trace.traceparent()),
        ]
        if self.verdict is not None:
            headers.append((b"ratelimit-policy", self.verdict.quota.policy))
            headers.append((b"ratelimit", self.verdict.field()))
        return headers

    async def answer(self, answer: Answer) -> None:
        """Send an answer of the gateway's own."""
        self.started = True
        self.status = answer.status
        headers = [*answer.headers, *self.answer_headers()]
        if answer.status not in (204, 304):
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await self.send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else answer.body})

    async def refuse(self, problem: Problem, accept_language: str | None) -> None:
        """Send a problem; nothing may have been sent before."""
        self.problem_code = problem.code
        rendered = problems.render(
            problem,
            instance=self.raw_path.decode("latin-1"),
            trace_id=self.trace.trace_id,
            accept_language=accept_language,
        )
        headers = [
            (name.encode("ascii"), value.encode("latin-1"))
            for name, value in rendered.headers
            if name != "content-length"
        ]
        await self.answer(Answer(rendered.status, rendered.body, headers))
