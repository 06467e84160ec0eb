"""Wire shapes of certificates."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.schemas import RequestModel, ResponseModel
from judicial_record.applications.schemas import MOMENT, WordsOut

NUMBER = "LLTP-G01-2026-0000001"
CODE = "7K3M-Q9TX-0A2B-5HJN"
Number = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class CodeIn(RequestModel):
    """What is printed beside the QR code, or read from it."""

    number: Number = Field(description="Number of the certificate.", examples=[NUMBER])
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="Code beside the number; case, spaces and hyphens do not matter.", examples=[CODE]
    )


class RevocationIn(RequestModel):
    """Why a certificate ends."""

    reason: Annotated[str, StringConstraints(min_length=3, max_length=2000)] = Field(
        description="Why; kept with the certificate and shown to nobody outside the office.",
        examples=["Thông tin án tích không đúng với quyết định xóa án tích đã có hiệu lực."],
    )
    legal_ground: Annotated[str, StringConstraints(min_length=3, max_length=500)] = Field(
        description="The provision that it rests on.", examples=["Luật 28/2009/QH12, điều 50"]
    )
    superseded_by: Number | None = Field(
        None,
        description="Number of the certificate that takes its place; it is then superseded, not revoked.",
        examples=["LLTP-G01-2026-0000002"],
    )


class EndedOut(ResponseModel):
    """A certificate that has ended."""

    number: str = Field(description="Its number.", examples=[NUMBER])
    status: Literal["revoked", "superseded"] = Field(description="How it ended.", examples=["revoked"])
    ended_at: AwareDatetime = Field(description="Since when; legal time.", examples=[MOMENT])
    superseded_by: str | None = Field(description="What takes its place.", examples=[None])


class ShownOut(ResponseModel):
    """What a valid form 1 says of its holder, without what a verifier need not know."""

    name: str = Field(description="Name of the holder.", examples=["Nguyễn Văn An"])
    born_on: date | None = Field(description="Day of birth, where it is known.", examples=["1985-03-12"])
    birth_year: int = Field(description="Year of birth.", examples=[1985])
    personal_id_ending: str = Field(
        description="Last three digits of the personal identification number.", examples=["017"]
    )
    has_convictions: bool = Field(
        description="Whether the certificate shows convictions; which ones stands on the paper alone.",
        examples=[False],
    )


class SignatureOut(ResponseModel):
    """Who signed the file of ours that was recognised."""

    signers: list[str] = Field(
        description="Names in the certificates of the signatures, in order.",
        examples=[["Lê Thị Lan", "Công an thành phố Hà Nội"]],
    )
    signed_at: AwareDatetime = Field(description="When; real time.", examples=[MOMENT])
    level: Literal["B-T", "B-B"] = Field(
        description="PAdES level; B-T has a time stamp of a time-stamping authority.", examples=["B-T"]
    )


class VerificationOut(ResponseModel):
    """Whether a certificate is genuine and still valid."""

    status: Literal["valid", "revoked", "superseded", "altered", "unknown"] = Field(
        description="`altered`: a certificate of ours, but not as issued; `unknown`: none of ours.",
        examples=["valid"],
    )
    checked_at: AwareDatetime = Field(description="When this was answered; real time.", examples=[MOMENT])
    number: str | None = Field(description="Number of the certificate.", examples=[NUMBER])
    form: Literal[1, 2] | None = Field(description="Form 1 or 2.", examples=[1])
    office: WordsOut | None = Field(description="Office that issued it.")
    issued_on: date | None = Field(description="Day of issuing in Việt Nam.", examples=["2026-11-26"])
    ended_on: date | None = Field(description="Day since which it is not valid.", examples=[None])
    superseded_by: str | None = Field(description="Number of the certificate in its place.", examples=[None])
    holder: ShownOut | None = Field(
        description="What it says of its holder: of a valid form 1 only; form 2 is for its holder alone."
    )
    signature: SignatureOut | None = Field(description="Its signatures.")
