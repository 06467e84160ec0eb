"""Events of the judicial record. None says whether anything is on record: that is criminal content."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import BaseEvent

ApplicationStatus = Literal[
    "draft",
    "awaiting_payment",
    "submitted",
    "accepted",
    "checking",
    "verifying",
    "awaiting_supplement",
    "proposed",
    "issued",
    "refused",
    "withdrawn",
    "stopped",
]
"""Where an application stands, in the words of the public contract."""


class ApplicationChangedV1(BaseEvent):
    """An application for a certificate was made, or moved to another status."""

    event_type: ClassVar[str] = "judicial-record.application.changed.v1"
    source: ClassVar[str] = "/svc-judicial-record"

    application_id: UUID = Field(description="The application.")
    citizen_id: UUID = Field(description="Who applied.")
    code: str | None = Field(description="National dossier code; none before it is given.")
    status: ApplicationStatus = Field(description="The status reached.")
    national_status: int | None = Field(
        ge=1, le=10, description="One of the ten national statuses; none for a draft."
    )
    version: int = Field(
        ge=1, description="Counted up by each change; an older one never overwrites a newer."
    )
    changed_at: AwareDatetime = Field(description="UTC legal instant of the change.")
    detail_url: str = Field(description="Path under the gateway where those allowed read the application.")

    @property
    def aggregate_id(self) -> str:
        return str(self.application_id)


class CertificateIssuedV1(BaseEvent):
    """A certificate was signed and can be fetched by its holder."""

    event_type: ClassVar[str] = "judicial-record.certificate.issued.v1"
    source: ClassVar[str] = "/svc-judicial-record"

    application_id: UUID = Field(description="The application that it answers.")
    certificate_id: UUID = Field(description="The certificate.")
    citizen_id: UUID = Field(description="Its holder.")
    form: Literal[1, 2] = Field(description="Form 1 or 2.")
    issued_at: AwareDatetime = Field(description="UTC legal instant of issuing.")
    detail_url: str = Field(description="Path under the gateway where its holder fetches it.")

    @property
    def aggregate_id(self) -> str:
        return str(self.application_id)


class CertificateRevokedV1(BaseEvent):
    """A certificate must no longer be relied on."""

    event_type: ClassVar[str] = "judicial-record.certificate.revoked.v1"
    source: ClassVar[str] = "/svc-judicial-record"

    application_id: UUID = Field(description="The application that it answered.")
    certificate_id: UUID = Field(description="The certificate.")
    citizen_id: UUID = Field(description="Its holder.")
    superseded_by: UUID | None = Field(
        default=None, description="The certificate that takes its place, where one does."
    )
    revoked_at: AwareDatetime = Field(description="UTC legal instant of revocation.")
    detail_url: str = Field(description="Path under the gateway where its holder reads the application.")

    @property
    def aggregate_id(self) -> str:
        return str(self.application_id)
