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

    visit_id: UUID
    citizen_id: UUID
    facility_code: FacilityCode
    version: int = Field(ge=1, description="1 for the first, counted up by each correction.")
    outcome: Literal["recorded", "superseded"]
    recorded_at: AwareDatetime
    detail_url: str = Field(description="Path under the gateway where those allowed read the visit.")

    @property
    def aggregate_id(self) -> str:
        return str(self.visit_id)
