"""The outermost layer of a service, around FastAPI and below nothing: raw ASGI, because it runs on every
request.

Gives each request its id, span, figures and log line; refuses oversized headers; turns what nobody caught
into a problem; bounds the bodies held at once; asks clients to reconnect elsewhere while the process drains.
"""

import time
from typing import Any

from opentelemetry.trace import Span
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import metrics, telemetry
from chassis.body_budget import BodyBudget
from chassis.errors import BodyTooLarge, HeadersTooLarge, Overloaded, Problem, render
from chassis.failures import problem_of
from chassis.health import Readiness
from chassis.ids import new_id
from chassis.logging import access_line, get_logger
from contracts.problem import PROBLEM_MEDIA_TYPE

_REQUEST_ID = b"x-request-id"
_UNLOGGED = frozenset({"/healthz", "/readyz"})
_UNMATCHED = "unmatched"
_VISIBLE = frozenset(range(0x21, 0x7F))

log = get_logger(__name__)


class Edge:
    """ASGI middleware; see the module."""

    def __init__(
        self, app: ASGIApp, *, readiness: Readiness, max_header_bytes: int, max_held_body_bytes: int
    ) -> None:
        self.app = app
        self.readiness = readiness
        self.max_header_bytes = max_header_bytes
        self.bodies = BodyBudget(max_held_body_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        metrics.REQUESTS_IN_FLIGHT.inc()
        try:
            with telemetry.server_span(scope["method"], scope["headers"]) as span:
                exchange = _Exchange(self, span, scope, receive, send)
                await exchange.run()
        finally:
            metrics.REQUESTS_IN_FLIGHT.dec()


class _Exchange:
    """One request and its answer."""

    def __init__(self, edge: Edge, span: Span, scope: Scope, receive: Receive, send: Send) -> None:
        self._edge = edge
        self._span = span
        self._scope = scope
        self._receive = receive
        self._send = send
        self._held_bytes = 0
        self._is_over_budget = False
        self._status = 0
        self._is_replaced = False
        self._request_id = _request_id(scope["headers"])
        state = scope.setdefault("state", {})
        state["trace_id"] = telemetry.trace_id_of(span)
        state["request_id"] = self._request_id.decode()

    async def run(self) -> None:
        started_at = time.perf_counter()
        header_bytes = sum(len(name) + len(value) for name, value in self._scope["headers"])
        try:
            if header_bytes > self._edge.max_header_bytes:
                await self._answer(HeadersTooLarge())
            else:
                await self._edge.app(self._scope, self.receive, self.send)
        except ClientDisconnect:
            if self._is_over_budget and not self._status:
                await self._answer_over_budget()
            self._status = self._status or 499
        except Exception as failure:
            log.exception("http.failed", route=self._route())
            if self._status:  # the answer has begun: break the connection, so that nobody takes it for whole
                raise
            await self._answer(problem_of(failure))
        finally:
            self._edge.bodies.give_back(self._held_bytes)
            self._account(time.perf_counter() - started_at)

    async def receive(self) -> Message:
        """Pass a part of the body on; over the budget the rest is not read, as if the client had gone."""
        message = await self._receive()
        count = len(message.get("body", b""))
        if not self._edge.bodies.take(count):
            self._is_over_budget = True
            return {"type": "http.disconnect"}
        self._held_bytes += count
        return message

    async def send(self, message: Message) -> None:
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if self._is_over_budget:  # the framework answers 400 to a body that ends early
                await self._answer_over_budget()
                self._is_replaced = True
                return
            if message["status"] == 413 and not _is_problem(headers):
                await self._answer(BodyTooLarge(headers={"connection": "close"}))
                self._is_replaced = True  # the framework's own limit answers in plain text
                return
            self._status = message["status"]
            headers.append((_REQUEST_ID, self._request_id))
            if self._edge.readiness.is_draining:
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        await self._send(message)

    async def _answer_over_budget(self) -> None:
        self._is_over_budget = False  # what follows is its answer
        await self._answer(Overloaded(headers={"connection": "close"}))

    async def _answer(self, problem: Problem) -> None:
        self._scope["state"]["problem_code"] = problem.code
        metrics.PROBLEMS.labels(problem.code).inc()
        accept_language = next((v for n, v in self._scope["headers"] if n == b"accept-language"), b"")
        rendered = render(
            problem,
            instance=self._scope["path"],
            trace_id=self._scope["state"]["trace_id"],
            accept_language=accept_language.decode("latin-1"),
        )
        headers = [(name.encode(), value.encode("latin-1")) for name, value in rendered.headers]
        await self.send({"type": "http.response.start", "status": rendered.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": rendered.body})

    def _account(self, seconds: float) -> None:
        method, route = self._scope["method"], self._route()
        status = self._status or 500
        metrics.observe_request(_known(method), route, status, seconds)
        telemetry.finish(self._span, method=_known(method), route=route, status=status)
        if route not in _UNLOGGED:
            state = self._scope["state"]
            access_line(
                method=_known(method),
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 2),
                request_id=state["request_id"],
                trace_id=state["trace_id"],
                actor=state.get("actor"),
                code=state.get("problem_code"),
            )

    def _route(self) -> str:
        return route_template(self._scope)


def route_template(scope: Scope) -> str:
    """Return the template of the matched route (`/v1/me/visits/{id}`), or `unmatched`."""
    context: Any = scope.get("fastapi", {}).get("effective_route_context")
    template = getattr(context, "path_format", None) or getattr(scope.get("route"), "path_format", None)
    return str(template) if template else _UNMATCHED


def _is_problem(headers: list[tuple[bytes, bytes]]) -> bool:
    return (b"content-type", PROBLEM_MEDIA_TYPE.encode()) in headers


def _known(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "OTHER"


def _request_id(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Return the caller's X-Request-Id when it is 1–128 visible characters, else a new one."""
    given = next((value for name, value in headers if name == _REQUEST_ID), b"")
    if 0 < len(given) <= 128 and _VISIBLE.issuperset(given):
        return given
    return str(new_id()).encode()
