"""Traces: one span per request and per message, W3C context in, out and across events.

The SDK's provider is always set, so that every process knows its trace ids for logs and problems; spans are
recorded and sent only where a collector is configured. FastAPI's own instrumentation stays off: it makes
three spans per request and knows nothing of the gateway.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

RawHeaders = Iterable[tuple[bytes, bytes]]

_tracer = trace.get_tracer("lienthong")
_W3C = TraceContextTextMapPropagator()
_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")
_recording: list[TracerProvider] = []
"""The provider that sends spans somewhere, if there is one."""


def configure(*, service: str, otlp_endpoint: str | None, sampling_ratio: float) -> TracerProvider:
    """Set the process's tracer provider; call once, before the first span. The caller shuts it down at the
    end.
    """
    root: Sampler = TraceIdRatioBased(sampling_ratio) if otlp_endpoint else ALWAYS_OFF
    sampler = ParentBased(root) if otlp_endpoint else ALWAYS_OFF
    provider = TracerProvider(sampler=sampler, resource=Resource.create({"service.name": service}))
    if otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        endpoint = f"{otlp_endpoint.rstrip('/')}/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    propagate.set_global_textmap(_W3C)  # no baggage: what a caller adds there would travel into events
    _recording[:] = [provider] if otlp_endpoint else []
    if otlp_endpoint:
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

        instrumentor = AsyncPGInstrumentor(capture_parameters=False)  # type: ignore[no-untyped-call]  # not typed
        instrumentor.instrument(tracer_provider=provider)
    return provider


class _RawHeaderGetter(Getter[RawHeaders]):
    def get(self, carrier: RawHeaders, key: str) -> list[str] | None:
        name = key.lower().encode()
        return [value.decode("latin-1") for header, value in carrier if header == name] or None

    def keys(self, carrier: RawHeaders) -> list[str]:
        return [header.decode("latin-1") for header, _ in carrier]


_RAW_HEADERS = _RawHeaderGetter()


@contextmanager
def server_span(method: str, headers: RawHeaders) -> Iterator[Span]:
    """Give the span of one incoming request, child of its `traceparent`; name it by the route with
    `finish`.
    """
    if not _recording:
        span = _unrecorded(headers)
        token = context.attach(trace.set_span_in_context(span))
        try:
            yield span
        finally:
            context.detach(token)
        return
    parent = _W3C.extract(headers, getter=_RAW_HEADERS)
    with _tracer.start_as_current_span(
        method, context=parent, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    ) as recorded:
        yield recorded


def _unrecorded(headers: RawHeaders) -> Span:
    """Return a span that only carries its ids: a fifth of the SDK's cost, where nobody would see more."""
    given = next((value for name, value in headers if name == b"traceparent"), b"")
    parent = _TRACEPARENT.fullmatch(given)
    if parent is not None and int(parent[1], 16):
        trace_id, flags = int(parent[1], 16), TraceFlags(int(parent[2], 16))
    else:
        trace_id, flags = random.getrandbits(128), TraceFlags()
    return NonRecordingSpan(SpanContext(trace_id, random.getrandbits(64), is_remote=False, trace_flags=flags))


def finish(span: Span, *, method: str, route: str, status: int) -> None:
    """Name a request's span by its route template (never by its path) and set the outcome."""
    if span.is_recording():
        span.update_name(f"{method} {route}")
        span.set_attribute("http.request.method", method)
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))


def trace_id_of(span: Span) -> str | None:
    """Return the 32 hex digits of a span's trace."""
    context = span.get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


def current_traceparent() -> str | None:
    """Return the W3C `traceparent` of the current span, for an outbox row or a message header."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent")


def context_from(traceparent: str | None) -> Context | None:
    """Return the context of a `traceparent` that came with an event; None when it has none."""
    return _W3C.extract({"traceparent": traceparent}) if traceparent else None


@contextmanager
def consumer_span(
    name: str, traceparent: str | None, attributes: Mapping[str, str] | None = None
) -> Iterator[Span]:
    """Give the span of the handling of one message, child of the span that caused it."""
    with _tracer.start_as_current_span(
        name,
        context=context_from(traceparent) or Context(),
        kind=SpanKind.CONSUMER,
        attributes=attributes,
        record_exception=False,
    ) as span:
        yield span
