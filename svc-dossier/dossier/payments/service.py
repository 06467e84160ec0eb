"""Paying at the platform: opened by the applicant, settled by the platform's word, then the dossier goes on.

Lock order everywhere: the payment, then the dossier. A notice finds the payment first; whoever opens one
does so too, and payments of dossiers that no longer wait are ended by a timer and not by the step that ends
the dossier.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from casework.payments.models import NoticeResult, PaymentView
from casework.payments.platform import PaymentLine, PaymentNotice
from casework.payments.service import Payments, settle
from chassis.auth import Actor
from chassis.errors import IllegalTransition, NotFound
from chassis.logging import get_logger
from contracts.case_status import NationalStatus
from dossier.desk.advance import advance
from dossier.desk.case import load_case
from dossier.desk.papers import applicant_of
from dossier.desk.tools import Tools
from dossier.dossiers.models import DossierRow
from dossier.dossiers.own import OwnDossiers
from dossier.dossiers.repository import DossierRepository
from dossier.payments.models import PaymentRequestRow

KIND = "dossier_fee"
NOTICES_PATH = "/v1/dossier-payments/notices"
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('payment:' || :dossier_id, 0))")
_NO_LONGER_AWAITED = text(
    """
    select p.case_id from payments p join dossiers d on d.dossier_id = p.case_id
    where p.state in ('pending', 'unknown') and d.status not in (6, 7) order by p.opened_at limit :limit
    """
)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DossierPayments:
    """Use cases of paying."""

    tools: Tools

    def _payments(self, db: AsyncSession) -> Payments:
        return Payments(db, self.tools.platform, self.tools.clocks)

    async def open(
        self, db: AsyncSession, actor: Actor, dossier_id: UUID, return_url: str | None
    ) -> PaymentView:
        """Return the open payment of one's own dossier: the one there is, or a new one.

        Raises: NotFound, IllegalTransition when nothing is asked for, PaymentPlatformRefused.
        """
        own = OwnDossiers(db, self.tools.database)
        dossier = await own.require(actor, dossier_id)
        request = await self._require_asked(db, dossier)
        await db.execute(_ONE_AT_A_TIME, {"dossier_id": str(dossier_id)})
        payment = await self._payments(db).open_intent(
            case_id=dossier_id,
            case_code=dossier.code or "",
            kind=KIND,
            lines=[PaymentLine(**line) for line in request.lines],
            payer_name=applicant_of(dossier, self.tools),
            notice_url=f"{self.tools.public_url}{NOTICES_PATH}",
            return_url=return_url or f"{self.tools.public_url}/",
        )
        locked = await own.require(actor, dossier_id, for_update=True)
        await self._require_asked(db, locked)
        return payment

    async def get(self, db: AsyncSession, actor: Actor, dossier_id: UUID) -> PaymentView:
        """Return the latest payment of one's own dossier. Raises: NotFound."""
        await OwnDossiers(db, self.tools.database).require(actor, dossier_id)
        payment = await self._payments(db).find(dossier_id, KIND)
        if payment is None:
            raise NotFound
        return payment

    async def record_notice(self, db: AsyncSession, notice: PaymentNotice) -> NoticeResult:
        """Take a notice that the platform has signed. Idempotent. Raises: NotFound for an unknown code."""
        result = await self._payments(db).record_notice(notice)
        if result.outcome == "unknown_code":
            raise NotFound
        await self.apply(db, result)
        return result

    async def apply(self, db: AsyncSession, result: NoticeResult) -> None:
        """Let the dossier go on with its confirmed payment, in one transaction. Idempotent."""
        if result.outcome != "confirmed" or result.payment is None:
            return
        dossier = await DossierRepository(db).get(result.payment.case_id, for_update=True)
        case = await load_case(db, dossier, self.tools.rules, self.tools.vault)
        request = case.open_request
        if request is None or request.amount_vnd != result.payment.amount_vnd:
            log.warning("dossier.payment_not_awaited", payment_id=str(result.payment.payment_id))
            return
        request.paid_at = request.closed_at = self.tools.clocks.legal_now()
        await db.flush()
        await advance(db, self.tools, case)

    async def settle_open(self) -> int:
        """Ask the platform about payments whose outcome is open; return how many were settled."""
        await self._end_unawaited()
        return await settle(self.tools.database, self.tools.platform, self.tools.clocks, self.apply)

    async def _end_unawaited(self, limit: int = 100) -> None:
        """End the open payments of dossiers that wait for none."""
        async with self.tools.database.transaction() as db:
            cases: list[UUID] = list((await db.scalars(_NO_LONGER_AWAITED, {"limit": limit})).all())
        for dossier_id in cases:
            async with self.tools.database.transaction() as db:
                await self._payments(db).cancel(dossier_id, KIND)

    async def _require_asked(self, db: AsyncSession, dossier: DossierRow) -> PaymentRequestRow:
        case = await load_case(db, dossier, self.tools.rules, self.tools.vault)
        if dossier.status != NationalStatus.AWAITING_PAYMENT or case.open_request is None:
            raise IllegalTransition(extensions={"status_now": str(dossier.status)})
        return case.open_request
