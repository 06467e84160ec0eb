"""Events that become notifications. The chassis keeps inbox row and effect in one transaction."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Envelope
from contracts.events.dossier import DossierChangedV1
from contracts.events.health_book import VisitRecordedV1
from contracts.events.judicial_record import ApplicationChangedV1, CertificateIssuedV1, CertificateRevokedV1
from identity.notifications import rules
from identity.notifications.service import News, NotificationService

ISSUED, REVOKED = 1, 2
"""Versions of a certificate as notices count them: it is issued once and may be revoked once."""


async def on_visit_recorded(
    db: AsyncSession, event: VisitRecordedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """Tell the citizen that a visit is in their book."""
    news = News(
        event.citizen_id,
        rules.kind_of_visit(event.outcome),
        event.visit_id,
        event.version,
        event.detail_url,
        event.recorded_at,
    )
    await NotificationService(db, state.clocks).tell(news)


async def on_application_changed(
    db: AsyncSession, event: ApplicationChangedV1, envelope: Envelope, state: Any
) -> None:  # Any: as above
    """Tell the applicant what is news to them, which not every change is."""
    kind = rules.kind_of_application(event.status)
    if kind is not None:
        news = News(
            event.citizen_id, kind, event.application_id, event.version, event.detail_url, event.changed_at
        )
        await NotificationService(db, state.clocks).tell(news)


async def on_certificate_issued(
    db: AsyncSession, event: CertificateIssuedV1, envelope: Envelope, state: Any
) -> None:  # Any: as above
    """Tell the holder that the certificate can be fetched."""
    news = News(
        event.citizen_id,
        "certificate_issued",
        event.certificate_id,
        ISSUED,
        event.detail_url,
        event.issued_at,
    )
    await NotificationService(db, state.clocks).tell(news)


async def on_certificate_revoked(
    db: AsyncSession, event: CertificateRevokedV1, envelope: Envelope, state: Any
) -> None:  # Any: as above
    """Tell the holder that the certificate is no longer valid."""
    news = News(
        event.citizen_id,
        "certificate_revoked",
        event.certificate_id,
        REVOKED,
        event.detail_url,
        event.revoked_at,
    )
    await NotificationService(db, state.clocks).tell(news)


async def on_dossier_changed(
    db: AsyncSession, event: DossierChangedV1, envelope: Envelope, state: Any
) -> None:  # Any: as above
    """Tell who filed: the person who acted, else the owner. A company that nobody acted for has no inbox."""
    kind = rules.kind_of_dossier(event.action, event.status)
    recipient = event.acting_citizen_id or (event.owner_id if event.owner_kind == "citizen" else None)
    if kind is not None and recipient is not None:
        news = News(recipient, kind, event.dossier_id, event.version, event.detail_url, event.changed_at)
        await NotificationService(db, state.clocks).tell(news)
