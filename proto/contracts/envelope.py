"""The CloudEvents 1.0 envelope around every event, and the base of every event's data.

CloudEvents (and not a shape of our own) so that provinces read our webhooks with any SDK. Extensions used:
`sequence` (position in the producer's outbox, zero-padded so that it sorts as text) and `traceparent`.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class BaseEvent(BaseModel):
    """Data of one event: identifiers, state names and links; never clinical, criminal or contact content.

    A subclass sets `event_type` (CloudEvents `type`, and the NATS subject) and `source`, and says which
    aggregate it belongs to: events of one aggregate are published and consumed in order.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_type: ClassVar[str]
    source: ClassVar[str]

    @property
    def aggregate_id(self) -> str:
        """Return the id under which order is kept; also the CloudEvents `subject`."""
        raise NotImplementedError


class Envelope(BaseModel):
    """One CloudEvents 1.0 event in JSON form, as published on NATS and sent in webhooks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID = Field(description="Event id; also the NATS message id and the inbox key.")
    source: str = Field(description="Producing service.", examples=["/svc-health-book"])
    type: str = Field(description="`<service>.<noun>.<verb-past>.v<major>`; also the NATS subject.")
    subject: str = Field(description="Id of the aggregate; order holds within it.")
    time: AwareDatetime = Field(description="UTC instant at which the fact was committed.")
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: str = Field(description="Position in the producer's outbox, 20 digits, zero-padded.")
    traceparent: str | None = Field(default=None, description="W3C trace context of the cause.")
    data: dict[str, Any] = Field(description="The event's data; see its schema.")

    @property
    def occurred_at(self) -> datetime:
        return self.time
