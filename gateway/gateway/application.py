"""The gateway as one raw ASGI application: what happens to a request, in order.

Raw ASGI instead of a web framework: a framework's route with a client library forwards some 500 requests a
second on a core, this one tens of thousands (decision 0007), and nothing here needs more than a path and
headers.
"""

import os
import re
import time

from chassis import metrics as process_metrics
from chassis.auth import Actor, TokenVerifier, bearer_token
from chassis.errors import InternalError, MethodNotAllowed, NotFound, Overloaded, Problem, RateLimited
from chassis.logging import access_line, get_logger
from gateway import metrics
from gateway.addresses import ClientAddresses, quota_key
from gateway.calls import SECURITY_HEADERS, STRICT_TRANSPORT, Answer, Call, RawHeaders, Receive, Scope, Send
from gateway.forwarding.failures import ClientGone
from gateway.forwarding.forward import Forwarder
from gateway.limits import Limiter, Quota
from gateway.own_routes import OwnRoutes
from gateway.problems import MalformedRequest
from gateway.requests import RequestHead, check_path
from gateway.routes import Auth, RoutingTable
from gateway.settings import GatewaySettings
from gateway.tracing import Tracing

log = get_logger("gateway")
_REQUEST_ID = re.compile(rb"[!-~]{1,128}\Z")


