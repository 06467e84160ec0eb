"""What the launcher says: one line per event, coloured on a terminal and plain in a file."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from rich.console import Console
from rich.markup import escape

from deploy.local.process import StartError
from deploy.local.supervisor import Part

Rows = Sequence[tuple[str, str]]


class Says:
    """The launcher's voice; also the supervisor's reporter."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        self.console.print(f"[bold]»[/] {escape(text)}")

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """Show that something takes a while; on a terminal it moves, in a file it is not written."""
        return self.console.status(escape(text))

    def ready(self, part: Part, seconds: float) -> None:
        self.console.print(f"  [green]✓[/] {part.name:<20} {part.address:<28} [dim]{seconds:.1f} s[/]")

    def died(self, part: Part, reason: str, pause_seconds: float) -> None:
        first, *_ = reason.splitlines()
        self.console.print(
            f"  [yellow]![/] {part.name} ended ({escape(first)}); starting it again in "
            f"{pause_seconds:.1f} s, log: {escape(str(part.server.log_file))}"
        )

    def failed_again(self, part: Part, reason: str) -> None:
        first = reason.splitlines()[0] if reason else "unknown"
        self.console.print(f"  [red]✗[/] {part.name} did not come back: {escape(first)}")

    def stopped(self, part: Part) -> None:
        self.console.print(f"  [dim]·[/] {part.name} stopped")

    def failure(self, error: StartError) -> None:
        """Say which part, why, and where to read on."""
        self.console.print(f"\n[bold red]✗ {escape(error.part)} did not start[/]")
        for line in error.reason.splitlines():
            self.console.print(f"    {escape(line)}")
        if error.log_file is not None:
            self.console.print(f"  its log: {escape(str(error.log_file))}")

    def note(self, text: str) -> None:
        self.console.print(f"  [dim]{escape(text)}[/]")

    def welcome(self, addresses: Rows, personas: Rows, seconds: float) -> None:
        """Where to go now: addresses, people to act as, the next commands."""
        self.console.print(f"\n[bold green]Liên Thông is running[/] [dim](ready after {seconds:.0f} s)[/]\n")
        self.console.print(_columns(addresses))
        if personas:
            self.console.print("\nPeople and systems to act as [dim](all: .venv/bin/lienthong personas)[/]")
            self.console.print(_columns(personas))
        self.console.print("\nNext, in a second terminal:  [bold]make demo[/]")
        self.console.print("or:  .venv/bin/lienthong token --as an        Ctrl-C here stops everything\n")


def _columns(rows: Rows) -> str:
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {escape(left):<{width}}   {escape(right)}" for left, right in rows)
