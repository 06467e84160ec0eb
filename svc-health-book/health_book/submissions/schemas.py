"""Wire shapes of the intake."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import ResponseModel

EXAMPLE_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"


class DossierFindingOut(ResponseModel):
    """Something found in one dossier of the file."""

    dossier: int = Field(description="Position of the dossier in the file, counted from 1.", examples=[3])
    pointer: str = Field(
        description="RFC 6901 pointer `/HOSO/<index>/<table>[/<row>][/<field>]`, indexes from 0.",
        examples=["/HOSO/2/XML3/0/NGAY_YL"],
    )
    code: str = Field(description="Stable code.", examples=["order_outside_visit"])
    message: str = Field(
        description="What is wrong, in the language asked for.",
        examples=["NGAY_YL phải nằm trong khoảng từ NGAY_VAO đến NGAY_RA."],
    )
    article: str = Field(description="The text that the check rests on.", examples=["QĐ 130/QĐ-BYT 2023"])


class VisitTakenOut(ResponseModel):
    """A visit of the file that was taken."""

    visit_id: UUID | None = Field(
        description="Our id of the visit; null only in a dry run.", examples=[EXAMPLE_ID]
    )
    facility_visit_code: str = Field(description="The facility's code (MA_LK).", examples=["LK000001"])
    outcome: Literal["recorded", "superseded", "unchanged", "unlinked"] = Field(
        description="`superseded`: a correction, history is kept; `unlinked`: waits for its person.",
        examples=["recorded"],
    )


class SubmissionReceipt(ResponseModel):
    """What became of a file, dossier by dossier. Counts are of dossiers."""

    id: UUID | None = Field(description="Id of the submission; null in a dry run.", examples=[EXAMPLE_ID])
    state: Literal["working", "done"] = Field(
        description="`working` until all is decided.", examples=["done"]
    )
    received_at: AwareDatetime = Field(
        description="When the file arrived.", examples=["2026-11-23T08:05:00+00:00"]
    )
    accepted: int = Field(description="New, corrected and unlinked visits.", examples=[2])
    unchanged: int = Field(description="Visits that are there already as sent.", examples=[0])
    superseded: int = Field(description="Corrections, among the accepted.", examples=[0])
    unlinked: int = Field(description="Waiting for their person, among the accepted.", examples=[0])
    rejected: list[DossierFindingOut] = Field(description="Why dossiers were refused.")
    warnings: list[DossierFindingOut] = Field(description="Found in dossiers that were taken all the same.")
    visits: list[VisitTakenOut] = Field(description="Every visit taken, in the file's order.")
