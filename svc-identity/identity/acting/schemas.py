"""Wire shapes of `acting`."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.schemas import ResponseModel


class PrincipalOut(ResponseModel):
    """Somebody for whom the citizen may act."""

    id: UUID = Field(
        description="What to send as `requested_subject`.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"]
    )
    kind: Literal["child", "company"] = Field(description="Who it is.", examples=["child"])
    name: str = Field(description="Full or registered name.", examples=["Trần Gia Chi"])
    born_on: str | None = Field(description="Of a child: `YYYY-MM-DD`.", examples=["2016-06-01"])
    tax_code: str | None = Field(description="Of a company.", examples=[None])
    basis: Literal["parent", "legal_representative", "delegate"] = Field(
        description="As what the citizen acts.", examples=["parent"]
    )
    scopes: list[str] = Field(description="What may be asked for at most.", examples=[["health.read"]])


class ActingForOut(ResponseModel):
    """Everybody for whom the citizen may act today."""

    items: list[PrincipalOut] = Field(description="Companies by tax code, then children by birth.")
    is_complete: bool = Field(
        description="False while the population register does not answer: children are then missing.",
        examples=[True],
    )
