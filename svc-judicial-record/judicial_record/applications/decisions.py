"""The actions that move a case, each with what it does besides the change of status."""

from typing import Any

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
from judicial_record.applications.vault import Holder
from judicial_record.convictions.coverage import first_day
from judicial_record.convictions.service import FindingIn


class Decisions:
    """Takes one action on a locked application, whose transition the table has allowed."""

    def __init__(
        self,
        parts: Parts,
        look_ups: LookUps,
        convictions: Convictions,
        certificates: Certificates,
    ) -> None:
        self._parts = parts
        self._look_ups = look_ups
        self._convictions = convictions
        self._certificates = certificates

    async def take(
        self,
        db: AsyncSession,
        row: ApplicationRow,
        transition: Transition,
        author: Author,
        note: str,
        finding: FindingIn | None,
    ) -> None:
        """Do what the action does. Raises: OwnProposal, VerificationMissing, ContentChanged, and others."""
        shown: object = note or None
        match transition.action:
            case "request_verification":
                await self._request_verification(db, row, author, note)
                shown = {"internal": note}
            case "record_finding":
                shown = await self._record_finding(db, row, author, note, finding)
            case "return":
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

    async def _request_verification(
        self, db: AsyncSession, row: ApplicationRow, author: Author, note: str
    ) -> None:
        born_on = self._holder(row).born_on
        await self._convictions.request_verification(
            db,
            row.application_id,
            row.citizen_id,
            reason=note,
            requested_by=author.subject,
            since=first_day(born_on),
        )

    async def _record_finding(
        self, db: AsyncSession, row: ApplicationRow, author: Author, note: str, finding: FindingIn | None
    ) -> dict[str, Any]:  # Any: JSON members
        """Note a finding; one that names a source also closes its gaps. Return the office's note."""
        if finding is None:
            return {"internal": note}
        await self._convictions.record_finding(
            db, row.application_id, row.citizen_id, finding, author.subject
        )
        return {"internal": note, "finding": finding.model_dump(mode="json")}

    def _holder(self, row: ApplicationRow) -> Holder:
        return self._parts.vault.open_holder(row.holder, row.application_id)

    async def _content(self, db: AsyncSession, row: ApplicationRow) -> list[dict[str, Any]]:
        today = self._parts.clocks.legal_today()
        return await self._convictions.certificate_content(
            db, row.citizen_id, row.form, today, born_on=self._holder(row).born_on
        )

    async def _propose(self, db: AsyncSession, row: ApplicationRow, author: Author) -> None:
        """Put down what the certificate is to show, by the base as it is now."""
        await self._require_verified(db, row)
        content = await self._content(db, row)
        row.proposal = self._parts.vault.seal("proposal", row.application_id, {"content": content})
        row.proposed_by = author.subject
        row.proposed_at = self._parts.clocks.legal_now()

    async def _issue(self, db: AsyncSession, row: ApplicationRow, author: Author) -> dict[str, str]:
        """Issue exactly what was proposed; return number and id of the certificate, for the step.

        The base is asked once more: what came in since the proposal may be about a person not yet known.
        """
        proposed = self._parts.vault.open("proposal", row.application_id, row.proposal)["content"]
        content = await self._content(db, row)
        if orjson.loads(orjson.dumps(content)) != proposed:
            raise ContentChanged
        await self._require_verified(db, row)
        row.decided_by = author.subject
        issued = await self._certificates.issue(db, row, content, author.subject)
        return {"certificate_number": issued.number, "certificate_id": str(issued.certificate_id)}

    async def _require_verified(self, db: AsyncSession, row: ApplicationRow) -> None:
        """Look the applicant up anew. Raises: VerificationMissing for a doubt that nobody verified."""
        answer = await self._look_ups.renew(db, row)
        verified = await ApplicationRepository(db).count_steps(row, ("receive_answers", "record_finding"))
        if lacks_verification(answer.outcome, answer.is_settled, verified):
            raise VerificationMissing

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
