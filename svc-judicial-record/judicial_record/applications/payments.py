"""The fee of an application at the payment platform: opened by the applicant, settled by the platform's word.

Lock order everywhere: the payment, then the application. A notice finds the payment first, so who opens or
cancels one does so too.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from casework.payments.models import NoticeResult, PaymentView
from casework.payments.platform import PaymentLine, PaymentNotice, PlatformClient
from casework.payments.service import Payments, settle
from chassis.auth import Actor
from chassis.errors import IllegalTransition, NotFound
from chassis.logging import get_logger
from judicial_record.applications.fees import PAYMENT_KIND
from judicial_record.applications.journal import SYSTEM
from judicial_record.applications.models import ApplicationRow
from judicial_record.applications.reference import transitions
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.service import ApplicationService, Parts

NOTICES_PATH = "/v1/judicial-record-payments/notices"
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('payment:' || :application_id, 0))")

log = get_logger(__name__)


class ApplicationPayments:
    """Use cases of paying."""

    def __init__(
        self,
        parts: Parts,
        applications: ApplicationService,
        platform: PlatformClient,
        public_url: str,
    ) -> None:
        self._parts = parts
        self._applications = applications
        self._platform = platform
        self._public_url = public_url

    def _payments(self, db: AsyncSession) -> Payments:
        return Payments(db, self._platform, self._parts.clocks)

    async def open(
        self, db: AsyncSession, actor: Actor, application_id: UUID, return_url: str | None
    ) -> PaymentView:
        """Return the open payment of the person's application: the one there is, or a new one.

        Raises: NotFound, IllegalTransition when nothing is to be paid, PaymentPlatformRefused.
        """
        row = await self._applications.require_own(db, actor, application_id)
        _require_owed(row)
        await db.execute(_ONE_AT_A_TIME, {"application_id": str(application_id)})
        holder = self._parts.vault.open_holder(row.holder, application_id)
        payment = await self._payments(db).open_intent(
            case_id=application_id,
            case_code=row.code,
            kind=PAYMENT_KIND,
            lines=[
                PaymentLine(line["code"], line["label"]["vi"], line["amount_vnd"])
                for line in self._parts.vault.open("fee", application_id, row.fee)["lines"]
            ],
            payer_name=holder.name,
            notice_url=f"{self._public_url}{NOTICES_PATH}",
            return_url=return_url or f"{self._public_url}/",
        )
        _require_owed(await self._applications.require_own(db, actor, application_id, for_update=True))
        return payment

    async def get(self, db: AsyncSession, actor: Actor, application_id: UUID) -> PaymentView:
        """Return the latest payment of the person's application. Raises: NotFound."""
        await self._applications.require_own(db, actor, application_id)
        payment = await self._payments(db).find(application_id, PAYMENT_KIND)
        if payment is None:
            raise NotFound
        return payment

    async def cancel(self, db: AsyncSession, application_id: UUID) -> None:
        """End the open payment of an application that ends unpaid; call it before locking the application."""
        await self._payments(db).cancel(application_id, PAYMENT_KIND)

    async def record_notice(self, db: AsyncSession, notice: PaymentNotice) -> NoticeResult:
        """Take a notice that the platform has signed. Idempotent. Raises: NotFound for an unknown code."""
        result = await self._payments(db).record_notice(notice)
        if result.outcome == "unknown_code":
            raise NotFound
        await self.apply(db, result)
        return result

    async def apply(self, db: AsyncSession, result: NoticeResult) -> None:
        """Let the application go on with its confirmed payment, in one transaction. Idempotent."""
        if result.outcome != "confirmed" or result.payment is None:
            return
        repository = ApplicationRepository(db)
        key = await repository.find_key(result.payment.case_id)
        row = key and await repository.find(key.citizen_id, key.application_id, for_update=True)
        if not row or row.status != "awaiting_payment":
            log.warning("application.payment_not_awaited", payment_id=str(result.payment.payment_id))
            return
        now = self._parts.clocks.legal_now()
        row.submitted_at = now
        row.waits_until = None
        self._parts.clock.start(row, "acceptance", now)
        transition = transitions().find(row.status, "confirm_payment", SYSTEM.role)
        await self._parts.journal.change(db, row, transition, SYSTEM)

    async def settle_open(self) -> int:
        """Ask the platform about payments whose outcome is open; return how many were settled."""
        return await settle(self._parts.database, self._platform, self._parts.clocks, self.apply)


def _require_owed(row: ApplicationRow) -> None:
    if row.status != "awaiting_payment":
        raise IllegalTransition(extensions={"status_now": row.status})
