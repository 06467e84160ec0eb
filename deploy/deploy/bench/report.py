"""The table that `make bench` prints, and the same as JSON."""

import json
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from deploy.bench.load import Figure


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing; `of` names the line that it is compared with."""

    name: str
    unit: str
    per_second: float
    figure: Figure | None = None
    of: str | None = None
    done: int | None = None
    """How many of `unit` were done; the figure's answers unless said otherwise."""

    @property
    def cpu_ms(self) -> dict[str, float]:
        """Return the processor time of one in milliseconds, by process, the greatest first."""
        if self.figure is None:
            return {}
        done = self.figure.answers if self.done is None else self.done
        used = {name: seconds / done * 1000 for name, seconds in self.figure.cpu_seconds.items() if done}
        return dict(sorted(used.items(), key=lambda entry: -entry[1]))


class Report:
    """Lines by section, in the order in which they were measured."""

    def __init__(self) -> None:
        self._sections: dict[str, list[Line]] = {}
        console = Console(highlight=False)
        self._console = console if console.is_terminal else Console(highlight=False, width=130)

    def says(self, text: str) -> None:
        self._console.print(f"[dim]» {text}[/]")

    def add(self, section: str, line: Line) -> None:
        self._sections.setdefault(section, []).append(line)
        self._console.print(f"  {line.name}: [bold]{line.per_second:,.0f}[/] {line.unit}")

    @property
    def errors(self) -> int:
        return sum(line.figure.errors for lines in self._sections.values() for line in lines if line.figure)

    def _ratio(self, lines: list[Line], line: Line) -> float | None:
        base = next((one.per_second for one in lines if one.name == line.of), None)
        return line.per_second / base if base else None

    def print(self) -> None:
        for title, lines in self._sections.items():
            table = Table(title=title, title_justify="left", title_style="bold")
            table.add_column("")
            for heading in ("per second", "p50 ms", "p99 ms", "CPU ms each", "errors", "ratio"):
                table.add_column(heading, justify="right")
            for line in lines:
                figure, ratio = line.figure, self._ratio(lines, line)
                cells = ("", "", "", "")
                if figure is not None:
                    cpu = f"{sum(line.cpu_ms.values()):.3f}" if line.cpu_ms else ""
                    cells = (f"{figure.p50_ms:.1f}", f"{figure.p99_ms:.1f}", cpu, str(figure.errors))
                compared = "" if ratio is None else f"{ratio:.2f} × {line.of}"
                table.add_row(line.name, f"{line.per_second:,.0f} {line.unit}", *cells, compared)
            self._console.print()
            self._console.print(table)
            for line in lines:
                if len(line.cpu_ms) > 1:
                    parts = (f"{name} {used:.2f}" for name, used in line.cpu_ms.items() if used >= 0.01)
                    self._console.print(f"[dim]  {line.name}: CPU ms each by process: {', '.join(parts)}[/]")

    def as_json(self) -> str:
        return json.dumps(
            {
                title: [
                    asdict(line) | {"cpu_ms": line.cpu_ms, "ratio": self._ratio(lines, line)}
                    for line in lines
                ]
                for title, lines in self._sections.items()
            },
            ensure_ascii=False,
            indent=2,
        )
