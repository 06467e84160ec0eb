"""A backlog for the national portal, as after an outage, and how fast it is worked off.

Everything that the portal knows is told to it once more: it is asked for the dossier and sent it anew, two
calls, as for a new status, and what it keeps stays the same.
"""

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from deploy.bench.cpu import cpu_seconds
from deploy.bench.load import Figure

PEER = "dvcqg"
DELAY_MS = 50
LONGEST_SECONDS = 45.0
_SETTLED = "select count(*) = 0 from delivery_queues where peer = $1 and due_at is not null and not is_parked"
_LEFT = """
    select count(*), count(*) filter (where state = 'parked') from deliveries
    where peer = $1 and state <> 'delivered'
"""
_TELL_AGAIN = """
    with told as (
        update delivery_queues set is_known = false, told_digest = null, due_at = now()
        where peer = $1 and code is not null and is_known and lease_id is null
        returning peer, dossier_id, source, latest_version
    )
    insert into deliveries (delivery_id, peer, dossier_id, event_id, event_type, version, created_at)
    select gen_random_uuid(), peer, dossier_id, gen_random_uuid(), source || '.told-again', latest_version,
        now() from told
"""


@dataclass(frozen=True, slots=True)
class Drained:
    """What was told: the figure, the backlog of a round, and the growth of memory in MiB."""

    figure: Figure
    backlog: int
    grown_mib: float


@contextmanager
def slow_portal(public_url: str) -> Any:  # a context manager without a value
    """Let the portal of the sandbox take its time for each answer."""
    _delay(public_url, DELAY_MS)
    try:
        yield
    finally:
        _delay(public_url, 0)


def _delay(public_url: str, milliseconds: int) -> None:
    with httpx2.Client(base_url=public_url, timeout=30, trust_env=False) as http:
        switches = {"delay_ms": milliseconds} if milliseconds else {}
        http.put(f"/sandbox/api/faults/{PEER}", json=switches).raise_for_status()


def drain(url: str, pids: dict[str, int], *, least: int) -> Drained:
    """Tell everything again, in rounds, until at least `least` statuses were told or time is over."""
    return asyncio.run(_drain(url, pids, least))


async def _drain(url: str, pids: dict[str, int], least: int) -> Drained:
    sender = pids["national-portal-sync"]
    connection = await asyncpg.connect(url)
    try:
        await _settle(connection, time.monotonic() + LONGEST_SECONDS)
        before, memory = cpu_seconds(pids), _resident_mib(sender)
        began, told, backlog = time.monotonic(), 0, 0
        while told < least and time.monotonic() - began < LONGEST_SECONDS:
            backlog = int((await connection.execute(_TELL_AGAIN, PEER)).rpartition(" ")[2])
            if backlog == 0:
                break
            await _settle(connection, began + LONGEST_SECONDS)
            told += backlog
        elapsed = time.monotonic() - began
        ((left, parked),) = await connection.fetch(_LEFT, PEER)
        after = cpu_seconds(pids)
        used = {name: after[name] - before[name] for name in before}
        figure = Figure(told - left + parked, elapsed, 0.0, 0.0, parked, used)
        return Drained(figure, backlog, _resident_mib(sender) - memory)
    finally:
        await connection.close()


async def _settle(connection: Any, end: float) -> None:  # Any: asyncpg's connection
    """Wait until nothing is due any more."""
    while time.monotonic() < end:
        if await connection.fetchval(_SETTLED, PEER):
            return
        await asyncio.sleep(0.05)


def _resident_mib(pid: int) -> float:
    """Return the memory that a process has in use now; 0 where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    line = next(one for one in status.splitlines() if one.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
