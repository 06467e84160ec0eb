"""How commands answer: a table for people, JSON for programs, refusals on standard error with exit code 1."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from deploy.cli.stack import CommandFailed
from deploy.local.process import StartError

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def say_json(value: object) -> None:
    """Print a value as JSON; instants and ids as text."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str = "nothing") -> None:
    """Print rows under their column names, never folded, so that numbers stay whole; one line for no rows."""
    cells = [["–" if cell is None else str(cell) for cell in row] for row in rows]
    if not cells:
        typer.echo(empty)
        return
    widths = [max(len(row[index]) for row in [columns, *cells]) for index in range(len(columns))]
    typer.secho(_line(columns, widths), bold=True)
    for row in cells:
        typer.echo(_line(row, widths))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


@contextmanager
def refusals() -> Iterator[None]:
    """Turn an expected failure into one line on standard error and exit code 1."""
    try:
        yield
    except CommandFailed as failure:
        typer.echo(f"lienthong: {failure}", err=True)
        raise typer.Exit(1) from None
    except StartError as failure:
        typer.echo(f"lienthong: {failure.part}: {failure.reason}", err=True)
        raise typer.Exit(1) from None
