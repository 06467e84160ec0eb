"""Events of the health book."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import BaseEvent
from contracts.identifiers import FacilityCode


class VisitRecordedV1(BaseEvent):
    """A visit sent by a facility is in its citizen's book, newly or in a corrected version."""

    event_type: ClassVar[str] = "health-book.visit.recorded.v1"
    source: ClassVar[str] = "/svc-health-book"

    visit_id: UUID = Field(description="The visit; the same for all its versions.")
    citizen_id: UUID = Field(description="Whose book it is in.")
    facility_code: FacilityCode = Field(description="Facility that sent it.")
    version: int = Field(ge=1, description="1 for the first, counted up by each correction.")
    outcome: Literal["recorded", "superseded"] = Field(
        description="`recorded`: new in the book; `superseded`: this version replaces an earlier one."
    )
    recorded_at: AwareDatetime = Field(description="UTC instant of recording.")
    detail_url: str = Field(description="Path under the gateway where those allowed read the visit.")

    @property
    def aggregate_id(self) -> str:
        return str(self.visit_id)
