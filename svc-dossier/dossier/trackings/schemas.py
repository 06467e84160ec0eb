"""Wire shapes of `trackings`."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.schemas import RequestModel, ResponseModel
from dossier.dossiers.schemas import StatusOut


class TrackingIn(RequestModel):
    """What stands on the receipt. In the body, so that it is in no log."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="National dossier code.", examples=["G18-20261123-0000001"]
    )
    pin: Annotated[str, StringConstraints(min_length=1, max_length=32)] = Field(
        description="Tracking PIN; spaces are ignored.", examples=["0412345678"]
    )


class TrackingOut(ResponseModel):
    """Where a dossier stands: nothing about whose it is or what is in it."""

    code: str = Field(description="National dossier code.", examples=["G18-20261123-0000001"])
    procedure_code: str = Field(description="Procedure it is filed under.", examples=["1.002088"])
    status: StatusOut = Field(description="Where it stands.")
    submitted_at: AwareDatetime = Field(description="When it was filed.", examples=["2026-11-23T02:15:00Z"])
    accepted_at: AwareDatetime | None = Field(description="When it was accepted.", examples=[None])
    due_on: date | None = Field(description="Promised legal day.", examples=["2026-11-26"])
    finished_at: AwareDatetime | None = Field(description="When it was decided.", examples=[None])
    returned_at: AwareDatetime | None = Field(description="When the result was handed over.", examples=[None])
    updated_at: AwareDatetime = Field(description="Last change.", examples=["2026-11-23T02:15:00Z"])
