"""Wire shapes of `me`."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import RequestModel, ResponseModel


class MeOut(ResponseModel):
    """The signed-in citizen, as the population register names them."""

    id: UUID = Field(description="The citizen's id.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    name: str = Field(description="Full name.", examples=["Nguyễn Văn An"])
    born_on: str | None = Field(description="`YYYY-MM-DD` or `YYYY`.", examples=["1985-03-12"])
    sex: Literal["male", "female", "unknown"] = Field(description="As registered.", examples=["male"])
    personal_id: str | None = Field(description="12-digit personal number.", examples=["001085000017"])
    state: Literal["confirmed", "unconfirmed"] = Field(
        description="Whether the population register has confirmed the person.", examples=["confirmed"]
    )
    language: Literal["vi", "en"] = Field(description="Language of messages to the citizen.", examples=["vi"])
    updated_at: AwareDatetime = Field(description="Last change.", examples=["2026-11-22T08:15:00Z"])


class MeIn(RequestModel):
    """What a citizen may set; name, birth and sex are the register's."""

    language: Literal["vi", "en"] = Field(description="Language of messages to the citizen.", examples=["en"])
