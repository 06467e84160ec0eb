"""Asks the worker process about a file, and replaces it when it dies or takes too long."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from datetime import datetime
from pathlib import Path

import orjson

from casework.pdf_worker import LENGTH
from casework.signatures import SignatureFacts, SignatureVerdict
from chassis.errors import Overloaded
from chassis.logging import get_logger

SECONDS = 15.0
MOST_WAITING = 8

log = get_logger(__name__)


class PdfJudge:
    """One worker process, started when first needed; files are judged one after another."""

    def __init__(self, roots_file: Path, *, seconds: float = SECONDS) -> None:
        self._roots_file = roots_file
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None

    async def judge(self, pdf: bytes) -> SignatureVerdict:
        """Return the verdict; `unreadable` also for a file that breaks the worker or takes too long.

        Raises:
            Overloaded: too many files are waiting.
        """
        if self._waiting >= MOST_WAITING:
            raise Overloaded(headers={"retry-after": "5"})
        self._waiting += 1
        try:
            async with self._turn:
                return await self._judge(pdf)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
        if process is not None:
            await process.wait()

    async def _judge(self, pdf: bytes) -> SignatureVerdict:
        process = await self._running()
        source, target = process.stdin, process.stdout
        if source is None or target is None:
            raise RuntimeError("the worker was started without pipes")
        try:
            async with asyncio.timeout(self._seconds):
                source.write(LENGTH.pack(len(pdf)) + pdf)
                await source.drain()
                (length,) = LENGTH.unpack(await target.readexactly(LENGTH.size))
                answer = await target.readexactly(length)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as failure:
            log.warning("judge.worker_lost", reason=type(failure).__name__, size_bytes=len(pdf))
            await self.close()
            return SignatureVerdict("unreadable")
        except asyncio.CancelledError:
            await self.close()  # its next answer would be this file's
            raise
        return _read(answer)

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "casework.pdf_worker", str(self._roots_file), stdin=PIPE, stdout=PIPE
            )
        return self._process


def _read(answer: bytes) -> SignatureVerdict:
    document = orjson.loads(answer)
    facts = tuple(
        SignatureFacts(
            **one | {"signed_at": datetime.fromisoformat(one["signed_at"]) if one["signed_at"] else None}
        )
        for one in document["signatures"]
    )
    return SignatureVerdict(document["state"], facts, document["covers_whole_file"])
