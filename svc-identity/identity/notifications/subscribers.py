"""Events that become notifications. The chassis keeps inbox row and effect in one transaction."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.envelope import Envelope
from contracts.events.health_book import VisitRecordedV1
from identity.notifications.service import NotificationService


async def on_visit_recorded(
    db: AsyncSession, event: VisitRecordedV1, envelope: Envelope, state: Any
) -> None:  # Any: starlette's State
    """Tell the citizen that a visit is in their book."""
    await NotificationService(db, state.clocks).tell_of_visit(event)
