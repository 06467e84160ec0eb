"""The outbox lanes of one relay worker, held by PostgreSQL advisory locks of its own connection."""

import math
import time

from prometheus_client import Gauge

from chassis.db import RawConnection
from chassis.outbox import LANES

HELD = Gauge("lienthong_relay_lanes", "Outbox lanes that this process relays.")

_LOCKS = 0x4C54_0001  # first of the two keys of each lane's lock; the second is the lane
_BALANCE_SECONDS = 2.0


class Lanes:
    """Which lanes are ours. The locks end with the connection, so a lost connection loses the lanes."""

    def __init__(self, application_name: str) -> None:
        self.application_name = application_name
        self._balanced_at = float("-inf")
        self.held: frozenset[int] = frozenset()

    async def balance(self, connection: RawConnection) -> bool:
        """Take or give back lanes until we hold our share, at most every 2 s; return whether it was time.

        The share is 16 by the number of workers connected under our application name, rounded up. Call it
        between batches only, so that nothing of a lane is under way when it is given back.
        """
        if time.monotonic() - self._balanced_at < _BALANCE_SECONDS:
            return False
        self._balanced_at = time.monotonic()
        workers = await connection.fetchval(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and application_name = $1",
            self.application_name,
        )
        share = math.ceil(LANES / max(1, workers))
        lanes = set(self.held)
        while len(lanes) > share:
            lane = lanes.pop()
            await connection.execute("select pg_advisory_unlock($1, $2)", _LOCKS, lane)
        for lane in range(LANES):
            if len(lanes) >= share:
                break
            if lane not in lanes and await connection.fetchval(
                "select pg_try_advisory_lock($1, $2)", _LOCKS, lane
            ):
                lanes.add(lane)
        self._hold(frozenset(lanes))
        return True

    def forget(self) -> None:
        """Hold nothing: the connection is gone."""
        self._balanced_at = float("-inf")
        self._hold(frozenset())

    def _hold(self, lanes: frozenset[int]) -> None:
        self.held = lanes
        HELD.set(len(lanes))
