"""Wire shapes of webhook endpoints."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictInt

from chassis.schemas import RequestModel, ResponseModel


class EndpointIn(RequestModel):
    """Where to be told."""

    url: str = Field(
        min_length=1,
        max_length=2000,
        description="Public https address; in the sandbox also one of this machine.",
        examples=["https://dichvucong.tinh.example/hook"],
    )
    description: str = Field(
        "", max_length=255, description="For the receiver's own use.", examples=["Hệ thống một cửa"]
    )


class RotationIn(RequestModel):
    """How long the secret in use stays valid beside the new one."""

    overlap_seconds: StrictInt = Field(
        86_400, ge=0, le=7 * 86_400, description="At most a week.", examples=[86_400]
    )


class SecretOut(ResponseModel):
    """One valid secret, without itself."""

    id: UUID = Field(description="Id.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a12"])
    created_at: AwareDatetime = Field(description="When it was made.", examples=["2026-11-23T03:00:00Z"])
    valid_until: AwareDatetime | None = Field(
        description="When it ends; null: not yet known.", examples=[None]
    )


class EndpointOut(ResponseModel):
    """An endpoint."""

    id: UUID = Field(description="Id.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    url: str = Field(description="Where messages go.", examples=["https://dichvucong.tinh.example/hook"])
    description: str = Field(description="As given.", examples=["Hệ thống một cửa"])
    state: Literal["active", "disabled"] = Field(
        description="`disabled` after the receiver answered 410.", examples=["active"]
    )
    state_reason: str | None = Field(description="Why it is disabled.", examples=[None])
    agencies: list[str] = Field(description="Whose dossiers it is told of.", examples=[["H26"]])
    secrets: list[SecretOut] = Field(description="Secrets that sign now, newest first.")
    created_at: AwareDatetime = Field(description="When it was made.", examples=["2026-11-23T03:00:00Z"])


class EndpointSecretOut(ResponseModel):
    """An endpoint with its new secret, which is shown this once."""

    endpoint: EndpointOut = Field(description="The endpoint.")
    secret: str = Field(
        description="Key of the signatures; keep it, it is not shown again.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class PingOut(ResponseModel):
    """A test message on its way."""

    event_id: UUID = Field(
        description="`id` of the message.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a11"]
    )
