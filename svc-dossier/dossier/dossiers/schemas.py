"""Wire shapes of dossiers, as those who file them see them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictInt, StringConstraints

from chassis.schemas import RequestModel, ResponseModel

EXAMPLE_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"
EXAMPLE_CODE = "G18-20261123-0000001"
MOMENT = "2026-11-23T02:15:00Z"


class Labels(ResponseModel):
    """Words in both languages."""

    vi: str = Field(description="In Vietnamese.", examples=["Đang xử lý"])
    en: str = Field(description="In English.", examples=["Being processed"])


class StatusOut(ResponseModel):
    """Where the dossier stands; 0 is a draft, 1 to 10 are the national statuses."""

    number: int = Field(description="National number.", examples=[4])
    name: str = Field(description="Stable name.", examples=["processing"])
    label: Labels = Field(description="The portal's own words.")


class DossierIn(RequestModel):
    """A new draft."""

    procedure_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z.-]{0,39}$")] = Field(
        description="Procedure of the catalogue.", examples=["1.002088"]
    )
    form: dict[str, Any] | None = Field(  # Any: JSON members, checked by the procedure's schema
        None, description="What is filled in already.", examples=[{"brand": "Hoa Sen"}]
    )
    previous_dossier_id: UUID | None = Field(
        None, description="Own dossier that was refused or stopped, filed again by this one."
    )


class DossierPatchIn(RequestModel):
    """A merge patch (RFC 7396) of a draft."""

    form: dict[str, Any] = Field(  # Any: as above
        description="Members to set; null removes one.", examples=[{"product_name": "Kem dưỡng da"}]
    )


class ProcedureRefOut(ResponseModel):
    """The version of a procedure that a dossier stands under."""

    code: str = Field(description="Code in the catalogue.", examples=["1.002088"])
    version: int = Field(description="Version.", examples=[1])
    name: str = Field(description="Name.", examples=["Cấp số tiếp nhận Phiếu công bố sản phẩm mỹ phẩm"])


class PartiesOut(ResponseModel):
    """Whose dossier it is, and who filed it for them."""

    kind: Literal["citizen", "company"] = Field(description="Kind of owner.", examples=["company"])
    name: str | None = Field(
        description="Name of the owner when it was filed; null in a draft.",
        examples=["Công ty TNHH Dược Mẫu"],
    )
    tax_code: str | None = Field(description="Of a company.", examples=["0100000010"])
    acting_name: str | None = Field(description="Who acted for the owner.", examples=["Phan Thị Ngân"])
    shown_as: str | None = Field(
        description="Both in one line.", examples=["Phan Thị Ngân thay mặt Công ty TNHH Dược Mẫu"]
    )


class AttachmentOut(ResponseModel):
    """One file in one slot."""

    id: UUID = Field(description="The file.", examples=[EXAMPLE_ID])
    slot: str = Field(description="Slot of the procedure's paper.", examples=["paper-1"])
    name: str = Field(description="Name, without anything that could do harm.", examples=["don.pdf"])
    media_type: str = Field(description="Type as found in the content.", examples=["application/pdf"])
    size_bytes: int = Field(description="Size.", examples=[48_213])
    sha256: str = Field(description="SHA-256 of the content, hexadecimal.", examples=["9f86d081884c7d65"])
    round: int = Field(description="0 as filed, else the round of supplement.", examples=[0])
    origin: Literal["uploaded", "document_store", "desk", "portal"] = Field(
        description="Where it came from.", examples=["uploaded"]
    )
    document_id: UUID | None = Field(description="Document of the own store that was used again.")
    added_at: AwareDatetime = Field(description="When.", examples=[MOMENT])


class DossierOverviewOut(ResponseModel):
    """A dossier in the list."""

    id: UUID = Field(description="The dossier.", examples=[EXAMPLE_ID])
    code: str | None = Field(description="National code; null in a draft.", examples=[EXAMPLE_CODE])
    procedure: ProcedureRefOut = Field(description="What it is filed under.")
    status: StatusOut = Field(description="Where it stands.")
    created_at: AwareDatetime = Field(description="When the draft was made.", examples=[MOMENT])
    submitted_at: AwareDatetime | None = Field(description="When it was filed.", examples=[MOMENT])
    due_on: date | None = Field(description="Promised legal day.", examples=["2026-11-26"])


class DossierOut(DossierOverviewOut):
    """A dossier, as its owner sees it."""

    version: int = Field(description="Counted up by each change; also the ETag.", examples=[3])
    agency_code: str = Field(description="Organisation that works on it.", examples=["cuc-quan-ly-duoc"])
    channel: Literal["online", "counter", "post"] = Field(
        description="How it was filed.", examples=["online"]
    )
    status_reason: str | None = Field(description="What the status is due to.", examples=[None])
    owner: PartiesOut = Field(description="Whose it is.")
    form: dict[str, Any] = Field(  # Any: JSON members
        description="What is filled in.", examples=[{"brand": "Hoa Sen"}]
    )
    attachments: list[AttachmentOut] = Field(description="Files, by slot.")
    previous_dossier_id: UUID | None = Field(description="The dossier that this one files again.")
    tracking_pin: str | None = Field(
        description="With the code, opens the public tracking; null in a draft.", examples=["0412345678"]
    )
    intake_due_at: AwareDatetime | None = Field(
        description="Until when the desk decides about taking it.", examples=[MOMENT]
    )
    accepted_at: AwareDatetime | None = Field(description="When it was accepted.", examples=[MOMENT])
    due_at: AwareDatetime | None = Field(description="End of the promised day.", examples=[MOMENT])
    deadline: dict[str, Any] | None = Field(  # Any: casework's document of a deadline
        description="How the promised day was counted.", examples=[None]
    )
    applicant_due_at: AwareDatetime | None = Field(
        description="Until when the applicant is waited for.", examples=[None]
    )
    finished_at: AwareDatetime | None = Field(description="When it was decided.", examples=[None])
    returned_at: AwareDatetime | None = Field(description="When the result was handed over.", examples=[None])
    updated_at: AwareDatetime = Field(description="Last change.", examples=[MOMENT])


class ChangeOut(ResponseModel):
    """One change of a filed dossier."""

    sequence: int = Field(description="Position, from 1.", examples=[1])
    action: str = Field(description="Action of the table of transitions.", examples=["accept"])
    label: Labels = Field(description="What was done.")
    from_status: StatusOut = Field(description="Status before.")
    to_status: StatusOut = Field(description="Status after.")
    by: Literal["applicant", "officer", "system"] = Field(description="Who did it.", examples=["officer"])
    role: str | None = Field(description="Role of the officer.", examples=["receiving_desk"])
    organisation: str | None = Field(description="Organisation of the officer.", examples=["bo-y-te"])
    note: str | None = Field(description="What the applicant is told.", examples=[None])
    at: AwareDatetime = Field(description="Legal instant.", examples=[MOMENT])


class WithdrawalIn(RequestModel):
    """Why a dossier is taken back."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")] = Field(
        description="The reason.", examples=["Nộp nhầm thủ tục."]
    )


class RatingIn(RequestModel):
    """How the applicant found it."""

    score: StrictInt = Field(ge=1, le=5, description="1 to 5.", examples=[5])
    comment: str | None = Field(None, max_length=2000, description="In words.", examples=["Nhanh gọn."])


class RatingOut(ResponseModel):
    """A rating as it is kept."""

    score: int = Field(description="1 to 5.", examples=[5])
    comment: str | None = Field(description="In words.", examples=["Nhanh gọn."])
    rated_at: AwareDatetime = Field(description="When.", examples=[MOMENT])
