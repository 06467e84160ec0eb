"""Wire shapes of reconciliations."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool

from chassis.schemas import RequestModel, ResponseModel
from national_portal_sync.reconciliations.rules import DifferenceKind


class ReconciliationIn(RequestModel):
    """Which day to compare with whom."""

    peer: Literal["dvcqg"] = Field(description="A peer that can list a day.", examples=["dvcqg"])
    day: date = Field(description="Legal day of the last change (Asia/Ho_Chi_Minh).", examples=["2026-11-23"])
    repair: StrictBool = Field(
        False, description="Replay every difference that is ours to mend.", examples=[False]
    )


class SideOut(ResponseModel):
    """One side of the day."""

    count: int = Field(description="Dossiers.", examples=[120])
    digest: str = Field(
        description="SHA-256 over `code digest` lines in order of code, hexadecimal.", examples=["9f86d081"]
    )


class DifferenceOut(ResponseModel):
    """One dossier on which the sides do not agree."""

    code: str = Field(description="National dossier code.", examples=["G18-20261123-0000001"])
    kind: DifferenceKind = Field(description="What differs.", examples=["missing_at_peer"])
    dossier_id: UUID | None = Field(
        description="Our dossier.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"]
    )
    state: str | None = Field(description="State of the delivery in the way.", examples=["parked"])
    our_digest: str | None = Field(description="Of what the peer acknowledged.", examples=["9f86d081"])
    peer_digest: str | None = Field(description="Of what the peer has.", examples=[None])
    replayed: bool = Field(description="Whether it is being sent again.", examples=[False])


class ReconciliationOut(ResponseModel):
    """One comparison."""

    id: UUID = Field(description="Id.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    peer: str = Field(description="With whom.", examples=["dvcqg"])
    day: date = Field(description="Which day.", examples=["2026-11-23"])
    ours: SideOut = Field(description="Our side.")
    theirs: SideOut = Field(description="The peer's side.")
    difference_count: int = Field(description="Differences in all.", examples=[0])
    replayed_count: int = Field(description="How many are being sent again.", examples=[0])
    differences: list[DifferenceOut] = Field(description="The first 1,000, by code.")
    made_by: str = Field(description="Who asked for it.", examples=["ops"])
    made_at: AwareDatetime = Field(description="When.", examples=["2026-11-23T18:00:00Z"])
