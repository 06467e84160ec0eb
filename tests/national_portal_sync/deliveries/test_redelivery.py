"""Every event that peers are told of, ten times and in whatever order: the same queues, the same peers."""

from typing import Any

from chassis.ids import new_id
from national_portal_sync.app import CONSUMERS
from tests.national_portal_sync.conftest import Sync
from tests.national_portal_sync.factories import (
    make_application_change,
    make_change,
    make_dossier,
    make_issued,
    make_result,
    make_revoked,
)
from tests.national_portal_sync.webhooks.test_routes import add_endpoint
from tests.support.redelivery import astray, deliver, envelopes_of, in_order_of_stream, ordered

(CONSUMER,) = CONSUMERS
DOSSIERS = {"G18-20261123-0000001": (1, 2, 4, 9), "G18-20261123-0000002": (1, 2, 4)}
APPLICATION = "G01-20261123-0000001"
WENT = (1, 2, 4, 9)


async def tell(sync: Sync, order: str) -> None:
    """Announce every step of two dossiers, and of an application up to its revoked certificate; then send."""
    await add_endpoint(sync)
    events: list[Any] = []
    for code, statuses in DOSSIERS.items():
        dossier_id = new_id()
        for steps in range(1, len(statuses) + 1):
            events.append(make_change(dossier_id, make_dossier(*statuses[:steps], code=code)))
        sync.sources.dossiers[dossier_id] = make_dossier(*statuses, code=code)
    application_id = new_id()
    for version, status in enumerate(WENT, 1):
        events.append(make_application_change(application_id, national_status=status, version=version))
    events += [make_issued(application_id), make_revoked(application_id)]
    sync.sources.dossiers[application_id] = make_dossier(
        *WENT, code=APPLICATION, agency_code="G01", results=[make_result()]
    )
    assert {type(event) for event in events} == set(CONSUMER.events)
    state = sync.app.state
    deliveries = ordered(envelopes_of(events), order)
    await deliver(state.database, "national-portal-sync", CONSUMER, deliveries, state)
    await sync.drain()


async def queues(sync: Sync) -> dict[tuple[str, str | None], tuple[Any, ...]]:
    """Return of every queue its latest version and day, what is left, and what was settled, in order."""
    rows = await sync.rows.fetch("""
        select split_part(peer, '/', 1) as peer, code, latest_version, changed_on::text, due_at is null,
            (select array_agg(split_part(event_type, '.', 3) || version order by position) from deliveries d
             where (d.peer, d.dossier_id, d.state) = (q.peer, q.dossier_id, 'delivered'))
        from delivery_queues q
    """)
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


async def portal(sync: Sync) -> dict[str, list[str]]:
    return {code: await sync.peers.statuses(code) for code in (*DOSSIERS, APPLICATION)}


def settled(versions: int, *more: str, on: str = "2026-11-23") -> tuple[Any, ...]:
    return versions, on, True, [*(f"changed{version}" for version in range(1, versions + 1)), *more]


FIRST, SECOND = DOSSIERS
QUEUES = {
    ("dvcqg", FIRST): settled(4),
    ("dvcqg", SECOND): settled(3),
    ("webhook", FIRST): settled(4),
    ("webhook", SECOND): settled(3),
    ("dvcqg", APPLICATION): settled(4, "revoked0", on="2026-11-24"),
    ("vneid", None): (0, "2026-11-24", True, ["issued0", "revoked0"]),
}
PORTAL = {
    FIRST: ["1", "2", "4", "9"],
    SECOND: ["1", "2", "4"],
    APPLICATION: ["1", "2", "4", "9"],
}


@in_order_of_stream
async def test_each_change_is_told_once_and_in_order(sync: Sync, order: str) -> None:
    before = len(await sync.peers.messages())
    await tell(sync, order)

    assert await queues(sync) == QUEUES
    assert await portal(sync) == PORTAL
    messages = [message["event"]["data"] for message in (await sync.peers.messages())[before:]]
    for code, statuses in DOSSIERS.items():
        told = [one["status"]["number"] for one in messages if one["code"] == code]
        assert told == list(statuses)


@astray
async def test_peers_end_where_the_dossiers_stand(sync: Sync, order: str) -> None:
    await tell(sync, order)

    found = await queues(sync)
    assert {queue: (*rest, sorted(told)) for queue, (*rest, told) in found.items()} == QUEUES
    assert await portal(sync) == PORTAL
