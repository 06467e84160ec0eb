"""Wire shapes of what peers hand over. Items are checked one by one, so each gets its own verdict."""

import base64
import binascii
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, SkipValidation, StrictInt, field_validator, model_validator
from pydantic_core import PydanticCustomError

from chassis.schemas import RequestModel, ResponseModel
from contracts.identifiers import PersonalId
from contracts.portal import Channel, OwnerKind, PaperKind

MAX_ITEMS = 50
MAX_PAPER_BYTES = 5 << 20
MAX_VERSION = 2**31 - 1

Code = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,63}$",
        description="The dossier's code at the peer; given once.",
        examples=["000.00.00.G01-261123-0001"],
    ),
]
Version = Annotated[
    StrictInt, Field(ge=1, le=MAX_VERSION, description="Counted up by each change.", examples=[1])
]


class OwnerIn(RequestModel):
    """Whose dossier it is: a citizen by personal number, a company by tax code."""

    kind: OwnerKind = Field(description="`citizen` or `company`.", examples=["citizen"])
    name: str = Field(min_length=1, max_length=255, description="Full name.", examples=["Nguyễn Văn An"])
    personal_id: PersonalId | None = Field(None, description="Of a citizen.", examples=["001085000017"])
    tax_code: str | None = Field(
        None, pattern=r"^[0-9]{10}(-[0-9]{3})?$", description="Of a company.", examples=["0100000010"]
    )
    acting_name: str | None = Field(
        None,
        max_length=255,
        description="Who acted for the owner, where another did.",
        examples=["Lý Quốc Đạt"],
    )

    @model_validator(mode="after")
    def _has_its_number(self) -> Self:
        if (self.personal_id if self.kind == "citizen" else self.tax_code) is None:
            raise PydanticCustomError(
                "owner_number_missing",
                "number of the owner",
                {
                    "vi": "Công dân cần personal_id, doanh nghiệp cần tax_code.",
                    "en": "A citizen has a personal_id, a company a tax_code.",
                },
            )
        return self


class PaperIn(RequestModel):
    """One paper, by content."""

    slot: str = Field(
        min_length=1, max_length=64, description="Component code of the paper.", examples=["TP01"]
    )
    file_name: str = Field(
        min_length=1, max_length=255, description="Name of the file.", examples=["don.pdf"]
    )
    media_type: str = Field(
        pattern=r"^[a-z]+/[a-z0-9.+\-]+$",
        max_length=100,
        description="Media type.",
        examples=["application/pdf"],
    )
    content: str = Field(description="Base64; at most 5 MiB decoded.", examples=["JVBERi0xLjc="])
    kind: PaperKind = Field("electronic", description="What the file stands for.", examples=["electronic"])

    @field_validator("content")
    @classmethod
    def _is_base64(cls, value: str) -> str:
        try:
            size = len(base64.b64decode(value, validate=True))
        except binascii.Error as failure:
            raise PydanticCustomError(
                "not_base64", "base64", {"vi": "Không phải Base64.", "en": "Is not base64."}
            ) from failure
        if size > MAX_PAPER_BYTES:
            raise PydanticCustomError(
                "paper_too_large", "size", {"vi": "Tệp lớn hơn 5 MiB.", "en": "The file is over 5 MiB."}
            )
        return value


class InboundDossierIn(RequestModel):
    """A dossier filed at the peer."""

    code: Code
    version: Version
    procedure_code: str = Field(
        pattern=r"^[0-9]\.[0-9]{6}$", description="National procedure code.", examples=["1.002088"]
    )
    owner: OwnerIn = Field(description="Whose dossier it is.")
    channel: Channel = Field("online", description="How it was filed.", examples=["online"])
    submitted_at: AwareDatetime = Field(description="When.", examples=["2026-11-23T02:00:00Z"])
    form: dict[str, object] = Field(
        default_factory=dict, description="By the procedure's JSON Schema.", examples=[{}]
    )
    papers: list[PaperIn] = Field(
        default_factory=list, max_length=50, description="Papers handed over with it."
    )


class InboundStatusIn(RequestModel):
    """A dossier's status at the peer."""

    code: Code
    version: Version
    status: StrictInt = Field(ge=1, le=10, description="One of the ten national statuses.", examples=[4])
    reason: str | None = Field(
        None, max_length=2000, description="Needed with 3, 5 and 8.", examples=["Thiếu giấy tờ"]
    )
    changed_at: AwareDatetime = Field(description="When.", examples=["2026-11-23T03:00:00Z"])

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.status in (3, 5, 8) and not self.reason:
            raise PydanticCustomError(
                "reason_missing",
                "reason",
                {
                    "vi": "Trạng thái 3, 5 và 8 phải kèm lý do.",
                    "en": "Statuses 3, 5 and 8 need a reason.",
                },
            )
        return self


class InboundDossiersIn(RequestModel):
    """Dossiers handed over together; each is taken or rejected by itself."""

    items: list[SkipValidation[InboundDossierIn]] = Field(
        min_length=1, max_length=MAX_ITEMS, description="At most 50."
    )


class InboundStatusesIn(RequestModel):
    """Statuses handed over together; each is taken or rejected by itself."""

    items: list[SkipValidation[InboundStatusIn]] = Field(
        min_length=1, max_length=500, description="At most 500."
    )


class ItemErrorOut(ResponseModel):
    """One field at fault."""

    pointer: str = Field(description="RFC 6901 pointer into the item.", examples=["/owner/personal_id"])
    code: str = Field(description="Stable code.", examples=["missing"])
    message: str = Field(description="In the language asked for.", examples=["Thiếu trường này"])


class VerdictOut(ResponseModel):
    """What became of one item."""

    index: int = Field(description="Position in the request, from 0.", examples=[0])
    code: str | None = Field(description="The dossier's code, where it could be read.", examples=["G01-1"])
    version: int | None = Field(description="Its version, where it could be read.", examples=[1])
    outcome: Literal["received", "unchanged", "stale", "rejected"] = Field(
        description="`stale`: a newer version is here already; nothing was overwritten.",
        examples=["received"],
    )
    inbound_id: UUID | None = Field(
        description="Our id of what was received.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"]
    )
    errors: list[ItemErrorOut] = Field(
        default_factory=list, description="Why it was rejected.", examples=[[]]
    )


class VerdictsOut(ResponseModel):
    """A verdict per item, in the order of the request."""

    items: list[VerdictOut] = Field(description="The verdicts.")


class InboundStateOut(ResponseModel):
    """What we hold of a dossier that the asking peer handed over."""

    code: str = Field(description="The dossier's code at the peer.", examples=["G01-1"])
    version: int = Field(description="Newest version received.", examples=[1])
    received_at: AwareDatetime = Field(description="When.", examples=["2026-11-23T03:00:00Z"])
    status: int | None = Field(description="Newest status handed over.", examples=[4])
    status_version: int | None = Field(description="Its version.", examples=[2])
