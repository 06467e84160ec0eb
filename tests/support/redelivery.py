"""Events as a broker may deliver them: each ten times, in whatever order; taken as the chassis takes them.

Two kinds of order, each made from a seed, so that a failure comes again:

- `again`: the first delivery of an aggregate's events keeps the stream's order, as it does in the system;
  everything else is shuffled. The end state must be that of one delivery in order, to the last row.
- `astray`: nothing keeps any order. What the newest version decides must still be the same.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis import inbox
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.ids import new_id
from contracts import catalogue
from contracts.envelope import BaseEvent, Envelope

TIMES = 10
OCCURRED_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

in_order_of_stream = pytest.mark.parametrize("order", ["once", "again 1", "again 2", "again 3"])
astray = pytest.mark.parametrize("order", ["once", "astray 1", "astray 2", "astray 3"])


def envelopes_of(events: Iterable[BaseEvent]) -> list[Envelope]:
    """Return events as their producers publish them, in order."""
    return [
        Envelope(
            id=new_id(),
            source=event.source,
            type=event.event_type,
            subject=event.aggregate_id,
            time=OCCURRED_AT,
            sequence=str(position).zfill(20),
            data=event.model_dump(mode="json"),
        )
        for position, event in enumerate(events, 1)
    ]


def ordered(envelopes: Sequence[Envelope], order: str) -> list[Envelope]:
    """Return the deliveries of one of the orders above."""
    kind, _, seed = order.partition(" ")
    if kind == "once":
        return list(envelopes)
    deliveries = [envelope for envelope in envelopes for _ in range(TIMES)]
    random.Random(seed).shuffle(deliveries)
    return deliveries if kind == "astray" else _first_in_order(deliveries, envelopes)


def _first_in_order(deliveries: list[Envelope], envelopes: Sequence[Envelope]) -> list[Envelope]:
    """Let what is delivered for the first time come after all that is before it in its aggregate."""
    queues: dict[str, list[Envelope]] = {}
    for envelope in envelopes:
        queues.setdefault(envelope.subject, []).append(envelope)
    found = []
    for envelope in deliveries:
        queue = queues[envelope.subject]
        if envelope not in queue:
            found.append(envelope)
        while envelope in queue:
            found.append(queue.pop(0))
    return found


async def deliver(
    database: Database, service: str, consumer: Consumer, deliveries: Iterable[Envelope], state: Any
) -> None:
    """Let a consumer take deliveries one after the other: inbox row and effect in one transaction."""
    handlers = {event.event_type: (event, handler) for event, handler in consumer.events.items()}
    for envelope in deliveries:
        event, handler = handlers[envelope.type]
        name = f"{service}.{consumer.purpose}@{catalogue.entry_of(envelope.type).stream}"
        async with database.transaction() as db:
            if await inbox.claim(db, name, envelope) is inbox.Claim.NEW:
                await handler(db, event.model_validate(envelope.data), envelope, state)
