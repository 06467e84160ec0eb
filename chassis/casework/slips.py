"""Prints Vietnamese papers: a typst template and plain data in, a PDF/A-3b out.

Data reaches a template as JSON input only and never as source text, so that markup in a name stays text. What
the official typeface cannot print (control and direction marks, other scripts) is printed as �, because
PDF/A forbids a text without glyphs and a direction mark could make a paper say another thing than its text.
Rejected: HTML to PDF by a browser (a second browser to keep patched), reportlab (leaves a font unembedded).
"""

import asyncio
import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import typst

from casework.qr import Svg

FOLDER = Path(__file__).parent

# Latin with all Vietnamese letters, and the punctuation that the typeface has.
_UNPRINTABLE = re.compile(
    "[^\n\u0020-\u007e\u00a0-\u017f\u01a0\u01a1\u01af\u01b0\u0218-\u021b"
    "\u1e80-\u1e85\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u20ab\u20ac]"
)
_UNBROKEN = re.compile(r"[^\s/-]{48}(?=[^\s/-])")
_REPLACEMENT = "\ufffd"
_BREAK = "\u200b"

Plain = str | int | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]
"""What a template may be given: JSON without floating-point numbers."""


class SlipPrinter:
    """Prints templates; one per process. Safe to call from several threads."""

    def __init__(self) -> None:
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER / "fonts")])
        self._compilers: dict[Path, typst.Compiler] = {}
        self._lock = threading.Lock()  # a compiler is not for two threads at once; a page takes 2 ms
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="slips")

    async def print(self, template: Path, data: Mapping[str, Plain]) -> bytes:
        """Return the PDF without blocking the event loop. Raises: as `render`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.render, template, data)

    def render(self, template: Path, data: Mapping[str, Plain]) -> bytes:
        """Return the PDF/A-3b of a template that reads `json(bytes(sys.inputs.d))`.

        Equal data gives equal bytes but for the document's own id. Blocks for a few milliseconds: use
        `print` in coroutines.

        Raises:
            typst.TypstError: the template is wrong or misses a value; a fault of ours.
        """
        inputs = {"d": orjson.dumps(_printable(data)).decode()}
        with self._lock:
            pdf = self._compiler(template).compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"])
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave no single file")
        return pdf

    def _compiler(self, template: Path) -> typst.Compiler:
        if template not in self._compilers:
            self._compilers[template] = typst.Compiler(
                str(template),
                root=str(template.parent),
                font_paths=self._fonts,
                ignore_system_fonts=True,
                package_path=str(FOLDER / "typst"),
                package_cache_path=str(FOLDER / "typst"),
            )
        return self._compilers[template]


def printable(text: str) -> str:
    """Return a text in NFC with what cannot be printed as � and a place to break in overlong words."""
    kept = _UNPRINTABLE.sub(_REPLACEMENT, unicodedata.normalize("NFC", text))
    return _UNBROKEN.sub(lambda found: found.group() + _BREAK, kept)


def _printable(value: Any) -> Any:  # Any: JSON values
    if isinstance(value, str):
        return str(value) if isinstance(value, Svg) else printable(value)
    if isinstance(value, Mapping):
        return {key: _printable(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_printable(one) for one in value]
    return value
