"""Events that peers must be told of. The chassis keeps inbox row and effect in one transaction."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import LEGAL_ZONE
from contracts.envelope import Envelope
from contracts.events.dossier import DossierChangedV1
from contracts.events.judicial_record import (
    ApplicationChangedV1,
    CertificateIssuedV1,
    CertificateRevokedV1,
)
from national_portal_sync.deliveries import repository
from national_portal_sync.deliveries.repository import Notice
from national_portal_sync.webhooks.messages import PublicStatus
from national_portal_sync.webhooks.service import notices_of

PORTAL = "dvcqg"
VNEID = "vneid"


async def on_dossier_changed(
    db: AsyncSession, event: DossierChangedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """Queue a dossier's change for the portal, and its public status for the provinces that see it."""
    status = PublicStatus(
        kind="dossier",
        code=event.code,
        procedure_code=event.procedure_code,
        status=event.status,
        version=event.version,
        changed_at=event.changed_at,
    )
    await _queue(db, state, envelope, event.dossier_id, "dossier", status)


async def on_application_changed(
    db: AsyncSession, event: ApplicationChangedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """Queue an application's change, once it has a national code and status: a draft concerns nobody else."""
    if event.code is None or event.national_status is None:
        return
    status = PublicStatus(
        kind="judicial-record",
        code=event.code,
        procedure_code=None,
        status=event.national_status,
        version=event.version,
        changed_at=event.changed_at,
    )
    await _queue(db, state, envelope, event.application_id, "judicial-record", status)


async def on_certificate_issued(
    db: AsyncSession, event: CertificateIssuedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """Queue the result for VNeID; the portal hears of it by the application's own change."""
    notice = _certificate(
        VNEID, event.application_id, envelope, event.issued_at.astimezone(LEGAL_ZONE).date()
    )
    await repository.add(db, [notice], state.clocks.real_now())


async def on_certificate_revoked(
    db: AsyncSession, event: CertificateRevokedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """Queue the revocation for VNeID and for the portal, whose copy names the result."""
    on = event.revoked_at.astimezone(LEGAL_ZONE).date()
    notices = [_certificate(peer, event.application_id, envelope, on) for peer in (VNEID, PORTAL)]
    await repository.add(db, notices, state.clocks.real_now())


async def _queue(
    db: AsyncSession, state: Any, envelope: Envelope, dossier_id: UUID, source: str, status: PublicStatus
) -> None:  # Any: as above
    portal = Notice(
        peer=PORTAL,
        dossier_id=dossier_id,
        source=source,
        code=status.code,
        event_id=envelope.id,
        event_type=envelope.type,
        version=status.version,
        changed_on=status.changed_at.astimezone(LEGAL_ZONE).date(),
    )
    webhooks = await notices_of(db, portal, status, state.settings.public_url)
    await repository.add(db, [portal, *webhooks], state.clocks.real_now())


def _certificate(peer: str, application_id: UUID, envelope: Envelope, on: date) -> Notice:
    return Notice(
        peer=peer,
        dossier_id=application_id,
        source="judicial-record",
        code=None,
        event_id=envelope.id,
        event_type=envelope.type,
        version=0,
        changed_on=on,
    )
