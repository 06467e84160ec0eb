"""What a decision about an action is made from: the case as it stands, and what is asked. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from dossier.supplements.reference import Channel, SupplementRule

ResultKind = Literal["granted", "refused"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer proposes to the one who signs."""

    kind: ResultKind
    proposed_by: str
    proposed_at: datetime
    reason: str | None = None
    legal_basis: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case at one instant. Instants are aware UTC, days are legal days in Asia/Ho_Chi_Minh."""

    channel: Channel
    rule: SupplementRule
    is_publication: bool = False
    """The procedure publishes on receipt, without appraisal."""
    has_inspection: bool = False
    is_single_step: bool = False
    is_fee_due_first: bool = False
    """The procedure wants its fee before acceptance."""
    is_paid: bool = False
    """Everything asked for is paid, or nothing is owed."""
    payment_due_at: datetime | None = None
    payment_asked_before_acceptance: bool | None = None
    assigned_to: str | None = None
    rounds_asked: int = 0
    round_asked_before_acceptance: bool | None = None
    """Of the open round; None when none is open."""
    answer_due_at: datetime | None = None
    extensions: int = 0
    """Of the open round."""
    notice_due_at: datetime | None = None
    """Until when a supplement may be asked, where the procedure says so."""
    void_at: datetime | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    apologies: int = 0
    proposal: Proposal | None = None
    has_valid_result: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one caller asks for; members that an action does not use are ignored."""

    subject: str
    reason: str | None = None
    legal_basis: str | None = None
    items: Sequence[str] = ()
    amount_vnd: int = 0
    new_due_on: date | None = None
    body: str | None = None
    office_is_known: bool = True
    papers_missing: Sequence[str] = ()
    kind: ResultKind = "granted"
