"""W3C trace context of one request: continued when the caller brings one, started when not.

Spans of the SDK are made only where a collector is configured: a span that nobody records costs as much as
the rest of the gateway's own work. The ids are there always, for problems, logs and the services behind.
"""

import os
import re

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind

from chassis import telemetry

_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")
_ZERO_TRACE = "0" * 32
_ZERO_SPAN = "0" * 16


class RequestTrace:
    """Ids of this request's span; `span` when it is recorded."""

    __slots__ = ("flags", "span", "span_id", "trace_id")

    def __init__(self, trace_id: str, span_id: str, flags: str, span: Span | None = None) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.flags = flags
        self.span = span

    def traceparent(self) -> bytes:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}".encode()

    def finish(self, *, method: str, route: str, status: int) -> None:
        """End the span, named by the route's template."""
        if self.span is not None:
            telemetry.finish(self.span, method=method, route=route, status=status)
            self.span.end()


class Tracing:
    """Starts the trace of each request. `recording`: a collector is configured."""

    def __init__(self, *, recording: bool) -> None:
        self._tracer = trace.get_tracer("lienthong.gateway") if recording else None

    def start(self, method: str, headers: list[tuple[bytes, bytes]]) -> RequestTrace:
        """Return the trace of a request; a `traceparent` that is not W3C's is ignored as the standard
        says.
        """
        traceparent = None
        for name, value in headers:
            if name == b"traceparent":
                traceparent = _TRACEPARENT.match(value)
                break
        if self._tracer is not None:
            span = self._tracer.start_span(
                method,
                context=telemetry.context_from(traceparent[0].decode() if traceparent else None),
                kind=SpanKind.SERVER,
                record_exception=False,
            )
            context = span.get_span_context()
            return RequestTrace(
                format(context.trace_id, "032x"),
                format(context.span_id, "016x"),
                format(int(context.trace_flags), "02x"),
                span,
            )
        if traceparent is not None:
            trace_id = traceparent[1].decode()
            if trace_id != _ZERO_TRACE and traceparent[2].decode() != _ZERO_SPAN:
                return RequestTrace(trace_id, os.urandom(8).hex(), traceparent[3].decode())
        random = os.urandom(24).hex()
        return RequestTrace(random[:32], random[32:], "00")
