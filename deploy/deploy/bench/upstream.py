"""A service that does nothing but answer 1 KB, as fast as asyncio can.

`python -m deploy.bench.upstream PORT`.
Behind every proxy that is compared stands this one, so that what is measured is the proxy.
"""

import asyncio
import sys
from typing import cast

import uvloop

BODY = b'{"value": "' + b"x" * 1011 + b'"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class OneAnswer(asyncio.Protocol):
    """Answers each request without a body the same; keeps connections open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        self._seen += data
        requests = self._seen.count(b"\r\n\r\n")
        if requests:
            self._seen = self._seen[self._seen.rindex(b"\r\n\r\n") + 4 :]
            self._transport.write(ANSWER * requests)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(OneAnswer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
