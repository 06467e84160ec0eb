"""A dossier with all that decides about it, loaded once per action while its row is locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from casework.calendar import WorkCalendar
from casework.deadlines import Suspension, due, legal_day
from dossier.clocks import rules as clocks
from dossier.desk.facts import CaseFacts, Proposal, ResultKind
from dossier.desk.procedure import Procedure, get_procedure
from dossier.dossiers.models import DossierRow, HistoryRow
from dossier.dossiers.repository import DossierRepository
from dossier.payments.models import PaymentRequestRow
from dossier.results.models import ProposalRow, ResultRow
from dossier.supplements.models import SupplementRoundRow
from dossier.supplements.reference import Channel, SupplementRule, SupplementRules
from dossier.vault import Vault

PROPOSAL_KIND = "result_proposals.content"
_CHANNELS: dict[str, Channel] = {"counter": "counter", "post": "post"}


@dataclass(slots=True)
class Case:
    """One dossier at work. Rows are of the caller's session; what a step adds is put here too."""

    dossier: DossierRow
    procedure: Procedure
    rule: SupplementRule
    history: list[HistoryRow]
    rounds: list[SupplementRoundRow]
    requests: list[PaymentRequestRow]
    proposal: ProposalRow | None
    proposed: Proposal | None
    result: ResultRow | None
    """The valid result, if one is signed."""

    @property
    def open_round(self) -> SupplementRoundRow | None:
        return next((row for row in self.rounds if row.closed_at is None), None)

    @property
    def open_request(self) -> PaymentRequestRow | None:
        return next((row for row in self.requests if row.closed_at is None), None)

    @property
    def waits(self) -> tuple[Suspension, ...]:
        """The times in which the dossier waited for its applicant."""
        return clocks.waits(self.history, restarts=self.rule.restarts)

    @property
    def apology(self) -> clocks.Apology | None:
        """The latest apology."""
        for row in reversed(self.history):
            if row.action == "apologise" and row.details is not None:
                return clocks.Apology(row.at, date.fromisoformat(row.details["new_due_on"]))
        return None

    @property
    def is_paid(self) -> bool:
        """Whether nothing is owed: no request is open, and what was due before acceptance is paid."""
        paid = sum(row.amount_vnd for row in self.requests if row.paid_at is not None)
        return self.open_request is None and paid >= self.procedure.due_first_vnd

    def facts(self, calendar: WorkCalendar) -> CaseFacts:
        """Return what the conditions of the table look at."""
        dossier, waiting = self.dossier, self.open_round
        request = self.requests[-1] if self.requests else None
        return CaseFacts(
            channel=_CHANNELS.get(dossier.channel, "online"),
            rule=self.rule,
            is_publication=self.procedure.is_publication,
            has_inspection=self.procedure.has_inspection,
            is_single_step=self.procedure.is_single_step,
            is_fee_due_first=self.procedure.due_first_vnd > 0,
            is_paid=self.is_paid,
            payment_due_at=self.open_request.due_at if self.open_request else None,
            payment_asked_before_acceptance=request.asked_before_acceptance if request else None,
            assigned_to=str(dossier.assigned_to) if dossier.assigned_to else None,
            rounds_asked=dossier.supplement_round,
            round_asked_before_acceptance=waiting.asked_before_acceptance if waiting else None,
            answer_due_at=waiting.due_at if waiting else None,
            extensions=waiting.extensions if waiting else 0,
            notice_due_at=self._notice_due_at(calendar),
            void_at=self.void_at(calendar),
            due_at=dossier.due_at,
            due_on=dossier.due_on,
            apologies=sum(row.action == "apologise" for row in self.history),
            proposal=self.proposed,
            has_valid_result=self.result is not None,
        )

    def _notice_due_at(self, calendar: WorkCalendar) -> datetime | None:
        if self.rule.notice is None or self.dossier.accepted_at is None:
            return None
        return due(
            self.rule.notice,
            start_at=self.dossier.accepted_at,
            calendar=calendar,
            suspensions=self.waits,
        ).due_at

    def void_at(self, calendar: WorkCalendar) -> datetime | None:
        """Return when the law ends the dossier while it waits for its applicant, where it does."""
        if self.rule.void_after is None or self.dossier.submitted_at is None:
            return None
        return due(self.rule.void_after, start_at=self.dossier.submitted_at, calendar=calendar).due_at


async def load_case(db: AsyncSession, dossier: DossierRow, rules: SupplementRules, vault: Vault) -> Case:
    """Return a dossier as a case. The row is locked by the caller where the case is to be changed."""
    dossier_id = dossier.dossier_id
    procedure = await get_procedure(db, dossier.procedure_code, dossier.procedure_version)
    received_on = legal_day(dossier.submitted_at or dossier.created_at)
    rounds = await db.scalars(
        select(SupplementRoundRow)
        .where(SupplementRoundRow.dossier_id == dossier_id)
        .order_by(SupplementRoundRow.round)
    )
    requests = await db.scalars(
        select(PaymentRequestRow)
        .where(PaymentRequestRow.dossier_id == dossier_id)
        .order_by(PaymentRequestRow.number)
    )
    proposal = await db.scalar(
        select(ProposalRow).where(ProposalRow.dossier_id == dossier_id, ProposalRow.closed_at.is_(None))
    )
    result = await db.scalar(
        select(ResultRow).where(
            ResultRow.dossier_id == dossier_id, ResultRow.state == "valid", ResultRow.kind != "revocation"
        )
    )
    history: Sequence[HistoryRow] = await DossierRepository(db).list_history(dossier_id)
    return Case(
        dossier=dossier,
        procedure=procedure,
        rule=rules.in_force(procedure.supplement_rule, received_on),
        history=list(history),
        rounds=list(rounds),
        requests=list(requests),
        proposal=proposal,
        proposed=open_proposal(proposal, vault) if proposal is not None else None,
        result=result,
    )


def open_proposal(row: ProposalRow, vault: Vault) -> Proposal:
    """Return a proposal in clear."""
    content = vault.open_json(row.content, PROPOSAL_KIND, row.dossier_id)
    kind: ResultKind = "refused" if row.kind == "refused" else "granted"
    return Proposal(
        kind=kind,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        reason=content["reason"],
        legal_basis=content["legal_basis"],
        content=content["content"],
    )


async def count_rows(db: AsyncSession, model: type, case: Case) -> int:
    """Return how many rows of a numbered table the dossier has."""
    statement = select(func.count()).select_from(model).where(model.dossier_id == case.dossier.dossier_id)  # type: ignore[attr-defined]
    return int((await db.execute(statement)).scalar_one())
