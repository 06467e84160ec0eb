"""What the databases hold, compared as sets with what the hospital was told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from deploy.faults.load import FACILITY, Ledger

_CLAIMS = """
    select facility_visit_code as code, visit_id::text as visit_id, version
    from visit_claims where facility_code = $1
"""
_VISITS = (
    "select facility_visit_code as code, visit_id::text as visit_id from visits where facility_code = $1"
)
_OLDER = "select count(*) from visit_versions where facility_code = $1"
_WAITING = "select count(*) from unlinked_visits where facility_code = $1"
_EVENTS = "select aggregate_id from outbox where event_type like 'health-book.visit.recorded.%'"
_UNPUBLISHED = "select count(*) from outbox where published_at is null"
_NOTIFICATIONS = "select about_id::text as visit_id from notifications"
_FAILED = "select count(*) from inbox_failures where state <> 'replayed'"


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is stored: visit ids by visit code, and how often each visit, event and notification is there."""

    claims: Mapping[str, str]
    visits: Counter[str]
    versions_over_one: int
    older_versions: int
    waiting_for_person: int
    events: Counter[str]
    unpublished: int
    notifications: Counter[str]
    failed_events: int

    @property
    def is_settled(self) -> bool:
        """Whether everything has arrived where it goes: nothing waits, each visit has its notification."""
        return (
            self.unpublished == 0
            and self.waiting_for_person == 0
            and self.notifications.keys() >= set(self.claims.values())
        )


async def read_holdings(health_book_url: str, identity_url: str) -> Holdings:
    """Read both databases as their application roles."""
    health_book = await asyncpg.connect(health_book_url, timeout=10)
    try:
        claims = await health_book.fetch(_CLAIMS, FACILITY)
        visits = await health_book.fetch(_VISITS, FACILITY)
        older = await health_book.fetchval(_OLDER, FACILITY)
        waiting = await health_book.fetchval(_WAITING, FACILITY)
        events = await health_book.fetch(_EVENTS)
        unpublished = await health_book.fetchval(_UNPUBLISHED)
    finally:
        await health_book.close()
    identity = await asyncpg.connect(identity_url, timeout=10)
    try:
        notifications = await identity.fetch(_NOTIFICATIONS)
        failed = await identity.fetchval(_FAILED)
    finally:
        await identity.close()
    return Holdings(
        claims={row["code"]: row["visit_id"] for row in claims},
        visits=Counter(row["visit_id"] for row in visits),
        versions_over_one=sum(row["version"] > 1 for row in claims),
        older_versions=older,
        waiting_for_person=waiting,
        events=Counter(row["aggregate_id"] for row in events),
        unpublished=unpublished,
        notifications=Counter(row["visit_id"] for row in notifications),
        failed_events=failed,
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One property with its figure; it holds when the figure is `wanted`."""

    name: str
    figure: int
    wanted: int = 0

    @property
    def holds(self) -> bool:
        return self.figure == self.wanted


def compare(ledger: Ledger, found: Holdings) -> list[Check]:
    """Compare what was acknowledged with what is stored. Pure."""
    told = {code: visit_id for code, (visit_id, _) in ledger.acknowledged.items()}
    stored = set(found.claims.values())
    return [
        Check("visits acknowledged", len(told), len(ledger.sent)),
        Check("answers 500 instead of 503", len(ledger.faults)),
        Check("acknowledged and lost", len(told.keys() - found.claims.keys())),
        Check(
            "acknowledged under another id",
            sum(found.claims.get(code, told[code]) != told[code] for code in told),
        ),
        Check("stored and never sent", len(found.claims.keys() - ledger.sent)),
        Check("claimed and in nobody's book", len(stored - found.visits.keys())),
        Check(
            "visits stored twice", _repeated(found.visits) + found.versions_over_one + found.older_versions
        ),
        Check("visits without an event", len(stored - found.events.keys())),
        Check("visits with two events", _repeated(found.events)),
        Check("events not published", found.unpublished),
        Check("visits without a notification", len(stored - found.notifications.keys())),
        Check("notifications twice", _repeated(found.notifications)),
        Check("notifications of no visit", len(found.notifications.keys() - stored)),
        Check("events given up or waiting", found.failed_events),
    ]


def _repeated(counts: Counter[str]) -> int:
    return sum(count - 1 for count in counts.values())
