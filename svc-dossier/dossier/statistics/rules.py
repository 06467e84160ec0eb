"""What may be shown of counts: small cells, and what would give them away, are left out. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SMALLEST_CELL = 5
"""Counts of dossiers below it are not shown: a default of ours, unverified as law."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Counts of one group of dossiers."""

    key: str
    received: int
    processed: int
    on_time: int
    overdue: int


def hidden_keys(cells: Sequence[Cell], smallest: int = SMALLEST_CELL) -> frozenset[str]:
    """Return the groups whose counts are left out.

    A group is small when it has fewer than `smallest` dossiers. Where just one is small, the next smallest is
    left out too, since the total less the others would tell it.

    Source: decision 0026 (small cells of public statistics); design of Decree 224/2026/NĐ-CP, art. 18-19.
    """
    small = [cell for cell in cells if cell.received < smallest]
    others = sorted((cell for cell in cells if cell not in small), key=lambda cell: (cell.received, cell.key))
    if len(small) == 1 and others:
        small.append(others[0])
    return frozenset(cell.key for cell in small)


def total(cells: Iterable[Cell]) -> Cell:
    """Return the sum of all groups.

    Source: decision 0026.
    """
    summed = [0, 0, 0, 0]
    for cell in cells:
        for place, count in enumerate((cell.received, cell.processed, cell.on_time, cell.overdue)):
            summed[place] += count
    return Cell("", *summed)
