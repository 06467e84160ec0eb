"""A service that does nothing but answer 1 KB, as fast as asyncio can.

`python -m deploy.bench.upstream PORT`.
Behind every proxy that is compared stands this one, so that what is measured is the proxy.
"""

import asyncio
import re
import sys
from typing import cast

import uvloop

BODY = b'{"value": "' + b"x" * 1011 + b'"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class OneAnswer(asyncio.Protocol):
    """Answers each request the same, whatever its body; keeps connections open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while (end := self._seen.find(_END)) >= 0:
            length = _LENGTH.search(self._seen, 0, end)
            whole = end + len(_END) + (int(length[1]) if length else 0)
            if len(self._seen) < whole:
                return
            self._seen = self._seen[whole:]
            self._transport.write(ANSWER)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(OneAnswer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
