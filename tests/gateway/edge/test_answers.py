"""What is written to the caller is HTTP, whatever a service or a caller put into it."""

import pytest

from gateway.calls import Receive, Scope, Send
from tests.gateway.running import Running, Upstream, answer, citizen, running_gateway


@pytest.mark.parametrize(("version", "keeps"), [(b"1.1", True), (b"1.0", False)])
async def test_connection_is_kept_where_the_caller_can(gateway: Running, version: bytes, keeps: bool) -> None:
    received = await gateway.raw(b"GET /healthz HTTP/%b\r\nhost: a\r\n\r\n" % version, seconds=0.5)

    assert (b"connection: close" not in received) is keeps
    assert received.endswith(b'{"status":"ok"}')


async def test_field_with_a_line_break_never_reaches_a_caller() -> None:
    """Nothing that passes the parsers can hold one; this is the lock behind them."""
    from gateway.answers import OneWriteCycle

    cycle = OneWriteCycle.__new__(OneWriteCycle)
    cycle.default_headers, cycle.keep_alive, cycle.chunked_encoding = [], True, None
    cycle.scope = {"method": "GET"}  # type: ignore[typeddict-item]  # all that is read of it

    for value in (b"a\r\nset-cookie: x=1", b"a\nb", b"a\rb"):
        with pytest.raises(RuntimeError, match="line break"):
            cycle._head(200, [(b"x", value)])


async def test_answer_shorter_than_it_says_ends_the_connection(gateway: Running, upstream: Upstream) -> None:
    async def behaviour(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, b"12345")

    upstream.behaviours["/oauth2/jwks"] = behaviour

    received = await gateway.raw(b"GET /oauth2/jwks HTTP/1.1\r\nhost: a\r\n\r\n", seconds=0.5)

    assert received.count(b"HTTP/1.1 ") == 1
    assert received.endswith(b"\r\n\r\n12345")


async def test_answer_of_the_last_line_tells_nothing(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_gateway(upstream.url) as gateway:

        def broken(_path: bytes) -> None:
            raise RuntimeError("a secret of the gateway")

        monkeypatch.setattr("gateway.application.check_path", broken)
        result = await gateway.client.get("/v1/me", headers=citizen())

    assert (result.status_code, result.json()["code"]) == (500, "internal_error")
    assert "secret" not in result.text
    assert result.json()["trace_id"]
