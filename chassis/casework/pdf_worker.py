"""Judges signatures of files from strangers in a process of its own (`python -m casework.pdf_worker ROOTS`).

A hostile PDF may unpack to gigabytes or keep a parser busy for ever, and a thread can be neither bounded nor
ended. The process has a limit of memory, and its owner kills it when it takes too long (`judge.PdfJudge`).
On standard input and output: 4 bytes of length, then a file; 4 bytes of length, then the verdict as JSON.
"""

import resource
import struct
import sys
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import orjson

from casework.seals import read_roots
from casework.signatures import verify_now

MEMORY_BYTES = 1 << 30
LENGTH = struct.Struct(">I")


def serve(source: BinaryIO, target: BinaryIO, roots_file: Path) -> None:
    """Answer until the input ends."""
    roots = read_roots(roots_file)
    while head := source.read(LENGTH.size):
        verdict = orjson.dumps(asdict(verify_now(source.read(*LENGTH.unpack(head)), roots)))
        target.write(LENGTH.pack(len(verdict)) + verdict)
        target.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer, Path(sys.argv[1]))
