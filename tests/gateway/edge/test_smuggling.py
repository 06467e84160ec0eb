"""Requests that two readers could understand differently are refused, byte by byte, and reach no service."""

import asyncio

import pytest

from tests.gateway.running import Running, Upstream

POST = b"POST /oauth2/token HTTP/1.1\r\nhost: a\r\n"
GET = b"GET /oauth2/jwks HTTP/1.1\r\nhost: a\r\n"
SECOND = b"GET /oauth2/jwks?smuggled HTTP/1.1\r\nhost: a\r\n\r\n"

REFUSED = {
    "length and chunked": POST + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunked and length": POST + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": POST + b"content-length: 0\r\ncontent-length: 52\r\n\r\n" + SECOND,
    "two equal lengths": POST + b"content-length: 1\r\ncontent-length: 1\r\n\r\nx" + SECOND,
    "list of lengths": POST + b"content-length: 0, 52\r\n\r\n" + SECOND,
    "signed length": POST + b"content-length: +4\r\n\r\nabcd" + SECOND,
    "negative length": POST + b"content-length: -1\r\n\r\n" + SECOND,
    "hexadecimal length": POST + b"content-length: 0x4\r\n\r\nabcd" + SECOND,
    "empty length": POST + b"content-length:\r\n\r\n" + SECOND,
    "other coding": POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "unknown coding": POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "coding twice": POST
    + b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n"
    + SECOND,
    "folded field": POST + b"x: a\r\n content-length: 4\r\n\r\n" + SECOND,
    "folded coding": POST + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "blank before colon": POST + b"content-length : 4\r\n\r\nabcd" + SECOND,
    "blank before name": POST + b" content-length: 4\r\n\r\nabcd" + SECOND,
    "bare newline": b"POST /oauth2/token HTTP/1.1\nhost: a\ncontent-length: 0\n\n" + SECOND,
    "bare return": POST + b"x: a\rcontent-length: 4\r\n\r\n" + SECOND,
    "zero byte": POST + b"x: a\x00b\r\ncontent-length: 0\r\n\r\n" + SECOND,
    "bad chunk size": POST + b"transfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n" + SECOND,
    "negative chunk size": POST + b"transfer-encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n" + SECOND,
    "chunk longer than said": POST + b"transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n" + SECOND,
    "chunk size too large": POST + b"transfer-encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\na\r\n0\r\n\r\n",
    "body on a get": GET + b"content-length: 5\r\n\r\nGET /" + SECOND,
    "chunked get": GET + b"transfer-encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n",
    "two hosts": b"GET /oauth2/jwks HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
    "no host": b"GET /oauth2/jwks HTTP/1.1\r\n\r\n",
    "two authorizations": GET + b"authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n",
    "absolute target": b"GET http://b/oauth2/jwks HTTP/1.1\r\nhost: a\r\n\r\n",
    "dot segments": b"GET /oauth2/../internal/v1/x HTTP/1.1\r\nhost: a\r\n\r\n",
    "encoded dots": b"GET /sandbox/%2e%2e/internal HTTP/1.1\r\nhost: a\r\n\r\n",
    "encoded slash": b"GET /sandbox/..%2finternal HTTP/1.1\r\nhost: a\r\n\r\n",
    "twice encoded": b"GET /sandbox/%252e%252e/internal HTTP/1.1\r\nhost: a\r\n\r\n",
    "backslash": b"GET /sandbox/..\\internal HTTP/1.1\r\nhost: a\r\n\r\n",
    "empty segment": b"GET /sandbox//internal HTTP/1.1\r\nhost: a\r\n\r\n",
    "encoded zero": b"GET /sandbox/%00 HTTP/1.1\r\nhost: a\r\n\r\n",
    "broken encoding": b"GET /sandbox/%zz HTTP/1.1\r\nhost: a\r\n\r\n",
    "http/0.9": b"GET /oauth2/jwks\r\n\r\n",
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
}


@pytest.mark.parametrize("name", REFUSED)
async def test_ambiguous_request_is_refused(gateway: Running, upstream: Upstream, name: str) -> None:
    received = await gateway.raw(REFUSED[name], seconds=2)

    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in received
    assert b'"code":"malformed_request"' in received
    assert b"smuggled" not in b"".join(seen.query.encode() for seen in upstream.seen)
    assert [seen for seen in upstream.seen if seen.method == "GET"] == []


async def test_trailers_never_become_headers(gateway: Running, upstream: Upstream) -> None:
    await gateway.raw(
        POST
        + b"transfer-encoding: chunked\r\ntrailer: x-late\r\nconnection: close\r\n\r\n"
        + b"3\r\nabc\r\n0\r\nx-late: 1\r\nauthorization: Bearer late\r\n\r\n"
    )

    assert upstream.seen[0].body == b"abc"
    assert upstream.seen[0].all("x-late") == []
    assert upstream.seen[0].all("authorization") == []


async def test_pipelined_requests_are_answered_in_order(gateway: Running, upstream: Upstream) -> None:
    received = await gateway.raw(
        b"".join(
            b"GET /sandbox/%d HTTP/1.1\r\nhost: a\r\n%b\r\n"
            % (n, b"connection: close\r\n" if n == 3 else b"")
            for n in (1, 2, 3)
        )
    )

    positions = [received.index(b'"path": "/sandbox/%d"' % n) for n in (1, 2, 3)]
    assert positions == sorted(positions)


async def test_broken_second_request_does_not_touch_the_answer_to_the_first(
    gateway: Running, upstream: Upstream
) -> None:
    received = await gateway.raw(GET + b"\r\n" + b"GARBAGE\r\n\r\n", seconds=2)

    assert received.count(b"HTTP/1.1 ") <= 1 or received.index(b"HTTP/1.1 200") < received.index(b"400")


H2C = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "body"),
    [
        (GET + H2C + b"\r\n", b""),
        (POST + H2C + b"content-length: 5\r\n\r\nhello", b"hello"),
        (POST + H2C + b"transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", b"hello"),
        (POST + H2C + b"content-length: 0\r\n\r\n", b""),
    ],
    ids=["get", "post", "chunked post", "empty post"],
)
@pytest.mark.parametrize("split", [False, True], ids=["at once", "in parts"])
async def test_offer_of_http2_is_passed_over(
    gateway: Running, upstream: Upstream, request_bytes: bytes, body: bytes, split: bool
) -> None:
    last = b"GET /sandbox/last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    everything = request_bytes + last
    for part in [everything[n : n + 7] for n in range(0, len(everything), 7)] if split else [everything]:
        writer.write(part)
        await writer.drain()
    received = await asyncio.wait_for(reader.read(), 5)
    writer.close()

    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert [seen.body for seen in upstream.seen] == [body, b""]
    assert upstream.seen[1].path == "/sandbox/last"
    assert upstream.seen[0].all("upgrade") == upstream.seen[0].all("http2-settings") == []
