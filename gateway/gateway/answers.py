"""How an answer is written to the caller: head and first part of the body in one write.

uvicorn writes the head as soon as it is known and the body after it: two system calls, which together cost
more than everything else that the gateway does for a request. Here the head waits for the first body
message; who streams sends an empty one first, so that the head is on its way while the body is still being
made.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle


class OneWriteCycle(RequestResponseCycle):
    """uvicorn's exchange with one caller, with another `send`. Keeps uvicorn's own state up to date.

    An exchange becomes one by having its class replaced before its first message (see `EdgeProtocol`):
    uvicorn names the class itself and has no hook for another.
    """

    pending_head: bytes | None = None

    async def send(self, message: Any) -> None:  # Any: one of ASGI's messages, as uvicorn types them
        """Take one ASGI message; waits while the caller reads slower than we send."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.start":
            if self.response_started:
                raise RuntimeError("the answer has already begun")
            self.response_started = True
            self.waiting_for_100_continue = False
            self.pending_head = self._head(message["status"], message["headers"])
        elif self.response_started and not self.response_complete:
            self._write(message["body"], more=message.get("more_body", False))
        else:
            raise RuntimeError("a body before its head, or after its end")

    def _head(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        """Return the head; `connection`, which only ever says close here, is written by this class."""
        fields: list[bytes] = []
        for name, value in (*self.default_headers, *headers):
            if name == b"connection":
                self.keep_alive = False
                continue
            if name == b"content-length":
                self.chunked_encoding = False
                self.expected_content_length = int(value)
            fields += (name, b": ", value, b"\r\n")
        line_count = len(fields) // 4 + 2
        if not self.keep_alive:
            fields.append(b"connection: close\r\n")
            line_count += 1
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in (204, 304):
            self.chunked_encoding = True
            fields.append(b"transfer-encoding: chunked\r\n")
            line_count += 1
        head = b"".join((STATUS_LINE[status], *fields, b"\r\n"))
        # One line per field: nothing that came from a caller or a service can have brought a field, or an
        # answer, of its own.
        if not line_count == head.count(b"\n") == head.count(b"\r"):
            raise RuntimeError("a field of the answer holds a line break")
        return head

    def _write(self, body: bytes, *, more: bool) -> None:
        parts = [self.pending_head] if self.pending_head is not None else []
        self.pending_head = None
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
        elif self.chunked_encoding:
            if body:
                parts += (b"%x\r\n" % len(body), body, b"\r\n")
            if not more:
                parts.append(b"0\r\n\r\n")
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("the answer is longer than its Content-Length")
            if body:
                parts.append(body)
        if parts:
            self.transport.write(b"".join(parts) if len(parts) > 1 else parts[0])
        if not more:
            if self.expected_content_length:
                raise RuntimeError("the answer is shorter than its Content-Length")
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive and not self.more_body:
                self.transport.close()  # else the protocol reads on, lest a reset eat the answer
            self.on_response()
