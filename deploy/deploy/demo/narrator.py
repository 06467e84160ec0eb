"""How the story is told: Vietnamese first, English beneath, and a mark for each claim that held."""

import json
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape


class ClaimBroken(Exception):
    """Something that the story says does not hold."""


class Narrator:
    """Writes the story; `held` counts the claims that were checked and held."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._console = Console(file=out, highlight=False, soft_wrap=True)
        self._step = 0
        self.held = 0

    def title(self, vi: str, en: str) -> None:
        self._console.print(f"\n[bold #0b5d54]{escape(vi)}[/]\n[dim]{escape(en)}[/]")

    def step(self, vi: str, en: str) -> None:
        """Begin a step."""
        self._step += 1
        self._console.print(f"\n[bold]{self._step}. {escape(vi)}[/]\n   [dim]{escape(en)}[/]")

    def shows(self, *lines: str) -> None:
        """Show what was sent or answered."""
        for line in lines:
            self._console.print(f"   [cyan]{escape(line)}[/]")

    def claim(self, vi: str, en: str, *, holds: bool, got: object = None) -> None:
        """Say that something holds.

        Raises:
            ClaimBroken: it does not; carries what came instead.
        """
        if not holds:
            shown = json.dumps(got, ensure_ascii=False, default=str) if not isinstance(got, str) else got
            raise ClaimBroken(f"{vi} / {en}\n   {shown[:2000]}")
        self.held += 1
        self._console.print(f"   [green]✓[/] {escape(vi)} [dim]· {escape(en)}[/]")

    def broken(self, failure: BaseException) -> None:
        name = "" if isinstance(failure, ClaimBroken) else f"{type(failure).__name__}: "
        self._console.print(f"\n   [bold #c8102e]✗ {escape(name + str(failure))}[/]")

    def end(self, lines: Iterable[str]) -> None:
        self._console.print()
        for line in lines:
            self._console.print(line)


def short(value: Any) -> str:  # Any: part of a JSON answer
    """Return a JSON value on one line, cut to what a terminal shows."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}…"
