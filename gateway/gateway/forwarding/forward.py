"""The streaming of one request to its service and of the answer back, with back-pressure both ways.

The body goes up in a task of its own, so that a service may answer before it has read everything; the answer
comes down in the caller's task. Each side's slowness stops the other side's reading: memory per request is
bounded by the two socket buffers and 256 KiB.
"""

import asyncio
from collections.abc import Callable

from chassis.errors import Overloaded, UpstreamUnavailable
from gateway import metrics
from gateway.calls import SECURITY_HEADERS, Call, RawHeaders
from gateway.forwarding.body import Body, watch_caller
from gateway.forwarding.connection import Connection
from gateway.forwarding.failures import (
    AnswerTimeout,
    ClientStalled,
    ConnectFailed,
    ConnectionLost,
    PoolExhausted,
    UpstreamFailure,
)
from gateway.forwarding.pool import Pool
from gateway.problems import RequestTimeout
from gateway.requests import HOP_BY_HOP
from gateway.routes import Service

# The service's own name for itself and what only the gateway says.
_NOT_PASSED_BACK = HOP_BY_HOP | {
    b"server",
    b"date",
    b"x-request-id",
    b"traceparent",
    b"ratelimit",
    b"ratelimit-policy",
    b"x-content-type-options",
    b"referrer-policy",
    b"strict-transport-security",
}
# For pages of services that set no policy of their own. No form-action: signing in ends with a redirect of a
# form's answer to the app's own address, which that directive would block.
_PAGE_POLICY = (
    b"content-security-policy",
    b"default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
)
_NO_STORE = (b"cache-control", b"no-store")


