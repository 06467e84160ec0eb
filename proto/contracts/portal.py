"""A dossier as two systems of the state tell each other about it, free of any dialect.

The services that own cases answer it on `/internal/v1/portal-dossiers/{id}`; the synchronisation turns it
into a peer's dialect, and the other way round for what peers hand over. It carries personal data and so never
travels in an event. All instants are UTC.
"""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.identifiers import PersonalId

OwnerKind = Literal["citizen", "company"]
Channel = Literal["counter", "online", "post"]
PaperKind = Literal["original", "copy", "electronic"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PortalOwner(_Part):
    """Whose dossier it is."""

    kind: OwnerKind = Field(description="A person or a company.")
    name: str = Field(description="Full name, or registered name.")
    personal_id: PersonalId | None = Field(default=None, description="Of a citizen.")
    tax_code: str | None = Field(default=None, description="Of a company.")
    acting_name: str | None = Field(default=None, description="Who acted for the owner, where another did.")


class PortalFee(_Part):
    """One fee or charge, in whole dong."""

    code: str = Field(description="Code of the fee.")
    name: str = Field(description="What it is for.")
    amount_vnd: int = Field(ge=0, description="Whole dong.")
    kind: Literal["fee", "charge"] = Field(default="fee", description="A fee by law, or a charge.")
    paid_at: AwareDatetime | None = Field(default=None, description="When it was paid; none before.")


class PortalSupplement(_Part):
    """One round of supplement."""

    round: int = Field(ge=1, description="1 for the first.")
    asked_by: str = Field(description="Unit that asked.")
    asked_for: str = Field(description="What was missing.")
    asked_at: AwareDatetime = Field(description="When it asked.")
    answered_at: AwareDatetime | None = Field(default=None, description="When the answer came.")
    due_before_at: AwareDatetime | None = Field(default=None, description="Deadline before the round.")
    due_after_at: AwareDatetime | None = Field(default=None, description="Deadline after it.")


class PortalResult(_Part):
    """One result; its file is fetched by the citizen, not pushed."""

    code: str = Field(description="`KQ.Gxx.nnnnnn`, or a certificate's number.")
    name: str = Field(description="What it is.")
    kind: Literal["granted", "refused", "revoked"] = Field(default="granted", description="What was decided.")
    issued_at: AwareDatetime = Field(description="When it was signed.")
    signed_by: str = Field(description="Who signed, as shown to the public.")
    replaces: str | None = Field(default=None, description="Code of the result that it replaces.")


class PortalStep(_Part):
    """One row of progress: what was done, by whom, and the status it led to."""

    sequence: int = Field(ge=1, description="Position within the dossier, without gaps.")
    status: int = Field(ge=1, le=10, description="National status that it led to.")
    done: str = Field(description="What was done, in Vietnamese.")
    actor: str = Field(description="Officer or system, as shown to the public.")
    role: str = Field(description="Title or role of the actor.")
    unit: str = Field(description="Unit of the actor.")
    at: AwareDatetime = Field(description="When it was done.")
    due_at: AwareDatetime | None = Field(default=None, description="Deadline after it.")


class PortalDossier(_Part):
    """The whole dossier as it stands at `version`."""

    code: str = Field(description="National dossier code.")
    version: int = Field(ge=1, description="Counted up by each change.")
    procedure_code: str = Field(description="Procedure in the national catalogue.")
    procedure_name: str = Field(description="Its name.")
    field_code: str = Field(description="Field of the procedure.")
    field_name: str = Field(description="Its name.")
    agency_code: str = Field(description="Agency in the national list.")
    unit: str = Field(description="Unit that works on it.")
    channel: Channel = Field(description="How it was filed.")
    status: int = Field(ge=1, le=10, description="One of the ten national statuses.")
    status_reason: str | None = Field(default=None, description="Needed with statuses 3, 5 and 8.")
    owner: PortalOwner = Field(description="Whose it is.")
    summary: str = Field(description="One line about it.")
    submitted_at: AwareDatetime = Field(description="When it was filed.")
    accepted_at: AwareDatetime | None = Field(default=None, description="When it was accepted.")
    due_at: AwareDatetime | None = Field(default=None, description="Promised day, once accepted.")
    refused_at: AwareDatetime | None = Field(default=None, description="When it was refused.")
    finished_at: AwareDatetime | None = Field(default=None, description="When its processing ended.")
    returned_at: AwareDatetime | None = Field(default=None, description="When the result was handed over.")
    fees: list[PortalFee] = Field(default_factory=list, description="What is owed and paid.")
    supplements: list[PortalSupplement] = Field(
        default_factory=list, description="Rounds of supplement, in order."
    )
    results: list[PortalResult] = Field(default_factory=list, description="Results, in order.")
    steps: list[PortalStep] = Field(default_factory=list, description="Progress, in order.")


class InboundPaper(_Part):
    """One paper of a dossier that a peer hands over."""

    slot: str = Field(description="Component code of the procedure's paper.")
    file_name: str = Field(description="Name at the peer; never used as a path.")
    media_type: str = Field(description="As the peer says; checked by content.")
    content: str = Field(description="Base64 of the file; at most 5 MiB decoded.")
    kind: PaperKind = Field(default="electronic", description="What the file shows.")


class InboundDossier(_Part):
    """A dossier filed at a peer, as it hands it over."""

    code: str = Field(description="The dossier's code at the peer; given once and never used again.")
    version: int = Field(ge=1, description="The peer's own count of changes.")
    procedure_code: str = Field(description="Procedure in the national catalogue.")
    owner: PortalOwner = Field(description="Whose it is.")
    channel: Channel = Field(default="online", description="How it was filed at the peer.")
    submitted_at: AwareDatetime = Field(description="When it was filed there.")
    form: dict[str, object] = Field(default_factory=dict, description="By the procedure's JSON Schema.")
    papers: list[InboundPaper] = Field(default_factory=list, description="Its files.")
