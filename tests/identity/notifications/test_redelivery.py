"""Every event that identity takes, ten times and in whatever order: the same inboxes."""

from uuid import UUID

import pytest
from fastapi import FastAPI

from chassis.db import Database
from chassis.ids import new_id
from identity.app import CONSUMERS
from tests.identity.notifications.test_inbox import make_event
from tests.identity.notifications.test_news import CITIZEN, application, dossier, issued, revoked
from tests.support.redelivery import astray, deliver, envelopes_of, in_order_of_stream, ordered

pytestmark = pytest.mark.usefixtures("client")

(CONSUMER,) = CONSUMERS
OTHER, VISIT, OTHER_DOSSIER = new_id(), new_id(), new_id()
EVENTS = (
    make_event(CITIZEN, visit_id=VISIT),
    make_event(CITIZEN, visit_id=VISIT, version=2, outcome="superseded"),
    make_event(OTHER),
    application(status="awaiting_payment", national_status=6, version=1),
    application(status="submitted", national_status=1, version=2),
    application(version=3),
    application(status="issued", national_status=9, version=4),
    issued(),
    revoked(),
    dossier(version=2),
    dossier(dossier_id=OTHER_DOSSIER, owner_id=OTHER, version=2),
    dossier(action="request_supplement", status=5, version=3),
    dossier(action="sign", status=9, version=4),
    dossier(dossier_id=OTHER_DOSSIER, owner_id=OTHER, action="refuse", status=3, version=3),
)
TOLD = {
    (CITIZEN, "visit_recorded"),
    (CITIZEN, "visit_corrected"),
    (OTHER, "visit_recorded"),
    (CITIZEN, "application_submitted"),
    (CITIZEN, "application_accepted"),
    (CITIZEN, "certificate_issued"),
    (CITIZEN, "certificate_revoked"),
    (CITIZEN, "dossier_accepted"),
    (CITIZEN, "dossier_needs_supplement"),
    (CITIZEN, "dossier_finished"),
    (OTHER, "dossier_accepted"),
    (OTHER, "dossier_refused"),
}
NEWEST = {
    (CITIZEN, "visit_corrected"),
    (OTHER, "visit_recorded"),
    (CITIZEN, "application_accepted"),
    (CITIZEN, "certificate_revoked"),
    (CITIZEN, "dossier_finished"),
    (OTHER, "dossier_refused"),
}


async def inboxes(
    app: FastAPI, database: Database, order: str
) -> tuple[list[tuple[UUID, str]], set[tuple[UUID, str]]]:
    """Return (whose, kind) of every notice, and of the newest of each thing told of."""
    await deliver(database, "identity", CONSUMER, ordered(envelopes_of(EVENTS), order), app.state)
    async with database.connection() as connection:
        every = await connection.fetch("select citizen_id, kind from notifications")
        newest = await connection.fetch(
            "select distinct on (about_id) citizen_id, kind from notifications"
            " order by about_id, about_version desc"
        )
    return [(row[0], row[1]) for row in every], {(row[0], row[1]) for row in newest}


def test_every_event_of_the_consumer_is_tried() -> None:
    assert {type(event) for event in EVENTS} == set(CONSUMER.events)


@in_order_of_stream
async def test_each_piece_of_news_is_told_once(app: FastAPI, database: Database, order: str) -> None:
    every, newest = await inboxes(app, database, order)

    assert (len(every), set(every), newest) == (len(TOLD), TOLD, NEWEST)


@astray
async def test_the_newest_is_what_is_told_last(app: FastAPI, database: Database, order: str) -> None:
    every, newest = await inboxes(app, database, order)

    assert newest == NEWEST
    assert len(set(every)) == len(every)
    assert set(every) <= TOLD
