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

    kind: OwnerKind
    name: str
    personal_id: PersonalId | None = Field(default=None, description="Of a citizen.")
    tax_code: str | None = Field(default=None, description="Of a company.")
    acting_name: str | None = Field(default=None, description="Who acted for the owner, where another did.")


class PortalFee(_Part):
    """One fee or charge, in whole dong."""

    code: str
    name: str
    amount_vnd: int = Field(ge=0)
    kind: Literal["fee", "charge"] = "fee"
    paid_at: AwareDatetime | None = None


class PortalSupplement(_Part):
    """One round of supplement."""

    round: int = Field(ge=1)
    asked_by: str
    asked_for: str
    asked_at: AwareDatetime
    answered_at: AwareDatetime | None = None
    due_before_at: AwareDatetime | None = None
    due_after_at: AwareDatetime | None = None


class PortalResult(_Part):
    """One result; its file is fetched by the citizen, not pushed."""

    code: str = Field(description="`KQ.Gxx.nnnnnn`, or a certificate's number.")
    name: str
    kind: Literal["granted", "refused", "revoked"] = "granted"
    issued_at: AwareDatetime
    signed_by: str
    replaces: str | None = None


class PortalStep(_Part):
    """One row of progress: what was done, by whom, and the status it led to."""

    sequence: int = Field(ge=1, description="Position within the dossier, without gaps.")
    status: int = Field(ge=1, le=10)
    done: str = Field(description="What was done, in Vietnamese.")
    actor: str = Field(description="Officer or system, as shown to the public.")
    role: str = Field(description="Title or role of the actor.")
    unit: str
    at: AwareDatetime
    due_at: AwareDatetime | None = None


class PortalDossier(_Part):
    """The whole dossier as it stands at `version`."""

    code: str
    version: int = Field(ge=1)
    procedure_code: str
    procedure_name: str
    field_code: str
    field_name: str
    agency_code: str
    unit: str
    channel: Channel
    status: int = Field(ge=1, le=10)
    status_reason: str | None = Field(default=None, description="Needed with statuses 3, 5 and 8.")
    owner: PortalOwner
    summary: str
    submitted_at: AwareDatetime
    accepted_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    refused_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    returned_at: AwareDatetime | None = None
    fees: list[PortalFee] = Field(default_factory=list)
    supplements: list[PortalSupplement] = Field(default_factory=list)
    results: list[PortalResult] = Field(default_factory=list)
    steps: list[PortalStep] = Field(default_factory=list)


class InboundPaper(_Part):
    """One paper of a dossier that a peer hands over."""

    slot: str = Field(description="Component code of the procedure's paper.")
    file_name: str
    media_type: str
    content: str = Field(description="Base64 of the file; at most 5 MiB decoded.")
    kind: PaperKind = "electronic"


class InboundDossier(_Part):
    """A dossier filed at a peer, as it hands it over."""

    code: str = Field(description="The dossier's code at the peer; given once and never used again.")
    version: int = Field(ge=1)
    procedure_code: str
    owner: PortalOwner
    channel: Channel = "online"
    submitted_at: AwareDatetime
    form: dict[str, object] = Field(default_factory=dict, description="By the procedure's JSON Schema.")
    papers: list[InboundPaper] = Field(default_factory=list)