class Gateway:
    """Takes every request. Everything that it uses is given to it, built in `assembly`."""

    def __init__(
        self,
        *,
        settings: GatewaySettings,
        table: RoutingTable,
        forwarder: Forwarder,
        own_routes: OwnRoutes,
        verifier: TokenVerifier,
        tracing: Tracing,
    ) -> None:
        self._table = table
        self._forwarder = forwarder
        self._own_routes = own_routes
        self._verifier = verifier
        self._tracing = tracing
        self._addresses = ClientAddresses(settings.trusted_proxies)
        self._max_headers = settings.max_headers
        self._max_header_bytes = settings.max_header_bytes
        self._max_concurrent_requests = settings.max_concurrent_requests
        self._limiter = Limiter(time.monotonic)
        self._person_quota = Quota("person", settings.person_requests_per_minute, settings.person_burst)
        self._system_quota = Quota("system", settings.system_requests_per_minute, settings.system_burst)
        self._address_quota = Quota("address", settings.address_requests_per_minute, settings.address_burst)
        self._always: RawHeaders = [*SECURITY_HEADERS]
        self._transport_security: RawHeaders = [STRICT_TRANSPORT] if settings.is_https else []
        self._in_flight = 0
        self._timers: dict[tuple[str, str, int], _Observer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started_at = time.perf_counter()
        call = Call(scope, receive, send, self._tracing.start(scope["method"], scope["headers"]), started_at)
        call.common_headers = self._transport_security
        self._identify(call)
        self._in_flight += 1
        try:
            await self._serve(call)
        except ClientGone:
            call.status = 499
        except Problem as problem:
            await self._refuse(call, problem)
        except (
            Exception
        ) as failure:  # the last line: whatever it is, the caller gets a problem and we get the trace
            log.error(
                "request.failed", route=call.route_template, trace_id=call.trace.trace_id, exc_info=failure
            )
            await self._refuse(call, InternalError())
        finally:
            self._in_flight -= 1
            self._finish(call)

    async def _serve(self, call: Call) -> None:
        scope = call.scope
        call.head = RequestHead(scope, max_headers=self._max_headers, max_bytes=self._max_header_bytes)
        check_path(call.raw_path)
        own = self._own_routes.find(call.raw_path)
        if own is not None:
            call.route_template = (
                "/assets/*" if call.raw_path.startswith(b"/assets/") else call.raw_path.decode()
            )
            methods = OwnRoutes.methods(call.raw_path)
            self._count_address(call, cost=0 if call.raw_path in OwnRoutes.UNCOUNTED else 1)
            if call.method == "OPTIONS":
                await call.answer(Answer(204, b"", [(b"allow", ", ".join(methods).encode())]))
            elif call.method not in methods:
                raise MethodNotAllowed(headers={"allow": ", ".join(methods)})
            else:
                answer = await own(call)
                await call.answer(Answer(answer.status, answer.body, [*answer.headers, *self._always]))
            return
        match = self._table.find(call.raw_path)
        if match is None:
            self._count_address(call)
            raise NotFound
        call.route_template = match.template
        route = match.by_method.get(call.method)
        if route is None:
            self._count_address(call)
            if call.method == "OPTIONS":
                await call.answer(Answer(204, b"", [(b"allow", match.allow.encode()), *self._always]))
                return
            raise MethodNotAllowed(headers={"allow": match.allow})
        call.route = route
        if route.auth is Auth.TOKEN:
            await self._authenticate(call)
        else:
            self._count_address(call)
        if self._in_flight > self._max_concurrent_requests:
            metrics.SHED.inc()
            raise Overloaded(headers={"retry-after": "1"})
        await self._forwarder.forward(call)

    def _identify(self, call: Call) -> None:
        """Read what every answer needs, before anything can be refused."""
        client = call.scope["client"]
        peer = client[0] if client else "unknown"
        forwarded_for: bytes | None = None
        for name, value in call.scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.match(value):
                call.request_id = value.decode("ascii")
            elif name == b"x-forwarded-for":
                forwarded_for = value if forwarded_for is None else forwarded_for + b"," + value
        if not call.request_id:
            call.request_id = os.urandom(16).hex()
        call.client_address = self._addresses.resolve(
            peer, None if forwarded_for is None else forwarded_for.decode("latin-1")
        )

    async def _authenticate(self, call: Call) -> None:
        """Find out who asks and count the request to them; who cannot say is counted by address."""
        try:
            actor = await self._verifier.verify(bearer_token(call.head.text(b"authorization")))
        except Problem:
            self._count_address(call)
            raise
        call.actor = actor
        quota = self._system_quota if actor.kind in ("system", "service") else self._person_quota
        self._count(call, _person_key(actor), quota)

    def _count_address(self, call: Call, *, cost: int = 1) -> None:
        self._count(call, quota_key(call.client_address), self._address_quota, cost=cost)

    def _count(self, call: Call, key: str, quota: Quota, *, cost: int = 1) -> None:
        verdict = call.verdict = self._limiter.take(key, quota, cost=cost)
        if not verdict.allowed:
            metrics.RATE_LIMITED.labels(quota.name).inc()
            raise RateLimited(headers={"retry-after": str(verdict.retry_after_seconds)})

    async def _refuse(self, call: Call, problem: Problem) -> None:
        process_metrics.PROBLEMS.labels(problem.code).inc()
        if isinstance(problem, MalformedRequest):
            log.info("request.malformed", reason=problem.context["reason"], trace_id=call.trace.trace_id)
        if call.started:
            return
        if call.verdict is None:
            # Refused before it could be counted: still say where the address stands, and count it.
            call.verdict = self._limiter.take(quota_key(call.client_address), self._address_quota)
        language = next(
            (value.decode("latin-1") for name, value in call.scope["headers"] if name == b"accept-language"),
            None,
        )
        call.common_headers = [*call.common_headers, *self._always]
        await call.refuse(problem, language)

    def _finish(self, call: Call) -> None:
        seconds = time.perf_counter() - call.started_at
        key = (call.method, call.route_template, call.status)
        observer = self._timers.get(key)
        if observer is None:
            observer = self._timers[key] = _Observer(*key)
        observer.observe(seconds)
        call.trace.finish(method=call.method, route=call.route_template, status=call.status)
        if call.reason is not None:
            log.warning(
                "upstream.failed",
                peer=call.upstream,
                reason=call.reason,
                route=call.route_template,
                method=call.method,
                trace_id=call.trace.trace_id,
            )
        if call.raw_path not in OwnRoutes.UNCOUNTED:
            access_line(
                method=call.method,
                route=call.route_template,
                status=call.status,
                duration_ms=round(seconds * 1000, 2),
                request_id=call.request_id,
                trace_id=call.trace.trace_id,
                actor=call.actor,
                code=call.problem_code,
            )

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @property
    def quota_keys(self) -> int:
        return len(self._limiter)


class _Observer:
    """The histogram's child of one route, method and status, looked up once."""

    __slots__ = ("observe",)

    def __init__(self, method: str, route: str, status: int) -> None:
        self.observe = process_metrics.REQUEST_SECONDS.labels(method, route, str(status)).observe


def _person_key(actor: Actor) -> str:
    """A quota belongs to a client and a person: one app cannot use up another's, nor one person
    everybody's.
    """
    return f"{actor.client_id} {actor.subject}"
