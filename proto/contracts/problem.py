"""The one error answer of every process: RFC 9457 problem details with our extension members.

Which codes exist, with cause and remedy in both languages, is behaviour and lives in
`chassis.problems_catalogue`; here is only the shape that crosses the wire.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PROBLEM_MEDIA_TYPE = "application/problem+json"

Fault = Literal["caller", "us", "peer"]
"""Who has to act: the one who asked, we, or a system behind us."""

Retry = Literal["no", "same", "later"]
"""`no`: change the request first. `same`: repeat it unchanged now. `later`: repeat it after `Retry-After`."""


class FieldError(BaseModel):
    """One field at fault."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(
        description="RFC 6901 pointer into the body; for parameters below `/query`, `/path` or `/header`.",
        examples=["/items/0/born_on"],
    )
    code: str = Field(description="Stable name of what is wrong.", examples=["invalid_date"])
    message: str = Field(
        description="What is wrong, in the language asked for.", examples=["Ngày không hợp lệ"]
    )


class Problem(BaseModel):
    """An error answer, sent as `application/problem+json` (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(
        description="Page that explains the code; a reference relative to the public URL.",
        examples=["/developers/problems#not_found"],
    )
    title: str = Field(
        description="What went wrong in general, in the language asked for.", examples=["Không tìm thấy"]
    )
    status: int = Field(ge=400, le=599, description="HTTP status, repeated.", examples=[404])
    detail: str | None = Field(
        default=None, description="What went wrong this time; null where nothing more may be said."
    )
    instance: str | None = Field(
        default=None, description="Path that was asked for.", examples=["/v1/me/health-book/visits"]
    )
    code: str = Field(
        description="Stable, machine-readable; all are listed at `/developers/problems`.",
        examples=["not_found"],
    )
    errors: list[FieldError] = Field(
        default_factory=list, description="The fields at fault, where fields are."
    )
    trace_id: str | None = Field(
        default=None,
        description="W3C trace id, to be quoted when asking for help.",
        examples=["4bf92f3577b34da6a3ce929d0e0e4736"],
    )
    fault: Fault = Field(
        description="Who has to act: the caller, we, or a system behind us.", examples=["caller"]
    )
    retry: Retry = Field(
        description="`no`: change the request; `same`: repeat it unchanged; `later`: after `Retry-After`.",
        examples=["no"],
    )
