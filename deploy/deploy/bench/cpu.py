"""Processor time that processes have used, from /proc: the figure that busy neighbours do not change."""

import os
from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Return user and system time so far by name, children included; nothing where there is no /proc."""
    if not _PROC.is_dir():
        return {}
    fields = {int(entry.name): _fields(entry) for entry in _PROC.iterdir() if entry.name.isdigit()}
    return {
        name: sum(used for pid, (parent, used) in fields.items() if wanted in (pid, parent))
        / _TICKS_PER_SECOND
        for name, wanted in pids.items()
    }


def _fields(entry: Path) -> tuple[int, int]:
    """Return (parent, ticks used) of a process; zeros when it has just ended."""
    try:
        # The name, in parentheses, may hold anything; what follows the last one is numbers.
        after_name = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(after_name[1]), int(after_name[11]) + int(after_name[12])
