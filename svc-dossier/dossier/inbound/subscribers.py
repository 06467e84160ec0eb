"""Events that become dossiers. The chassis keeps inbox row and effect in one transaction."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Envelope
from contracts.events.national_portal_sync import InboundDossierReceivedV1
from dossier.assembly import applicant_side
from dossier.inbound.service import InboundService


async def on_inbound_received(
    db: AsyncSession, event: InboundDossierReceivedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """File what a peer handed over."""
    await InboundService(applicant_side(state, db), state.identity, state.portal_sync).take(event)
