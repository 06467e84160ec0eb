"""Wire shapes of the access log."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import ResponseModel


class AccessActorOut(ResponseModel):
    """Who read or tried to read. Of another citizen only the kind is told, not who it was."""

    kind: str = Field(description="Kind of actor.", examples=["staff"])
    subject: str | None = Field(description="Opaque id of the member of staff or system.", examples=[None])
    role: str | None = Field(description="Role.", examples=["clinician"])
    organisation: str | None = Field(description="Facility or agency.", examples=["99999"])


class AccessEntryOut(ResponseModel):
    """One reading of the citizen's data by somebody else, or an attempt at it."""

    id: UUID = Field(description="Id of the entry.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    occurred_at: AwareDatetime = Field(description="When.", examples=["2026-11-23T08:05:00+00:00"])
    actor: AccessActorOut = Field(description="Who.")
    purpose: str = Field(description="For what purpose.", examples=["own_book"])
    legal_ground: str = Field(description="On what ground.", examples=["none"])
    sections: list[str] = Field(description="Sections shown; empty for a refusal.", examples=[[]])
    outcome: Literal["allowed", "refused"] = Field(description="Whether it was shown.", examples=["refused"])
    reason: str | None = Field(description="Code of the refusal.", examples=["not_found"])
    resource: str = Field(description="What was asked for.", examples=["visits/0192f0c4-7a3b-7c11-8a55"])
