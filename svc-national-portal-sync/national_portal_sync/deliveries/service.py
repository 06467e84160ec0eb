"""What operators, and owners of webhooks, see of deliveries and do with them."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import IllegalTransition, NotFound
from chassis.paging import Cursors, Page
from national_portal_sync.deliveries import listing
from national_portal_sync.deliveries.rules import State
from national_portal_sync.deliveries.schemas import DeliveryOut, PeerOut, PeersOut
from national_portal_sync.webhooks.service import position_of

_OPEN = ("waiting", "sending", "retrying", "unknown", "parked")
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """Use cases in the request's unit of work. `threshold` is how many failures in a row open a breaker."""

    db: AsyncSession
    clocks: Clocks
    threshold: int

    async def list_page(
        self, cursors: Cursors, cursor: str | None, limit: int, *, state: State | None, peer: str | None
    ) -> Page[DeliveryOut]:
        """Return a page, newest first. Raises: MalformedCursor."""
        scope = f"deliveries:{state}:{peer}"
        before = position_of(cursors, cursor, scope)
        rows = await listing.list_before(self.db, state=state, peer=peer, before=before, limit=limit + 1)
        items = [DeliveryOut(**row) for row in rows[:limit]]
        more = cursors.encode([str(items[-1].id)], scope=scope) if len(rows) > limit else None
        return Page[DeliveryOut](items=items, next_cursor=more)

    async def replay(self, delivery_id: UUID, *, peer: str | None = None) -> DeliveryOut:
        """Return the delivery, to be sent again now, with all its attempts before it.

        Raises: NotFound; IllegalTransition while it is being sent.
        """
        found = await listing.lock_queue_of(self.db, delivery_id, peer)
        if found is None:
            raise NotFound
        is_leased, _ = found
        if is_leased:
            raise IllegalTransition
        await listing.replay(self.db, delivery_id, self.clocks.real_now())
        rows = await listing.list_before(
            self.db, state=None, peer=None, before=_LAST, limit=1, delivery_id=delivery_id
        )
        return DeliveryOut(**rows[0])

    async def list_peers(self) -> PeersOut:
        """Return every peer with its figures."""
        return PeersOut(items=[self._peer(row) for row in await listing.list_peers(self.db)])

    def _peer(self, row: RowMapping) -> PeerOut:
        now = self.clocks.real_now()
        is_open = row["open_until"] is not None and row["open_until"] > now
        breaker = "open" if is_open else "half_open" if row["failures"] >= self.threshold else "closed"
        names = ("peer", "open_until", "failures", "last_delivered_at", "last_failed_at", "last_problem")
        return PeerOut(
            **cast("dict[str, Any]", {name: row[name] for name in names}),  # Any: a row's columns
            breaker=breaker,
            counts={state: row[state] for state in _OPEN},
            lag_seconds=max(0.0, (now - row["oldest_at"]).total_seconds()) if row["oldest_at"] else 0.0,
        )
