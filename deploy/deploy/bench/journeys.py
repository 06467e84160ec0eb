"""Journeys of several requests that need each other's answers, many at once, on connections kept open."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from deploy.bench.cpu import cpu_seconds
from deploy.bench.load import Figure, read_answer, request_to

Json = dict[str, Any]  # Any: JSON members


class Refused(Exception):
    """An answer was not the one that the journey needs."""


class Caller:
    """One connection to the gateway, used by one journey after the other."""

    def __init__(self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._url, self._reader, self._writer = url, reader, writer

    @classmethod
    async def connect(cls, url: str) -> "Caller":
        address = urlsplit(url)
        return cls(url, *await asyncio.open_connection(address.hostname, address.port))

    def close(self) -> None:
        self._writer.close()

    async def send(
        self,
        method: str,
        path: str,
        token: str,
        body: Json | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send a request, a command with a key of its own; return status and body."""
        sent = {"Authorization": f"Bearer {token}"}
        if body is not None:
            sent |= {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
        content = orjson.dumps(body) if isinstance(body, dict) else body
        own = sent | dict(headers or {})
        self._writer.write(request_to(self._url, path, headers=own, body=content, method=method))
        return await read_answer(self._reader)

    async def require(
        self,
        method: str,
        path: str,
        token: str,
        body: Json | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the body of an answer that says yes. Raises: Refused."""
        status, answer = await self.send(method, path, token, body, headers)
        if status >= 300:
            raise Refused(f"{method} {path} {status}: {answer[:300]!r}")
        return answer


Journey = Callable[[Caller], Awaitable[None]]


async def play(
    url: str,
    journeys: Iterator[Journey],
    *,
    connections: int,
    seconds: float,
    pids: Mapping[str, int] | None = None,
) -> Figure:
    """Play journeys, `connections` at once, until there are no more or no time; count whole ones.

    A journey that is refused is an error. `pids`: as for `hammer`.
    """
    end = time.monotonic() + seconds
    latencies: list[float] = []
    refusals: list[str] = []

    async def one_connection() -> None:
        caller = await Caller.connect(url)
        try:
            while time.monotonic() < end and (journey := next(journeys, None)) is not None:
                began = time.perf_counter()
                try:
                    await journey(caller)
                except Refused as refusal:
                    refusals.append(str(refusal))
                latencies.append(time.perf_counter() - began)
        finally:
            caller.close()

    before = cpu_seconds(pids or {})
    began = time.monotonic()
    await asyncio.gather(*(one_connection() for _ in range(connections)))
    elapsed = time.monotonic() - began
    after = cpu_seconds(pids or {})
    if refusals:
        print(f"refused {len(refusals)} times, first: {refusals[0]}")
    latencies.sort()
    at = [latencies[int(len(latencies) * share)] * 1000 if latencies else 0.0 for share in (0.5, 0.99)]
    figure = Figure(len(latencies), elapsed, at[0], at[1], len(refusals))
    return replace(figure, cpu_seconds={name: after[name] - before[name] for name in before})
