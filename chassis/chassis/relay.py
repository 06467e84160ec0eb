"""Publishes the outbox in order per aggregate, until JetStream has it; publishes again what the broker lost.

Several workers share the lanes by advisory locks, held on the same connection that reads and marks: a worker
that loses it loses its lanes. One window of asynchronous publishing holds at most one event of an aggregate,
so that a failed publish never lets a later event overtake it. Rejected: `LISTEN/NOTIFY`, whose queue lock
serialises commits; the relay polls adaptively and is nudged by commits of its own process.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import prometheus_client as prometheus

from chassis.bus import Bus, BusUnavailable, Outgoing, Taken
from chassis.db import RawConnection, asyncpg_url
from chassis.lanes import Lanes
from chassis.logging import get_logger
from chassis.outbox import RETENTION_DAYS
from chassis.side_connection import close
from contracts import catalogue

log = get_logger(__name__)

PUBLISHED = prometheus.Counter(
    "lienthong_relay_published_total", "Outbox events that JetStream has taken.", ["event_type"]
)
FAILED = prometheus.Counter(
    "lienthong_relay_failed_total", "Publications that were not acknowledged; they are repeated."
)
REWOUND = prometheus.Counter(
    "lienthong_relay_rewound_total", "Events set back: the stream was gone or shorter."
)
AGE = prometheus.Gauge("lienthong_outbox_age_seconds", "Age of the oldest unpublished event, or 0.")

_REWIND_LOCK = 0x4C54_0002
_BATCH = 1000
_PAUSE_SECONDS = (0.005, 0.5)  # shortest and longest wait between two looks at the outbox
_CHECK_SECONDS = 5.0
_STALL_SECONDS = 5.0

_UNPUBLISHED = """
    select position, event_id::text as event_id, aggregate_id, event_type, source, occurred_at, traceparent,
        data::text as data
    from outbox
    where published_at is null and lane = any($1::smallint[]) and aggregate_id <> all($2::text[])
    order by position limit $3
"""
_MARK = """
    with state as (
        update relay_state set last_sequence = greatest(last_sequence, $3)
        where stream = $1 and generation = $2 returning 1
    )
    update outbox o set published_at = now(), stream_sequence = done.sequence
    from state, unnest($4::bigint[], $5::timestamptz[], $6::bigint[]) done(position, occurred_at, sequence)
    where o.position = done.position and o.occurred_at = done.occurred_at
      and o.occurred_at between $7 and $8
    returning 1
"""
_AGE = """
    select extract(epoch from now() - occurred_at)::float8 from outbox
    where published_at is null order by position limit 1
