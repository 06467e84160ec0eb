"""One trace from the caller through the service to its database, sent only where a collector is named."""

import asyncio
import signal
from pathlib import Path

import httpx2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chassis import telemetry
from chassis.http import new_client
from tests.support.databases import ServiceDatabase
from tests.support.processes import ThingsProcess

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{PARENT_ID}-01"


class Collector:
    """An OTLP collector on a free port that keeps the spans."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import gzip

        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if "content-length" in line)
        body = await reader.readexactly(length)
        if "content-encoding: gzip" in head:
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def test_request_and_query_are_spans_of_the_callers_trace(
    chassis_database: ServiceDatabase, tmp_path: Path
) -> None:
    collector = Collector()
    server = await asyncio.start_server(collector.take, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    process = ThingsProcess(chassis_database, tmp_path / "keys", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    async with server, process.running("serve") as running, httpx2.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{process.port}/things"
        await client.get(url, headers={"traceparent": TRACEPARENT})
        refused = await client.get(f"{url}?limit=0", headers={"traceparent": TRACEPARENT})
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 30) == 0

    ours = [span for span in collector.spans if span.trace_id.hex() == TRACE_ID]
    requests = [span for span in ours if span.name == "GET /things"]
    queries = [span for span in ours if span.kind == Span.SPAN_KIND_CLIENT]
    assert refused.json()["trace_id"] == TRACE_ID
    assert [span.parent_span_id.hex() for span in requests] == [PARENT_ID, PARENT_ID]
    assert queries
    assert {span.parent_span_id for span in queries} <= {span.span_id for span in requests}
    assert not any("limit=0" in str(span) for span in ours)


async def test_context_travels_on_to_peers_and_into_events() -> None:
    sent: list[str | None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.headers.get("traceparent"))
        return httpx2.Response(204)

    with telemetry.consumer_span("visit.recorded", TRACEPARENT):
        stored = telemetry.current_traceparent()
        async with new_client(transport=httpx2.MockTransport(answer)) as client:
            await client.get("http://peer.test/")

    assert stored is not None
    assert stored.startswith(f"00-{TRACE_ID}-")
    assert sent[0] is not None
    assert sent[0].startswith(f"00-{TRACE_ID}-")


def test_span_of_a_request_continues_the_callers_trace() -> None:
    with telemetry.server_span("GET", [(b"traceparent", TRACEPARENT.encode())]) as span:
        assert telemetry.trace_id_of(span) == TRACE_ID
    with telemetry.server_span("GET", [(b"traceparent", b"nonsense")]) as span:
        assert telemetry.trace_id_of(span) != TRACE_ID
