"""The actions that move a case, each with what it does besides the change of status."""

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from casework.transitions import Transition
from judicial_record.applications.errors import ContentChanged, OwnProposal, VerificationMissing
from judicial_record.applications.journal import Author
from judicial_record.applications.look_ups import LookUps
from judicial_record.applications.models import ApplicationRow, SupplementRow
from judicial_record.applications.ports import Certificates, Convictions
from judicial_record.applications.repository import ApplicationRepository
from judicial_record.applications.rules import lacks_verification, may_be_decided_by
from judicial_record.applications.service import Parts


class Decisions:
    """Takes one action on a locked application, whose transition the table has allowed."""

    def __init__(
        self, parts: Parts, look_ups: LookUps, convictions: Convictions, certificates: Certificates
    ) -> None:
        self._parts = parts
        self._look_ups = look_ups
        self._convictions = convictions
        self._certificates = certificates

    async def take(
        self, db: AsyncSession, row: ApplicationRow, transition: Transition, author: Author, note: str
    ) -> None:
        """Do what the action does. Raises: OwnProposal, VerificationMissing, ContentChanged, and others."""
        shown: object = note or None
        match transition.action:
            case "request_verification":
                await self._convictions.request_verification(
                    db, row.application_id, row.citizen_id, reason=note, requested_by=author.subject
                )
                shown = {"internal": note}
            case "record_finding" | "return":
                shown = {"internal": note}
            case "request_supplement":
                await self._ask_for_supplement(db, row, author, note)
            case "propose":
                await self._propose(db, row, author)
        match transition.action:
            case "return":
                _require_other_eyes(row, author)
                row.proposal = row.proposed_by = row.proposed_at = None
            case "refuse":
                _require_other_eyes(row, author)
                row.decided_by = author.subject
                row.reason = self._parts.vault.seal("reason", row.application_id, note)
            case "approve":
                _require_other_eyes(row, author)
                shown = await self._issue(db, row, author)
        await self._parts.journal.change(db, row, transition, author, note=shown)

    async def _propose(self, db: AsyncSession, row: ApplicationRow, author: Author) -> None:
        """Put down what the certificate is to show, by the base as it is now."""
        outcome = await self._look_ups.renew(db, row)
        repository = ApplicationRepository(db)
        answers = await repository.count_steps(row, "receive_answers")
        findings = await repository.count_steps(row, "record_finding")
        if lacks_verification(outcome, answers, findings):
            raise VerificationMissing
        content = await self._convictions.certificate_content(
            db, row.citizen_id, row.form, self._parts.clocks.legal_today()
        )
        row.proposal = self._parts.vault.seal("proposal", row.application_id, {"content": content})
        row.proposed_by = author.subject
        row.proposed_at = self._parts.clocks.legal_now()

    async def _issue(self, db: AsyncSession, row: ApplicationRow, author: Author) -> dict[str, str]:
        """Issue exactly what was proposed; return number and id of the certificate, for the step."""
        proposed = self._parts.vault.open("proposal", row.application_id, row.proposal)["content"]
        content = await self._convictions.certificate_content(
            db, row.citizen_id, row.form, self._parts.clocks.legal_today()
        )
        if orjson.loads(orjson.dumps(content)) != proposed:
            raise ContentChanged
        row.decided_by = author.subject
        issued = await self._certificates.issue(db, row, content, author.subject)
        return {"certificate_number": issued.number, "certificate_id": str(issued.certificate_id)}

    async def _ask_for_supplement(
        self, db: AsyncSession, row: ApplicationRow, author: Author, note: str
    ) -> None:
        """Open a round and let the clock stand still until the answer."""
        now = self._parts.clocks.legal_now()
        repository = ApplicationRepository(db)
        rounds = await repository.list_supplements(row.citizen_id, row.application_id)
        repository.add(
            SupplementRow(
                citizen_id=row.citizen_id,
                application_id=row.application_id,
                round=len(rounds) + 1,
                asked_by=author.subject,
                asked_for=self._parts.vault.seal("asked_for", row.application_id, note),
                asked_at=now,
                due_before_at=row.due_at,
            )
        )
        self._parts.clock.suspend(row, now)
        row.waits_until = self._parts.clock.applicants_end("supplement", now)


def _require_other_eyes(row: ApplicationRow, author: Author) -> None:
    if not may_be_decided_by(row.proposed_by, author.subject):
        raise OwnProposal