"""

Row = asyncpg.Record


class StreamChanged(Exception):
    """The stream is not the one that was checked: made anew, cut off, or rewound by another worker."""


class Relay:
    """The relay of one worker process. `run` ends by `stop` or cancellation only."""

    def __init__(self, database_url: str, bus: Bus, service: str, *, batch_size: int = _BATCH) -> None:
        self._url = asyncpg_url(database_url)
        self._bus = bus
        self._service = service
        self._stream = catalogue.stream_name(service)
        self._batch_size = batch_size
        self._nudged = asyncio.Event()
        self._is_stopping = False
        self._generation = 0
        self._last_sequence = 0
        self._checked_epoch = -1
        self._checked_at = 0.0
        self._is_waiting = False
        self._stalled: dict[str, float] = {}
        self.lanes = Lanes(f"lienthong-relay-{service}")

    def nudge(self) -> None:
        """Look at the outbox at once; cheap, called after each commit of this process."""
        self._nudged.set()

    def stop(self) -> None:
        """Let `run` return after the batch in hand, so that nothing is published twice by a clean stop."""
        self._is_stopping = True
        self._nudged.set()

    async def run(self) -> None:
        """Relay until stopped; reconnect to PostgreSQL and wait for NATS as often as it takes."""
        while not self._is_stopping:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    timeout=5,
                    server_settings={
                        "application_name": self.lanes.application_name,
                        "timezone": "UTC",
                        "jit": "off",
                    },
                )
            except (OSError, TimeoutError, asyncpg.PostgresError) as failure:
                log.warning("relay.database_unavailable", error_type=type(failure).__name__)
                await self._wait(1.0)
                continue
            try:
                await self._work(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
                log.warning("relay.connection_lost", error_type=type(failure).__name__)
                await self._wait(_PAUSE_SECONDS[1])
            except Exception:
                log.exception("relay.failed")
                await self._wait(1.0)
            finally:
                self.lanes.forget()
                await close(connection)

    async def _work(self, connection: RawConnection) -> None:
        self._checked_epoch = -1
        pause = _PAUSE_SECONDS[0]
        while not self._is_stopping:
            taken = 0
            try:
                if await self.lanes.balance(connection):
                    AGE.set(await connection.fetchval(_AGE) or 0.0)
                await self._check_stream(connection)
                taken = await self._relay_batch(connection)
                self._is_waiting = False
            except StreamChanged:
                self._checked_epoch = -1
            except BusUnavailable as failure:
                if not self._is_waiting:
                    log.warning("relay.waits_for_bus", stream=self._stream, reason=str(failure))
                self._is_waiting = True
                await asyncio.sleep(_PAUSE_SECONDS[1])  # not shortened by nudges: there is nobody to tell
            if taken < self._batch_size:
                pause = _PAUSE_SECONDS[0] if taken else min(pause * 2, _PAUSE_SECONDS[1])
                await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        """Wait for a nudge, at most `seconds`; a moment in any case, so that commits gather to a window."""
        await asyncio.sleep(_PAUSE_SECONDS[0])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), seconds)
        if not self._is_stopping:
            self._nudged.clear()

    async def _check_stream(self, connection: RawConnection) -> None:
        """Compare the stream with what is remembered of it, after each reconnection and now and then."""
        if not self._bus.is_connected:
            raise BusUnavailable("not connected")
        epoch = self._bus.epoch
        if epoch == self._checked_epoch and time.monotonic() - self._checked_at < _CHECK_SECONDS:
            return
        await connection.execute("select pg_advisory_lock($1)", _REWIND_LOCK)
        try:
            await self._compare(connection)
        finally:
            await connection.execute("select pg_advisory_unlock($1)", _REWIND_LOCK)
        self._checked_epoch, self._checked_at = epoch, time.monotonic()

    async def _compare(self, connection: RawConnection) -> None:
        # What is remembered is read first: it was true of the stream before, so it can only be exceeded.
        state = await connection.fetchrow("select * from relay_state where stream = $1", self._stream)
        info = await self._bus.stream_state(self._stream)
        created_at, last_sequence = info.created, info.state.last_seq
        if state is None:
            await connection.execute(
                "insert into relay_state (stream, created_at, last_sequence) values ($1, $2, $3)",
                self._stream,
                created_at,
                last_sequence,
            )
            self._generation, self._last_sequence = 1, last_sequence
        elif state["is_rewinding"] or state["created_at"] != created_at:
            await self._rewind(connection, created_at, last_sequence, after=0)
        elif last_sequence < state["last_sequence"]:
            await self._rewind(connection, created_at, last_sequence, after=last_sequence)
        else:
            if self._generation != state["generation"]:
                self._last_sequence = last_sequence
            self._generation = state["generation"]

    async def _rewind(
        self, connection: RawConnection, created_at: datetime | None, last_sequence: int, *, after: int
    ) -> None:
        """Set back every event within retention whose place in the stream was beyond `after`.

        Day by day, so that no transaction grows with the history; `is_rewinding` makes an interrupted rewind
        start again. The new generation keeps workers from marking what they sent to the old stream.
        """
        self._generation = await connection.fetchval(
            "update relay_state set created_at = $2, last_sequence = $3, generation = generation + 1,"
            " is_rewinding = true where stream = $1 returning generation",
            self._stream,
            created_at,
            last_sequence,
        )
        self._last_sequence = last_sequence
        rewound = 0
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for days in range(RETENTION_DAYS, -2, -1):
            day = today - timedelta(days=days)
            done = await connection.execute(
                "update outbox set published_at = null, stream_sequence = null"
                " where occurred_at >= $1 and occurred_at < $2 and published_at is not null"
                " and stream_sequence > $3",
                day,
                day + timedelta(days=1),
                after,
            )
            rewound += int(done.rpartition(" ")[2])
        await connection.execute(
            "update relay_state set is_rewinding = false where stream = $1", self._stream
        )
        REWOUND.inc(rewound)
        log.warning("relay.rewound", stream=self._stream, count=rewound)

    async def _relay_batch(self, connection: RawConnection) -> int:
        """Publish and mark the oldest events of our lanes; return how many were found."""
        now = time.monotonic()
        self._stalled = {key: until for key, until in self._stalled.items() if until > now}
        rows = await connection.fetch(
            _UNPUBLISHED, sorted(self.lanes.held), list(self._stalled), self._batch_size
        )
        published: list[tuple[Row, Taken]] = []
        try:
            for window in windows(rows):
                if self._bus.epoch != self._checked_epoch:
                    raise StreamChanged
                published += await self._publish(
                    [row for row in window if row["aggregate_id"] not in self._stalled]
                )
        finally:
            await self._mark(connection, published)
        return len(rows)

    async def _publish(self, window: Sequence[Row]) -> list[tuple[Row, Taken]]:
        """Publish one window; return what was taken and remember the aggregates that must wait.

        Raises:
            BusUnavailable: nothing was taken at all; then no aggregate is to blame.
            StreamChanged: the sequence went backwards.
        """
        taken: list[tuple[Row, Taken]] = []
        refused: dict[str, Exception] = {}
        for row, result in zip(
            window, await self._bus.publish_window(list(map(outgoing, window))), strict=True
        ):
            if isinstance(result, Exception):
                refused[row["aggregate_id"]] = result
            else:
                taken.append((row, result))
        if refused:
            FAILED.inc(len(refused))
            reason = repr(next(iter(refused.values())))
            log.warning(
                "relay.not_published", failed_count=len(refused), published_count=len(taken), reason=reason
            )
            if not taken:
                raise BusUnavailable(reason)
            self._stalled.update(dict.fromkeys(refused, time.monotonic() + _STALL_SECONDS))
        fresh = [ack.sequence for _, ack in taken if not ack.is_duplicate]
        if fresh and min(fresh) <= self._last_sequence:
            raise StreamChanged
        self._last_sequence = max([self._last_sequence, *fresh])
        return taken

    async def _mark(self, connection: RawConnection, published: Sequence[tuple[Row, Taken]]) -> None:
        if not published:
            return
        days = [row["occurred_at"] for row, _ in published]
        marked = await connection.fetch(
            _MARK,
            self._stream,
            self._generation,
            max(ack.sequence for _, ack in published),
            [row["position"] for row, _ in published],
            days,
            [ack.sequence for _, ack in published],
            min(days),
            max(days),
        )
        if not marked:
            raise StreamChanged
        for event_type, number in Counter(row["event_type"] for row, _ in published).items():
            PUBLISHED.labels(event_type).inc(number)


def windows(rows: Iterable[Row]) -> list[list[Row]]:
    """Return the rows as windows to publish one after the other: at most one row of an aggregate in each."""
    depth: dict[str, int] = defaultdict(int)
    found: list[list[Row]] = []
    for row in rows:
        place = depth[row["aggregate_id"]]
        depth[row["aggregate_id"]] += 1
        if place == len(found):
            found.append([])
        found[place].append(row)
    return found


def outgoing(row: Row) -> Outgoing:
    """Return an outbox row as the message on the wire: a CloudEvents 1.0 event in JSON form."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": row["event_id"],
        "source": row["source"],
        "type": row["event_type"],
        "subject": row["aggregate_id"],
        "time": row["occurred_at"].isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{row['position']:020d}",
    }
    if row["traceparent"]:
        envelope["traceparent"] = row["traceparent"]
    envelope["data"] = orjson.Fragment(row["data"])
    return Outgoing(row["event_type"], orjson.dumps(envelope), envelope["id"], row["traceparent"])
