"""Compares a day with a peer, names each difference, and mends what is ours by replay."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clocks
from chassis.errors import Invalid, UpstreamUnavailable
from chassis.ids import new_id
from chassis.paging import Cursors, Page
from national_portal_sync.deliveries import listing
from national_portal_sync.peers.peer import DailyList
from national_portal_sync.peers.results import PeerFailure
from national_portal_sync.reconciliations import repository
from national_portal_sync.reconciliations.rules import Difference, OurEntry, compare, set_digest
from national_portal_sync.reconciliations.schemas import DifferenceOut, ReconciliationOut, SideOut
from national_portal_sync.webhooks.service import position_of

SHOWN = 1000
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class ReconciliationService:
    """Use cases in the request's unit of work; `peers` are those that can list a day."""

    db: AsyncSession
    clocks: Clocks
    peers: Mapping[str, DailyList]

    async def reconcile(self, peer: str, day: date, *, repair: bool, made_by: str) -> ReconciliationOut:
        """Return the comparison of one day, kept. Raises: Invalid, UpstreamUnavailable."""
        if peer not in self.peers:
            raise Invalid
        try:
            theirs = await self.peers[peer].list_day(f"{day:%Y%m%d}")
        except PeerFailure as failure:
            raise UpstreamUnavailable(peer=peer, reason=failure.code) from failure
        ours = await repository.list_ours(self.db, peer, day)
        found = compare(ours, theirs)
        shown: list[dict[str, Any]] = []  # Any: JSON members
        replayed_count = 0
        for difference in found:
            is_replayed = repair and await self._repair(peer, difference)
            replayed_count += is_replayed
            if len(shown) < SHOWN:
                shown.append({**asdict(difference), "replayed": is_replayed})
        reconciliation_id = new_id()
        values = {
            "id": reconciliation_id,
            "peer": peer,
            "day": day,
            "our_count": len(ours),
            "our_digest": set_digest(_acknowledged(ours)),
            "peer_count": len(theirs),
            "peer_digest": set_digest(theirs.items()),
            "difference_count": len(found),
            "replayed_count": replayed_count,
            "made_by": made_by,
        }
        await repository.add(self.db, values, shown, self.clocks.real_now())
        after = UUID(int=reconciliation_id.int + 1)
        return _out((await repository.list_before(self.db, before=after, peer=peer, day=day, limit=1))[0])

    async def list_page(
        self, cursors: Cursors, cursor: str | None, limit: int, *, peer: str | None, day: date | None
    ) -> Page[ReconciliationOut]:
        """Return a page, newest first. Raises: MalformedCursor."""
        scope = f"reconciliations:{peer}:{day}"
        before = position_of(cursors, cursor, scope)
        rows = await repository.list_before(self.db, before=before, peer=peer, day=day, limit=limit + 1)
        items = [_out(row) for row in rows[:limit]]
        more = cursors.encode([str(items[-1].id)], scope=scope) if len(rows) > limit else None
        return Page[ReconciliationOut](items=items, next_cursor=more)

    async def _repair(self, peer: str, difference: Difference) -> bool:
        """Send a dossier again where that can help: not while it is on its way, nor what only they know."""
        if difference.dossier_id is None:
            return False
        if difference.kind == "not_delivered" and difference.state != "parked":
            return False
        delivery = await repository.find_delivery(self.db, peer, UUID(difference.dossier_id))
        if delivery is None or delivery[1]:
            return False
        await listing.replay(self.db, delivery[0], self.clocks.real_now())
        return True


def _acknowledged(ours: list[OurEntry]) -> list[tuple[str, str]]:
    return [(one.code, one.digest) for one in ours if one.digest is not None]


def _out(row: RowMapping) -> ReconciliationOut:
    values: dict[str, Any] = dict(row)  # Any: a row's columns
    ours = SideOut(count=values.pop("our_count"), digest=values.pop("our_digest"))
    theirs = SideOut(count=values.pop("peer_count"), digest=values.pop("peer_digest"))
    differences = [DifferenceOut.model_validate(one) for one in values.pop("differences")]
    return ReconciliationOut(**values, ours=ours, theirs=theirs, differences=differences)
