"""Makes load on loopback: wrk where it is installed, else a client of our own on asyncio.

Requests are given as raw HTTP/1.1, so that both clients send exactly the same bytes.
"""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from deploy.bench.cpu import cpu_seconds

_SCRIPT = """
local requests, position = {}, 0
function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
end
function request()
  position = position % #requests + 1
  return requests[position]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("FIGURES %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What came out: answers, seconds, latencies in milliseconds, errors (refused or unanswered)."""

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """Processor time that each measured process used meanwhile, by its name."""

    @property
    def per_second(self) -> float:
        return (self.answers - self.errors) / self.seconds if self.seconds else 0.0


def request_to(
    url: str, path: str, *, headers: dict[str, str], body: bytes | None = None, method: str | None = None
) -> bytes:
    """Return a raw request; with a body it is a POST unless said otherwise."""
    verb = method or ("GET" if body is None else "POST")
    lines = [f"{verb} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def hammer(
    url: str,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: int,
    pids: Mapping[str, int] | None = None,
) -> Figure:
    """Send the requests in turn, over and over, from so many connections for so long.

    `pids`: processes by name, whose processor time is read before and after.
    """
    before = cpu_seconds(pids or {})
    if has_wrk():
        figure = _with_wrk(url, requests, connections, seconds)
    else:
        figure = asyncio.run(_with_asyncio(url, requests, connections, seconds))
    after = cpu_seconds(pids or {})
    return replace(figure, cpu_seconds={name: after[name] - before[name] for name in before})


def _with_wrk(url: str, requests: Sequence[bytes], connections: int, seconds: int) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder, "script.lua"), Path(folder, "requests")
        script.write_text(_SCRIPT)
        with data.open("wb") as file:
            for request in requests:
                file.write(b"%d\n%s" % (len(request), request))
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
            "-s",
            str(script),
            url,
        ]
        ran = subprocess.run(
            [*command, "--", str(data)], capture_output=True, text=True, timeout=seconds + 90
        )
    line = next((line for line in ran.stdout.splitlines() if line.startswith("FIGURES ")), None)
    if line is None:
        raise RuntimeError(f"wrk failed: {ran.stdout[-500:]} {ran.stderr[-500:]}")
    answers, duration, p50, p99, errors = (int(word) for word in line.split()[1:])
    return Figure(answers, duration / 1e6, p50 / 1e3, p99 / 1e3, errors)


async def _with_asyncio(url: str, requests: Sequence[bytes], connections: int, seconds: int) -> Figure:
    address = urlsplit(url)
    end = time.monotonic() + seconds
    latencies: list[float] = []
    errors = 0
    position = 0

    async def one_connection() -> None:
        nonlocal errors, position
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            while time.monotonic() < end:
                request = requests[position % len(requests)]
                position += 1
                began = time.perf_counter()
                writer.write(request)
                status, _ = await read_answer(reader)
                latencies.append(time.perf_counter() - began)
                errors += status >= 400
        except (OSError, EOFError, ValueError):
            errors += 1
        finally:
            writer.close()

    began = time.monotonic()
    await asyncio.gather(*(one_connection() for _ in range(connections)))
    latencies.sort()
    at = [latencies[int(len(latencies) * share)] * 1000 if latencies else 0.0 for share in (0.5, 0.99)]
    return Figure(len(latencies), time.monotonic() - began, at[0], at[1], errors)


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one whole answer and return its status and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    lines = head.split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    body = b""
    if "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    elif fields.get("transfer-encoding") == "chunked":
        while (size := int((await reader.readline()).split(b";")[0], 16)) > 0:
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return int(lines[0].split(" ", 2)[1]), body
