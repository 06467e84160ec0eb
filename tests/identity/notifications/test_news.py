"""News of applications, certificates and dossiers, event by event."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from chassis.db import Database
from chassis.ids import new_id
from contracts.envelope import BaseEvent, Envelope
from contracts.events.dossier import DossierChangedV1
from contracts.events.judicial_record import ApplicationChangedV1, CertificateIssuedV1, CertificateRevokedV1
from identity.app import CONSUMERS

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
APPLICATION, CERTIFICATE, DOSSIER, CITIZEN = new_id(), new_id(), new_id(), new_id()

pytestmark = pytest.mark.usefixtures("client")


def application(**overrides: Any) -> ApplicationChangedV1:
    values = {
        "application_id": APPLICATION,
        "citizen_id": CITIZEN,
        "code": "G18-20261123-0000001",
        "status": "accepted",
        "national_status": 2,
        "version": 2,
        "changed_at": NOW,
        "detail_url": f"/v1/me/judicial-record-applications/{APPLICATION}",
        **overrides,
    }
    return ApplicationChangedV1.model_validate(values)


def issued() -> CertificateIssuedV1:
    return CertificateIssuedV1(
        application_id=APPLICATION,
        certificate_id=CERTIFICATE,
        citizen_id=CITIZEN,
        form=1,
        issued_at=NOW,
        detail_url=f"/v1/me/certificates/{CERTIFICATE}",
    )


def revoked() -> CertificateRevokedV1:
    return CertificateRevokedV1(
        application_id=APPLICATION,
        certificate_id=CERTIFICATE,
        citizen_id=CITIZEN,
        revoked_at=NOW,
        detail_url=f"/v1/me/certificates/{CERTIFICATE}",
    )


def dossier(**overrides: Any) -> DossierChangedV1:
    values = {
        "dossier_id": DOSSIER,
        "code": "G18-20261123-0000002",
        "procedure_code": "1.002088",
        "owner_kind": "citizen",
        "owner_id": CITIZEN,
        "action": "accept",
        "status": 2,
        "version": 2,
        "changed_at": NOW,
        "detail_url": f"/v1/me/dossiers/{DOSSIER}",
        **overrides,
    }
    return DossierChangedV1.model_validate(values)


async def tell(app: FastAPI, database: Database, *events: BaseEvent) -> list[tuple[UUID, str]]:
    """Hand events to the consumer one by one; return (whose inbox, kind) of all there is, oldest first."""
    (consumer,) = CONSUMERS
    for event in events:
        envelope = Envelope(
            id=new_id(),
            source=event.source,
            type=event.event_type,
            subject=event.aggregate_id,
            time=NOW,
            sequence="0" * 20,
            data=event.model_dump(mode="json"),
        )
        async with database.transaction() as db:
            await consumer.events[type(event)](db, event, envelope, app.state)
    async with database.connection() as connection:
        rows = await connection.fetch("select citizen_id, kind from notifications order by notification_id")
    return [(row["citizen_id"], row["kind"]) for row in rows]


async def test_an_application_is_followed_to_its_certificate(app: FastAPI, database: Database) -> None:
    told = await tell(
        app,
        database,
        application(status="awaiting_payment", national_status=6, version=1),
        application(status="submitted", national_status=1, version=2),
        application(status="accepted", version=3),
        application(status="checking", national_status=4, version=4),
        application(status="verifying", national_status=4, version=5),
        application(status="issued", national_status=9, version=9),
        issued(),
        revoked(),
    )

    assert told == [
        (CITIZEN, "application_submitted"),
        (CITIZEN, "application_accepted"),
        (CITIZEN, "certificate_issued"),
        (CITIZEN, "certificate_revoked"),
    ]


@pytest.mark.parametrize("event", [application(), issued(), revoked(), dossier()], ids=lambda e: e.event_type)
async def test_an_event_that_comes_ten_times_is_told_of_once(
    app: FastAPI, database: Database, event: BaseEvent
) -> None:
    assert len(await tell(app, database, *[event] * 10)) == 1


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (application(status="refused", national_status=3, version=7), application(version=3)),
        (revoked(), issued()),
        (dossier(action="sign", status=9, version=8), dossier(version=2)),
    ],
    ids=["application", "certificate", "dossier"],
)
async def test_an_older_version_is_not_told_of_after_a_newer(
    app: FastAPI, database: Database, newer: BaseEvent, older: BaseEvent
) -> None:
    assert await tell(app, database, newer, older) == await tell(app, database, newer)


async def test_who_filed_for_another_is_told_and_a_company_has_no_inbox(
    app: FastAPI, database: Database
) -> None:
    parent, employee, company = new_id(), new_id(), new_id()

    told = await tell(
        app,
        database,
        dossier(dossier_id=new_id()),
        dossier(dossier_id=new_id(), acting_citizen_id=parent),
        dossier(dossier_id=new_id(), owner_kind="company", owner_id=company, acting_citizen_id=employee),
        dossier(dossier_id=new_id(), owner_kind="company", owner_id=company),
    )

    assert [citizen_id for citizen_id, _ in told] == [CITIZEN, parent, employee]
