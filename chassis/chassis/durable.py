"""Takes the events of one durable consumer: inbox row and effect in one transaction, then acknowledgement.

Order within an aggregate holds, across failures, crashes and takeovers: one worker at a time is active per
durable, events of one aggregate are taken one after the other, a failed one holds back those behind it
(`inbox.py`), and a worker that takes over waits for what its predecessor left unacknowledged (`pull.py`).
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import nats.errors
import nats.js.errors
import orjson
from nats.aio.msg import Msg
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import inbox, telemetry
from chassis.bus import Bus, BusUnavailable, Outgoing
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.inbox import Claim, Failure
from chassis.logging import get_logger
from chassis.pull import Pull
from contracts import catalogue
from contracts.envelope import Envelope

log = get_logger(__name__)

CONSUMED = Counter("lienthong_consumed_total", "Events by consumer and outcome.", ["consumer", "outcome"])
DEAD = Gauge("lienthong_dead_letters", "Events that a consumer gave up on.", ["consumer"])
STALLED = Gauge("lienthong_consumer_stalled", "Failed events and those that wait behind them.", ["consumer"])
LAG = Gauge("lienthong_consumer_lag", "Events of the stream that a consumer has yet to take.", ["consumer"])

_LOOK_SECONDS = 1.0
_MEASURE_SECONDS = 5.0


class Interrupted(Exception):
    """The database failed, not the event: nothing is written, the broker delivers again."""


class DurableWorker:
    """The worker of one durable, to be run while its lock is held."""

    def __init__(
        self,
        durable: catalogue.Durable,
        consumer: Consumer,
        database: Database,
        bus: Bus,
        app_state: Any,  # Any: the application's own state, handed through to the handlers
    ) -> None:
        self._durable = durable
        self._consumer = consumer
        self._database = database
        self._bus = bus
        self._app_state = app_state
        self._pull = Pull(bus, durable.stream, durable.name)
        self._handlers = {event.event_type: (event, do) for event, do in consumer.events.items()}
        self._is_stopping = False
        self._is_waiting = False
        self.name = f"{durable.service}.{durable.purpose}@{durable.stream}"
        """The consumer's name in the inbox, in logs and in figures."""

    def stop(self) -> None:
        """Let `run` return after the events in hand."""
        self._is_stopping = True
        self._pull.give_up()

    async def run(self) -> None:
        """Take events until stopped; failures of the broker or the database are waited out."""
        clock = asyncio.get_running_loop().time
        looked_at = measured_at = float("-inf")
        try:
            while not self._is_stopping:
                try:
                    if clock() - looked_at > _LOOK_SECONDS:
                        looked_at = clock()
                        await self._retry_due()
                    if clock() - measured_at > _MEASURE_SECONDS:
                        measured_at = clock()
                        LAG.labels(self.name).set(await self._pull.lag())
                    await self._take_all(await self._pull.next_batch(_LOOK_SECONDS))
                    self._is_waiting = False
                except (BusUnavailable, Interrupted, nats.errors.Error, nats.js.errors.Error) as failure:
                    if not self._is_waiting:
                        log.warning("consumer.waits", consumer=self.name, reason=repr(failure))
                    self._is_waiting = True
                    await self._start_over()
                except Exception:
                    log.exception("consumer.failed", consumer=self.name)
                    await self._start_over()
        finally:
            await self._pull.close()

    async def _start_over(self) -> None:
        await self._pull.close()
        if not self._is_stopping:
            await asyncio.sleep(_LOOK_SECONDS)

    async def _take_all(self, messages: Iterable[Msg]) -> None:
        """Take messages side by side, those of one aggregate in order.

        Raises:
            Interrupted: some were not taken and not acknowledged.
        """
        queues: dict[str, list[tuple[Msg, Envelope]]] = {}
        for message in messages:
            try:
                envelope = Envelope.model_validate_json(message.data)
            except ValueError:
                await self._bury_unreadable(message)
            else:
                queues.setdefault(envelope.subject, []).append((message, envelope))
        limit = asyncio.Semaphore(self._consumer.concurrency)

        async def take_queue(queue: list[tuple[Msg, Envelope]]) -> None:
            async with limit:
                for message, envelope in queue:
                    await self._take(envelope)
                    await message.ack()

        for result in await asyncio.gather(*map(take_queue, queues.values()), return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _take(self, envelope: Envelope) -> None:
        """Take one event for the first time, or put it aside."""
        try:
            async with self._database.transaction() as db:
                claim = await inbox.claim(db, self.name, envelope)
                if claim is Claim.NEW:
                    await self._handle(db, envelope)
                elif claim is Claim.STALLED:
                    await self._park(db, envelope, "waiting", "waits for an earlier event", 0)
        except Exception as error:
            reason = self._reason_of(error, envelope)
            async with self._transaction() as db:
                await self._park(db, envelope, "retrying", reason, 1)
        else:
            CONSUMED.labels(self.name, claim.value).inc()

    async def _retry_due(self) -> None:
        """Try what is due of the queues of failures, until nothing more is."""
        while not self._is_stopping:
            async with self._transaction() as db:
                failures = await inbox.due(db, self.name, datetime.now(UTC))
                dead, total = await inbox.count_open(db, self.name)
            DEAD.labels(self.name).set(dead)
            STALLED.labels(self.name).set(total)
            if not failures:
                return
            for failure in failures:
                await self._retry(failure)

    async def _retry(self, failure: Failure) -> None:
        """Try the first event of one aggregate's queue again; bury it after the last attempt."""
        envelope = Envelope.model_validate(failure.envelope)
        try:
            async with self._database.transaction() as db:
                if await inbox.claim_head(db, self.name, envelope) is Claim.NEW:
                    await self._handle(db, envelope)
                await inbox.settle(db, failure.id, state="replayed", attempts=failure.attempts)
        except Exception as error:
            reason, attempts = self._reason_of(error, envelope), failure.attempts + 1
            is_dead = attempts >= self._consumer.max_attempts
            if is_dead:
                await self._publish_dead(envelope.id, failure.envelope, reason, attempts)
            async with self._transaction() as db:
                await inbox.settle(
                    db,
                    failure.id,
                    state="dead" if is_dead else "retrying",
                    attempts=attempts,
                    next_attempt_at=None if is_dead else self._next_attempt_at(attempts),
                    reason=reason,
                )
        else:
            CONSUMED.labels(self.name, "retried").inc()

    async def _handle(self, db: AsyncSession, envelope: Envelope) -> None:
        event_class, handler = self._handlers[envelope.type]
        attributes = {"messaging.system": "nats", "messaging.message.id": str(envelope.id)}
        name = f"{self.name} {envelope.type}"
        with telemetry.consumer_span(name, envelope.traceparent, attributes):
            await handler(db, event_class.model_validate(envelope.data), envelope, self._app_state)

    async def _park(
        self, db: AsyncSession, envelope: Envelope, state: str, reason: str, attempts: int
    ) -> None:
        await inbox.park(
            db,
            self.name,
            event_id=envelope.id,
            aggregate_id=envelope.subject,
            envelope=envelope.model_dump_json(),
            state=state,
            reason=reason,
            attempts=attempts,
            next_attempt_at=self._next_attempt_at(attempts) if attempts else None,
        )

    async def _bury_unreadable(self, message: Msg) -> None:
        """Put aside what is no envelope at all: it has no aggregate that could wait for it."""
        event_id = uuid5(UUID(int=0), f"{self._durable.stream}/{message.metadata.sequence.stream}")
        unreadable = {"unreadable": message.data.decode("utf-8", "replace").replace("\x00", "\ufffd")}
        await self._publish_dead(event_id, unreadable, "unreadable", 1)
        async with self._transaction() as db:
            await inbox.park(
                db,
                self.name,
                event_id=event_id,
                aggregate_id=f"unreadable/{event_id}",
                envelope=orjson.dumps(unreadable).decode(),
                state="dead",
                reason="unreadable",
                attempts=1,
            )
        await message.ack()

    async def _publish_dead(
        self, event_id: UUID, envelope: dict[str, Any], reason: str, attempts: int
    ) -> None:
        """Publish a copy for those who watch; the row in the table is what gets replayed."""
        CONSUMED.labels(self.name, "dead").inc()
        log.error("consumer.event_dead", consumer=self.name, event_id=str(event_id), reason=reason)
        letter = {"consumer": self.name, "reason": reason, "attempts": attempts, "envelope": envelope}
        subject = catalogue.dead_letter_subject(self._durable.service, self._durable.purpose)
        await self._bus.publish(Outgoing(subject, orjson.dumps(letter), f"{self.name}/{event_id}/{attempts}"))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        """Give a unit of work for our own rows. Raises: Interrupted when the database fails."""
        try:
            async with self._database.transaction() as db:
                yield db
        except Exception as error:
            raise Interrupted(type(error).__name__) from error

    def _reason_of(self, error: Exception, envelope: Envelope) -> str:
        """Log a failure and return it in words: kind and place, never its text, which may quote data."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        CONSUMED.labels(self.name, "failed").inc()
        log.warning(
            "consumer.event_failed",
            consumer=self.name,
            event_id=str(envelope.id),
            reason=reason,
            exc_info=error,
        )
        return reason

    def _next_attempt_at(self, attempts: int) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._consumer.backoff_seconds(attempts))
