"""What of a request's head goes on, what comes back, and what only the gateway may say."""

import asyncio

import pytest

from chassis.testing import PUBLIC_URL
from gateway.calls import Receive, Scope, Send
from tests.gateway.running import Running, Upstream, answer, citizen, running_gateway

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_forwarding_fields_of_a_caller_are_replaced(gateway: Running, upstream: Upstream) -> None:
    await gateway.client.get(
        "/v1/me",
        headers={
            **citizen(),
            "x-forwarded-for": "10.1.2.3",
            "x-forwarded-host": "evil.example",
            "x-forwarded-proto": "gopher",
            "x-forwarded-prefix": "/x",
            "forwarded": "for=10.1.2.3;host=evil.example",
            "x-real-ip": "10.1.2.3",
            "x-lienthong-actor": "admin",
            "host": "evil.example",
        },
    )

    seen = upstream.seen[0]
    assert seen.all("x-forwarded-for") == ["127.0.0.1"]
    assert seen.all("x-forwarded-host") == [PUBLIC_URL.removeprefix("http://")]
    assert seen.all("x-forwarded-proto") == ["http"]
    assert seen.all("host") == [upstream.url.removeprefix("http://")]
    for name in ("x-forwarded-prefix", "forwarded", "x-real-ip", "x-lienthong-actor"):
        assert seen.all(name) == []


async def test_trusted_balancer_names_the_caller(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, trusted_proxies=("127.0.0.0/8",)) as behind_balancer:
        await behind_balancer.client.get("/oauth2/jwks", headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})

    assert upstream.seen[0].all("x-forwarded-for") == ["203.0.113.9"]


async def test_hop_by_hop_fields_and_those_that_connection_names_stay_behind(
    gateway: Running, upstream: Upstream
) -> None:
    await gateway.client.get(
        "/v1/me",
        headers={
            **citizen(),
            "connection": "x-secret, keep-alive",
            "x-secret": "1",
            "te": "trailers",
            "x-kept": "2",
        },
    )

    seen = upstream.seen[0]
    assert (seen.all("x-secret"), seen.all("te"), seen.all("connection")) == ([], [], [])
    assert seen.all("x-kept") == ["2"]


async def test_cookies_go_only_where_sessions_are_kept(gateway: Running, upstream: Upstream) -> None:
    await gateway.client.get("/v1/me/health-book", headers={**citizen(), "cookie": "session=1"})
    await gateway.client.get("/oauth2/authorize", headers={"cookie": "session=1"})

    assert [seen.all("cookie") for seen in upstream.seen] == [[], ["session=1"]]


async def test_path_and_query_go_on_unchanged(gateway: Running, upstream: Upstream) -> None:
    await gateway.raw(
        b'GET /sandbox/a%20b~\'(c)?q=%C3%A1&x="<|>" HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
    )

    assert upstream.seen[0].path == "/sandbox/a%20b~'(c)"
    assert upstream.seen[0].query == 'q=%C3%A1&x="<|>"'


async def test_trace_is_continued_with_a_span_of_the_gateway(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.get("/v1/me", headers={**citizen(), "traceparent": TRACEPARENT})

    (given,) = upstream.seen[0].all("traceparent")
    assert given.split("-")[1] == TRACEPARENT.split("-")[1]
    assert given.split("-")[2] != TRACEPARENT.split("-")[2]
    assert given.split("-")[3] == "01"
    assert result.headers["traceparent"] == given


@pytest.mark.parametrize(
    "given",
    [
        None,
        "nonsense",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    ],
)
async def test_trace_is_started_where_none_came(
    gateway: Running, upstream: Upstream, given: str | None
) -> None:
    headers = citizen() if given is None else {**citizen(), "traceparent": given}

    await gateway.client.get("/v1/me", headers=headers)

    version, trace_id, span_id, _flags = upstream.seen[0].all("traceparent")[0].split("-")
    assert version == "00"
    assert len(trace_id) == 32
    assert set(trace_id) != {"0"}
    assert trace_id not in (given or "")
    assert len(span_id) == 16


async def test_request_id_is_echoed_and_passed_on(gateway: Running, upstream: Upstream) -> None:
    result = await gateway.client.get("/v1/me", headers={**citizen(), "x-request-id": "abc-1"})

    assert result.headers["x-request-id"] == "abc-1"
    assert upstream.seen[0].all("x-request-id") == ["abc-1"]


@pytest.mark.parametrize("given", ["a b", "x" * 129])
async def test_request_id_that_is_no_id_is_replaced(gateway: Running, upstream: Upstream, given: str) -> None:
    result = await gateway.client.get("/v1/me", headers={**citizen(), "x-request-id": given})

    assert result.headers["x-request-id"] != given
    assert upstream.seen[0].all("x-request-id") == [result.headers["x-request-id"]]


async def test_answer_keeps_its_fields_and_gets_ours_once(gateway: Running, upstream: Upstream) -> None:
    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"etag", b'"1"'),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
            (b"server", b"secret-server/1"),
            (b"connection", b"x-hop"),
            (b"x-request-id", b"not-this"),
            (b"content-type", b"text/html"),
            (b"x-name", "Nguyễn".encode()),
        ]
        await answer(send, 200, b"<p>", headers)

    upstream.behaviours["/oauth2/authorize"] = behaviour

    result = await gateway.client.get("/oauth2/authorize")

    assert result.headers["etag"] == '"1"'
    assert result.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "server" not in result.headers
    assert len(result.headers.get_list("x-request-id")) == 1
    assert result.headers["x-request-id"] != "not-this"
    assert result.headers["x-content-type-options"] == "nosniff"
    assert result.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in result.headers["content-security-policy"]
    assert dict(result.headers.raw)[b"x-name"] == "Nguyễn".encode()


@pytest.mark.parametrize("status", [204, 304])
async def test_answer_without_a_body_comes_through(gateway: Running, upstream: Upstream, status: int) -> None:
    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": status, "headers": [(b"etag", b'"1"')]})
        await send({"type": "http.response.body", "body": b""})

    upstream.behaviours["/v1/me"] = behaviour

    first = await gateway.client.get("/v1/me", headers=citizen())
    second = await asyncio.wait_for(gateway.client.get("/v1/me", headers=citizen()), 5)

    assert (first.status_code, second.status_code, first.content) == (status, status, b"")


async def test_body_of_a_post_without_one_is_declared_empty(gateway: Running, upstream: Upstream) -> None:
    await gateway.client.post("/v1/me/notifications/0199/read", headers=citizen())

    assert upstream.seen[0].all("content-length") == ["0"]
