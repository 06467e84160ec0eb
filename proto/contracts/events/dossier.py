"""Events of public-service dossiers."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import BaseEvent


class DossierChangedV1(BaseEvent):
    """A dossier was filed, moved to another status, or changed in a way its owner and the portal must see."""

    event_type: ClassVar[str] = "dossier.dossier.changed.v1"
    source: ClassVar[str] = "/svc-dossier"

    dossier_id: UUID = Field(description="The dossier.")
    code: str = Field(description="National dossier code.", examples=["G18-20261123-0000001"])
    procedure_code: str = Field(description="The procedure it is filed under.", examples=["1.002088"])
    owner_kind: Literal["citizen", "company"] = Field(
        description="Whether a person or an organisation owns it."
    )
    owner_id: UUID = Field(description="`citizen_id` or `organisation_id` of the owner.")
    acting_citizen_id: UUID | None = Field(
        default=None, description="Who acted for the owner, where another did."
    )
    action: str = Field(description="What was done, as the action is named in the table of transitions.")
    status: int = Field(ge=1, le=10, description="One of the ten national statuses.")
    version: int = Field(
        ge=1, description="Counted up by each change; an older one never overwrites a newer."
    )
    changed_at: AwareDatetime = Field(description="UTC legal instant of the change.")
    detail_url: str = Field(description="Path under the gateway where those allowed read the dossier.")

    @property
    def aggregate_id(self) -> str:
        return str(self.dossier_id)
