"""Consumers of events, as a service declares them; `consumer_group.py` and `durable.py` run them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.logging import get_logger
from contracts import catalogue
from contracts.envelope import BaseEvent, Envelope

log = get_logger(__name__)

Handler = Callable[[AsyncSession, Any, Envelope, Any], Awaitable[None]]
"""`async (db, event, envelope, app_state) -> None`; Any: the event's class is the key it is registered by."""


@dataclass(frozen=True)
class Consumer:
    """One purpose of a service: which events it takes, and by which functions.

    A handler runs in the transaction of its inbox row: what it writes through `db` happens once per event,
    what it does elsewhere may happen again. A failing event is tried `max_attempts` times, 1 s, 2 s, 4 s …
    and at most 5 minutes apart (by default given up after about 9 minutes), then it is dead.
    """

    purpose: str
    events: Mapping[type[BaseEvent], Handler]
    max_attempts: int = 10
    concurrency: int = 4
    longest_backoff_seconds: float = 300.0

    def backoff_seconds(self, attempts: int) -> float:
        """Return the wait after the `attempts`-th failure."""
        return min(2.0 ** min(attempts - 1, 30), self.longest_backoff_seconds)


class ConsumerNotInCatalogue(Exception):
    """Code and catalogue disagree about what a consumer listens to; the process must not start."""


def durables_of(service: str, consumer: Consumer) -> list[catalogue.Durable]:
    """Return the durable consumers of one purpose, one per stream it listens to.

    Raises:
        ConsumerNotInCatalogue: the catalogue names other events for it.
    """
    found = [d for d in catalogue.durables() if (d.service, d.purpose) == (service, consumer.purpose)]
    listed = {subject for durable in found for subject in durable.filter_subjects}
    if listed != {event.event_type for event in consumer.events}:
        raise ConsumerNotInCatalogue(f"{service}.{consumer.purpose}: the catalogue lists {sorted(listed)}")
    return found