class Forwarder:
    """Sends calls to the services. `forwarded_lines`: what each request says of the public side."""

    def __init__(
        self, pools: dict[Service, Pool], *, forwarded_lines: bytes, client_timeout_seconds: float
    ) -> None:
        self._pools = pools
        self._forwarded_lines = forwarded_lines
        self._client_timeout_seconds = client_timeout_seconds
        self._head_starts = {
            service: b" HTTP/1.1\r\nhost: " + pool.authority + b"\r\n" for service, pool in pools.items()
        }

    async def forward(self, call: Call) -> None:
        """Answer the call with the service's answer.

        Raises: BodyTooLarge, RequestTimeout, Overloaded, UpstreamUnavailable before anything was answered;
            ClientGone when nobody is left to answer. An answer that breaks off ends the caller's connection.
        """
        service = call.route.service
        call.upstream = service.value
        pool = self._pools.get(service)
        if pool is None:
            raise UpstreamUnavailable(headers={"retry-after": "5"}, peer=service.value, reason="no address")
        body = Body(call, self._client_timeout_seconds) if call.head.has_body else None
        if body is not None:
            await body.receive_first()
        if not pool.breaker.allows():
            call.reason = "breaker open"
            raise UpstreamUnavailable(
                headers={"retry-after": str(pool.breaker.retry_after_seconds())}, peer=service.value
            )
        try:
            await self._exchange(call, pool, body)
        except PoolExhausted as failure:
            call.reason = failure.reason
            metrics.UPSTREAM_FAILURES.labels(service.value, "PoolExhausted").inc()
            raise Overloaded(headers={"retry-after": "1"}) from failure
        except UpstreamFailure as failure:
            call.reason = f"{type(failure).__name__}: {failure.reason}"
            metrics.UPSTREAM_FAILURES.labels(service.value, type(failure).__name__).inc()
            if call.started:
                return  # the server closes the caller's connection: a cut answer must not look whole
            raise UpstreamUnavailable(headers={"retry-after": "1"}, peer=service.value) from failure
        except ClientStalled as failure:
            raise RequestTimeout(headers={"connection": "close"}) from failure

    async def _exchange(self, call: Call, pool: Pool, body: "Body | None") -> None:
        head = self._request_head(call, body)
        attempts_left = 1 if body is None and call.route.is_safe_to_retry(call.method) else 0
        fresh = False
        while True:
            try:
                connection = await pool.acquire(fresh=fresh)
            except ConnectFailed:
                if not attempts_left:
                    pool.breaker.failed()
                    raise
            else:
                try:
                    await self._on_connection(call, pool, connection, head, body)
                    return
                except ConnectionLost as failure:
                    if failure.answered or call.started or not attempts_left:
                        pool.breaker.failed()
                        raise
                except AnswerTimeout:
                    if not call.started:  # else the caller may have been the slow one
                        pool.breaker.failed()
                    raise
                except UpstreamFailure:
                    pool.breaker.failed()
                    raise
                finally:
                    pool.release(connection)
            attempts_left -= 1
            fresh = True
            metrics.UPSTREAM_RETRIES.labels(call.route.service.value).inc()

    async def _on_connection(
        self, call: Call, pool: Pool, connection: Connection, head: bytes, body: "Body | None"
    ) -> None:
        route = call.route
        loop = asyncio.get_running_loop()
        whole = body is None or body.is_whole
        answered = connection.begin(
            head if body is None else head + body.take_first(),
            whole=whole,
            read_timeout_seconds=route.read_timeout_seconds,
            client_timeout_seconds=self._client_timeout_seconds,
            deadline_at=loop.time() + route.total_timeout_seconds,
        )
        side: asyncio.Task[None] | None = None

        def watch() -> None:
            nonlocal side
            if side is None:
                side = loop.create_task(watch_caller(call, connection))

        if whole:
            connection.on_slow = watch
        else:
            assert body is not None  # noqa: S101  # a request without a body is whole
            side = loop.create_task(body.send_rest(connection))
        try:
            await answered
            pool.breaker.succeeded()
            await self._pass_back(call, connection, watch)
        finally:
            if side is not None:
                side.cancel()

    async def _pass_back(self, call: Call, connection: Connection, watch: Callable[[], None]) -> None:
        call.started = True
        call.status = connection.status
        send = call.send
        await send(
            {
                "type": "http.response.start",
                "status": connection.status,
                "headers": _answer_headers(connection.headers, call),
            }
        )
        if call.method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        if not connection.is_complete:
            watch()
            await send({"type": "http.response.body", "body": b"", "more_body": True})  # the head goes now
        while not connection.is_complete:
            data = await connection.read()
            if data and not connection.is_complete:
                await send({"type": "http.response.body", "body": data, "more_body": True})
            elif data:
                await send({"type": "http.response.body", "body": data})
                return
        await send({"type": "http.response.body", "body": await connection.read()})

    def _request_head(self, call: Call, body: "Body | None") -> bytes:
        head = call.head
        query: bytes = call.scope["query_string"]
        parts = [
            b"GET" if call.method == "HEAD" else call.method.encode("ascii"),
            b" ",
            call.raw_path,
            b"?" + query if query else b"",
            self._head_starts[call.route.service],
            head.lines,
            self._forwarded_lines,
            b"x-forwarded-for: ",
            call.client_address.encode("latin-1"),
            b"\r\nx-request-id: ",
            call.request_id.encode("latin-1"),
            b"\r\ntraceparent: ",
            call.trace.traceparent(),
        ]
        if call.route.cookies and b"cookie" in head.values:
            parts += (b"\r\ncookie: ", head.values[b"cookie"])
        if body is not None:
            parts.append(body.framing)
        elif head.content_length == 0 or call.method in ("POST", "PUT", "PATCH"):
            parts.append(b"\r\ncontent-length: 0")
        parts.append(b"\r\n\r\n")
        return b"".join(parts)


def _answer_headers(upstream: RawHeaders, call: Call) -> RawHeaders:
    headers: RawHeaders = []
    bodiless = call.status in (204, 304)
    is_page = has_policy = has_cache = False
    for name, value in upstream:
        if name in _NOT_PASSED_BACK or (bodiless and name == b"content-length"):
            continue
        headers.append((name, value))
        if name == b"content-type":
            is_page = value.startswith(b"text/html")
        elif name == b"cache-control":
            has_cache = True
        elif name == b"content-security-policy":
            has_policy = True
    if is_page and not has_policy:
        headers.append(_PAGE_POLICY)
    if not has_cache:
        headers.append(_NO_STORE)
    headers += SECURITY_HEADERS
    headers += call.answer_headers()
    return headers
