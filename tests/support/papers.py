"""What tests of papers share: a PKI of their own, a time-stamping authority on the loopback, readers."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import zxingcpp

from deploy.sandbox.tsa.authority import Authority
from tests.support.judges import require_program


@contextmanager
def time_stamping(keys: Path, asked: list[str] | None = None) -> Iterator[str]:
    """Run the sandbox's authority with the keys of `deploy.local.pki`, and give its address.

    `asked` collects the `traceparent` of each request.
    """
    authority = Authority(keys / "pki" / "tsa.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if asked is not None:
                asked.append(self.headers.get("traceparent", ""))
            answer, _ = authority.answer(body, datetime.now(UTC))
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pdfsig(pdf: bytes, roots: Path, folder: Path) -> str:
    """Return what poppler's `pdfsig` says of a file, trusting these roots; skip where it is not installed."""
    program, certutil = require_program("pdfsig"), require_program("certutil")
    trust, file = folder / "nss", folder / "paper.pdf"
    file.write_bytes(pdf)
    if not trust.exists():
        trust.mkdir()
        _run(certutil, "-N", "-d", trust, "--empty-password")
        _run(certutil, "-A", "-d", trust, "-n", "root", "-t", "CT,C,C", "-i", roots)
    return _run(program, "-nssdir", trust, file)


def read_qr(pdf: bytes, folder: Path) -> list[str]:
    """Return the texts of all codes on the first page, as a scanner reads them from its picture."""
    program = require_program("pdftoppm")
    (folder / "page.pdf").write_bytes(pdf)
    _run(program, "-gray", "-r", "150", "-singlefile", folder / "page.pdf", folder / "page")
    kind, size, _, pixels = (folder / "page.pgm").read_bytes().split(b"\n", 3)
    assert kind == b"P5"
    width, height = (int(number) for number in size.split())
    picture = memoryview(pixels).cast("B", shape=(height, width))
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def _run(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
