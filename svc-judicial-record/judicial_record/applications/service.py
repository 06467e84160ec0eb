"""What a person does with his or her own applications: apply, look, withdraw, add."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from casework.numbering import dossier_code, next_number
from casework.transitions import START
from chassis.auth import Actor
from chassis.clock import Clocks
from chassis.db import Database
from chassis.errors import AlreadyOpen, MalformedCursor, Text
from chassis.ids import new_id
from chassis.paging import Cursors, Page
from judicial_record.applications import access
from judicial_record.applications.errors import ActingForAnother, PersonNotConfirmed, UnderAge
from judicial_record.applications.fees import assess
from judicial_record.applications.journal import APPLICANT, Journal, applicant
from judicial_record.applications.models import ApplicationKeyRow, ApplicationRow
from judicial_record.applications.ports import Certificates
from judicial_record.applications.reference import Office, office_for, transitions
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.rules import is_old_enough
from judicial_record.applications.schemas import (
    ApplicationIn,
    ApplicationOut,
    ApplicationOverviewOut,
    SupplementIn,
    WithdrawalIn,
)
from judicial_record.applications.statutory_clock import StatutoryClock
from judicial_record.applications.vault import ApplicationVault, Holder
from judicial_record.applications.views import application_out, overview_of
from judicial_record.clients.identity import IdentityClient, PersonFacts

PURPOSE_OF_FACTS = "judicial_record_application"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the use cases of applications are made of; one for the process."""

    database: Database
    vault: ApplicationVault
    clocks: Clocks
    clock: StatutoryClock
    journal: Journal
    cursors: Cursors


