"""Wire shapes of deliveries and peers, for operators and the owners of webhooks."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import ResponseModel
from contracts.events.dossier import DossierChangedV1
from national_portal_sync.deliveries.rules import State


class DeliveryOut(ResponseModel):
    """One thing that one peer is told."""

    id: UUID = Field(
        description="Id; also `webhook-id` of a webhook's message.",
        examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"],
    )
    peer: str = Field(description="Who is told.", examples=["dvcqg"])
    dossier_id: UUID = Field(
        description="The dossier or application.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a11"]
    )
    code: str | None = Field(description="Its national code.", examples=["G18-20261123-0000001"])
    event_id: UUID = Field(
        description="The event that asked for it.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a12"]
    )
    event_type: str = Field(description="Its type.", examples=[DossierChangedV1.event_type])
    version: int = Field(description="Version of the dossier that is told; 0 without one.", examples=[3])
    state: State = Field(description="Where it stands.", examples=["delivered"])
    outcome: Literal["sent", "found", "covered", "unchanged", "dropped"] | None = Field(
        description="How a delivered one got there: `sent`; `found` by asking after an unknown outcome; "
        "`covered` by another delivery; `unchanged`, the peer had it; `dropped`, the peer has a newer one.",
        examples=["sent"],
    )
    attempts: int = Field(description="How often it was tried.", examples=[1])
    problem: str | None = Field(description="Code of the last failure.", examples=[None])
    problem_detail: str | None = Field(description="What the peer said, or the field.", examples=[None])
    next_attempt_at: AwareDatetime | None = Field(description="When it is tried again.", examples=[None])
    created_at: AwareDatetime = Field(description="When it was queued.", examples=["2026-11-23T03:00:00Z"])
    settled_at: AwareDatetime | None = Field(
        description="When it was delivered or parked.", examples=["2026-11-23T03:00:01Z"]
    )


class PeerOut(ResponseModel):
    """One peer: how far behind it is and whether it is being left alone."""

    peer: str = Field(description="Name.", examples=["dvcqg"])
    breaker: Literal["closed", "open", "half_open"] = Field(
        description="`open`: left alone; `half_open`: one delivery is tried next.", examples=["closed"]
    )
    open_until: AwareDatetime | None = Field(description="When it is tried again.", examples=[None])
    failures: int = Field(description="Failures in a row.", examples=[0])
    counts: dict[str, int] = Field(
        description="Deliveries by state; without those delivered.",
        examples=[{"waiting": 0, "sending": 0, "retrying": 0, "unknown": 0, "parked": 0}],
    )
    lag_seconds: float = Field(
        description="Age of the oldest delivery that is neither done nor parked.", examples=[0.0]
    )
    last_delivered_at: AwareDatetime | None = Field(
        description="Last success, to the second.", examples=["2026-11-23T03:00:01Z"]
    )
    last_failed_at: AwareDatetime | None = Field(description="Last failure.", examples=[None])
    last_problem: str | None = Field(description="Its code.", examples=[None])


class PeersOut(ResponseModel):
    """Every peer that was ever told anything."""

    items: list[PeerOut] = Field(description="By name.")