class ApplicationService:
    """Use cases of applicants. `db` is the request's unit of work."""

    def __init__(self, parts: Parts, identity: IdentityClient, certificates: Certificates) -> None:
        self._parts = parts
        self._identity = identity
        self._certificates = certificates

    async def apply(self, db: AsyncSession, actor: Actor, body: ApplicationIn) -> ApplicationOut:
        """Return a new application, waiting for its fee or, where none is owed, submitted.

        Raises: UnderAge, ActingForAnother, PersonNotConfirmed, AlreadyOpen, Invalid, UpstreamUnavailable.
        """
        citizen_id = access.citizen_of(actor)
        facts = await self._identity.person_facts(citizen_id, PURPOSE_OF_FACTS)
        holder = self._holder(actor, facts, body.purpose)
        today, now = self._parts.clocks.legal_today(), self._parts.clocks.legal_now()
        fee = assess(today, body.fee_group, body.copies, holder.born_on)
        repository = ApplicationRepository(db)
        office = office_for(holder.province_code)
        if (open_id := await repository.find_open(citizen_id, body.form)) is not None:
            raise _already_open(open_id)
        application_id = new_id()
        code = await self._new_code(db, office)
        if not await repository.claim_key(
            ApplicationKeyRow(
                application_id=application_id,
                citizen_id=citizen_id,
                form=body.form,
                code=code,
                office=office.slug,
                is_open=True,
            )
        ):
            raise _already_open(None)
        row = ApplicationRow(
            citizen_id=citizen_id,
            application_id=application_id,
            code=code,
            form=body.form,
            purpose_code=body.purpose_code,
            delivery=body.delivery,
            copies=body.copies,
            include_bans=body.include_bans or body.form == 2,
            office=office.slug,
            holder=self._parts.vault.seal_holder(holder, application_id),
            fee=self._parts.vault.seal(
                "fee", application_id, fee.document() | {"asked_group": body.fee_group}
            ),
            amount_vnd=fee.total_vnd,
            created_at=now,
            suspensions=[],
            version=0,
        )
        if fee.total_vnd:
            row.waits_until = self._parts.clock.applicants_end("payment", now)
            action = "apply"
        else:
            row.submitted_at = now
            self._parts.clock.start(row, "acceptance", now)
            action = "apply_without_fee"
        transition = transitions().find(START, action, APPLICANT)
        repository.add(row)
        await self._parts.journal.change(db, row, transition, applicant(citizen_id))
        return await self._out(db, row)

    async def list_own(
        self, db: AsyncSession, actor: Actor, limit: int, cursor: str | None
    ) -> Page[ApplicationOverviewOut]:
        """Return a page of the person's applications, newest first.

        Raises: MalformedCursor, ActingForAnother.
        """
        citizen_id = access.oneself(actor)
        scope = f"applications:{citizen_id}"
        after = position(self._parts.cursors, cursor, scope)
        rows = await ApplicationRepository(db).list_own(citizen_id, after, limit + 1)
        following = None
        if len(rows) > limit:
            following = self._parts.cursors.encode([str(rows[limit - 1].application_id)], scope=scope)
        return Page[ApplicationOverviewOut](
            items=[overview_of(row) for row in rows[:limit]], next_cursor=following
        )

    async def get_own(self, db: AsyncSession, actor: Actor, application_id: UUID) -> ApplicationOut:
        """Return the person's application. Raises: NotFound, also for another's, who sees the attempt."""
        return await self._out(db, await self.require_own(db, actor, application_id))

    async def require_own(
        self, db: AsyncSession, actor: Actor, application_id: UUID, *, for_update: bool = False
    ) -> ApplicationRow:
        """Return the person's application, on request locked. Raises: NotFound, as `get_own`."""
        citizen_id = access.oneself(actor)
        repository = ApplicationRepository(db)
        row = await repository.find(citizen_id, application_id, for_update=for_update)
        if row is None:
            key = await repository.find_key(application_id)
            raise await access.refuse(
                self._parts.database, actor, key.citizen_id if key else None, application_id
            )
        return row

    async def withdraw(self, db: AsyncSession, row: ApplicationRow, body: WithdrawalIn) -> ApplicationOut:
        """End an application that is not issued yet. The row is locked. Raises: IllegalTransition."""
        transition = transitions().find(row.status, "withdraw", APPLICANT)
        if row.deadline is not None and row.status == "awaiting_supplement":
            self._parts.clock.resume(row, self._parts.clocks.legal_now())
        await self._parts.journal.change(db, row, transition, applicant(row.citizen_id), note=body.reason)
        return await self._out(db, row)

    async def supplement(self, db: AsyncSession, row: ApplicationRow, body: SupplementIn) -> ApplicationOut:
        """Add what the office asked for; the clock goes on. The row is locked. Raises: IllegalTransition."""
        transition = transitions().find(row.status, "supplement", APPLICANT)
        now = self._parts.clocks.legal_now()
        rounds = await ApplicationRepository(db).list_supplements(row.citizen_id, row.application_id)
        latest = rounds[-1]
        latest.answer = self._parts.vault.seal("answer", row.application_id, body.text)
        latest.answered_at = now
        self._parts.clock.resume(row, now)
        latest.due_after_at = row.due_at
        row.waits_until = None
        await self._parts.journal.change(db, row, transition, applicant(row.citizen_id))
        return await self._out(db, row)

    def _holder(self, actor: Actor, facts: PersonFacts | None, purpose: str) -> Holder:
        """Return who applies. Raises: PersonNotConfirmed, UnderAge, ActingForAnother."""
        birth = facts.birth() if facts is not None else None
        if facts is None or birth is None or not facts.is_confirmed or facts.personal_id is None:
            raise PersonNotConfirmed
        if not is_old_enough(birth[0], self._parts.clocks.legal_today()):
            raise UnderAge
        if actor.act is not None:
            raise ActingForAnother
        return Holder(
            name=facts.name,
            personal_id=facts.personal_id,
            born_on=birth[0],
            is_year_only=birth[1],
            sex=facts.sex,
            nationality=facts.nationality,
            province_code=facts.province_code,
            commune_code=facts.commune_code,
            residence=facts.residence,
            purpose=purpose,
        )

    async def _new_code(self, db: AsyncSession, office: Office) -> str:
        today = self._parts.clocks.legal_today()
        number = await next_number(db, f"dossier:{office.agency_code}", f"{today:%Y%m%d}")
        return dossier_code(office.agency_code, today, number)

    async def _out(self, db: AsyncSession, row: ApplicationRow) -> ApplicationOut:
        repository = ApplicationRepository(db)
        steps = await repository.list_steps(row.citizen_id, row.application_id)
        supplements = await repository.list_supplements(row.citizen_id, row.application_id)
        certificate = await self._certificates.describe(db, row) if row.status == "issued" else None
        return application_out(row, steps, supplements, self._parts.vault, certificate)


def position(cursors: Cursors, cursor: str | None, scope: str) -> UUID | None:
    """Return the id after which a page begins. Raises: MalformedCursor."""
    if cursor is None:
        return None
    try:
        return UUID(str(cursors.decode(cursor, scope=scope)[0]))
    except (ValueError, IndexError) as failure:
        raise MalformedCursor from failure


def _already_open(application_id: UUID | None) -> AlreadyOpen:
    detail = Text(
        vi="Bạn đã có một yêu cầu cấp Phiếu cùng loại chưa kết thúc.",
        en="You already have an application for the same form that has not ended.",
    )
    return AlreadyOpen(detail, extensions={"application_id": str(application_id)} if application_id else None)
