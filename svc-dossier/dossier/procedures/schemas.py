"""Wire shapes of the catalogue. What stands here with a confidence other than `sourced` is not law."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chassis.schemas import RequestModel, ResponseModel

Confidence = Literal["sourced", "memory", "unverified", "none"]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
Slot = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
MediaType = Literal["application/pdf", "image/jpeg", "image/png"]
Unit = Literal["hour", "working_hour", "day", "working_day", "month", "year", "immediate"]
ALL_TYPES: tuple[MediaType, ...] = ("application/pdf", "image/jpeg", "image/png")

_SURE = Field(
    description="`sourced`: read in an official text; `memory`, `unverified`: a stated default, not law;"
    " `none`: not known.",
    examples=["sourced"],
)


class _Part(RequestModel):
    """A part of a procedure's document, the same on the way in and out."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})


class Named(_Part):
    """A code with its Vietnamese name."""

    code: Code = Field(description="Stable code.", examples=["cuc-quan-ly-duoc"])
    name: Line = Field(description="Name in Vietnamese.", examples=["Cục Quản lý Dược"])


class Deadline(_Part):
    """The time limit; counted from the day after a complete dossier is received."""

    value: Annotated[StrictInt, Field(ge=0, le=3650)] | None = Field(
        description="How many units; null where not known.", examples=[3]
    )
    unit: Unit | None = Field(description="Unit; `immediate` for publication on receipt.", examples=["day"])
    confidence: Confidence = _SURE
    note: str | None = Field(None, max_length=2000, description="Other limits in other cases.")


class Fee(_Part):
    """One fee. `due` is a stated default where no source says when it is paid."""

    code: Code = Field(description="Code of the fee.", examples=["tham-dinh"])
    name: Line = Field(description="What it is for.", examples=["Phí thẩm định"])
    amount_vnd: Annotated[StrictInt, Field(ge=0, le=10**12)] = Field(
        description="Whole dong.", examples=[500_000]
    )
    due: Literal["before_acceptance", "after_acceptance"] = Field(
        description="When it is asked for.", examples=["before_acceptance"]
    )
    confidence: Confidence = _SURE


class Paper(_Part):
    """One paper of the dossier, and the slot that its file goes into."""

    slot: Slot = Field(description="Slot of the attachment.", examples=["paper-1"])
    name: Line = Field(description="What it is.", examples=["Phiếu công bố sản phẩm mỹ phẩm"])
    original_count: Annotated[StrictInt, Field(ge=0, le=20)] = Field(
        description="Originals wanted on paper.", examples=[1]
    )
    copy_count: Annotated[StrictInt, Field(ge=0, le=20)] = Field(
        description="Copies wanted on paper.", examples=[0]
    )
    form_name: str | None = Field(None, max_length=200, description="Official form, where there is one.")
    is_required: StrictBool = Field(description="Whether a dossier without it is not taken.", examples=[True])
    media_types: list[MediaType] = Field(
        default=list(ALL_TYPES), min_length=1, description="Types of file taken.", examples=[["image/png"]]
    )
    confidence: Confidence = _SURE
    source: str | None = Field(None, max_length=500, description="Where it was read.")


class Step(_Part):
    """One step of the workflow."""

    number: Annotated[StrictInt, Field(ge=1, le=50)] = Field(description="Order.", examples=[1])
    name: Line = Field(description="What is done, in Vietnamese.", examples=["Tiếp nhận hồ sơ"])
    name_en: Line = Field(description="What is done, in English.", examples=["Receive the dossier"])
    role: Line = Field(description="Role that does it.", examples=["receiving_desk"])
    is_online: StrictBool = Field(description="Whether nobody has to come for it.", examples=[True])


class Reason(_Part):
    """Why a procedure is not fully online, as Decree 224/2026/NĐ-CP art. 14 wants it published."""

    kind: Literal["presence", "site_inspection", "technical_fault", "other_technical", "not_published"] = (
        Field(description="Kind of reason; `not_published`: the owner has not given one yet.",
              examples=["site_inspection"])
    )  # fmt: skip
    text: str = Field(max_length=2000, description="The reason.", examples=["Phải thẩm định tại cơ sở."])
    decided_by: str | None = Field(None, max_length=300, description="Who decided.")
    review_on: date | None = Field(None, description="When it is looked at again.")


class Online(_Part):
    """How far the procedure is online."""

    kind: Literal["full", "partial", "unknown"] = Field(
        description="`full`: toàn trình; `partial`: một phần.", examples=["full"]
    )
    reason: Reason | None = Field(None, description="Published reason where it is not fully online.")


class ProcedureContent(RequestModel):
    """What a version of a procedure says."""

    model_config = ConfigDict(
        json_schema_extra={"description": "A procedure as its owner publishes it."}, extra="forbid"
    )

    name: Line = Field(
        description="Official name.",
        examples=["Cấp số tiếp nhận Phiếu công bố sản phẩm mỹ phẩm nhập khẩu"],
    )
    national_code: Annotated[str, StringConstraints(pattern=r"^[1-3]\.[0-9]{6}$")] | None = Field(
        None, description="Code in the national data base of procedures.", examples=["1.002088"]
    )
    code_confidence: Confidence = _SURE
    kind: Literal["decision", "publication"] = Field(
        "decision", description="`publication`: its number is public on receipt, without appraisal."
    )
    agency: Named = Field(description="Organisation that works on it.")
    unit_name: Line = Field(description="Unit as the source names it.", examples=["Cục Quản lý Dược"])
    field: Named = Field(description="Field of administration.")
    level: Literal["ministry", "province", "ministry or province", "unit"] = Field(
        description="Level of the state.", examples=["ministry"]
    )
    online: Online = Field(description="How far it is online.")
    deadline: Deadline = Field(description="Time limit.")
    fees: list[Fee] = Field(default=[], max_length=50, description="Fees.")
    papers: list[Paper] = Field(min_length=1, max_length=100, description="Papers wanted.")
    form: dict[str, Any] = Field(  # Any: a JSON Schema
        description="JSON Schema 2020-12 of the electronic form."
    )
    steps: list[Step] = Field(default=[], max_length=50, description="Workflow.")
    supplement_rule: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")] = Field(
        description="Rule of supplement rounds.", examples=["SUP-COSM"]
    )
    supplement_confidence: Confidence = _SURE
    filing_level: Literal[1, 2] = Field(
        2, description="Least VNeID level of who submits; a stated default of the system.", examples=[2]
    )
    filed_at: str | None = Field(
        None, max_length=200, description="Other place of this API where it is filed.", examples=[None]
    )
    source: str | None = Field(None, max_length=500, description="Where it was read.")
    note: str | None = Field(None, max_length=2000, description="Remarks on the source.")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        slots = [paper.slot for paper in self.papers]
        if len(set(slots)) != len(slots):
            raise PydanticCustomError(
                "duplicate_slot",
                "duplicate slot",
                {"vi": "Mã thành phần hồ sơ bị trùng.", "en": "Two papers have the same slot."},
            )
        if self.online.kind == "partial" and self.online.reason is None:
            raise PydanticCustomError(
                "reason_missing",
                "reason missing",
                {
                    "vi": "Dịch vụ một phần phải có lý do được công bố.",
                    "en": "A partly online procedure needs a published reason.",
                },
            )
        return self


class ProcedureIn(ProcedureContent):
    """A new version of a procedure."""

    valid_from: date | None = Field(
        None, description="First legal day of this version; today by default.", examples=["2026-12-01"]
    )


class ProcedureOut(ProcedureContent):
    """One version of a procedure."""

    code: str = Field(
        description="Code in this catalogue; `LT.` codes are ours, until the national one is known.",
        examples=["1.002088"],
    )
    version: StrictInt = Field(description="Version, from 1.", examples=[1])
    valid_from: date = Field(description="First legal day of this version.", examples=["2025-07-01"])
    valid_until: date | None = Field(
        description="First legal day after it; null while none follows.", examples=[None]
    )
    fully_online_share: StrictFloat | None = Field(
        description="Share of the steps for which nobody has to come, 0 to 1.", examples=[1.0]
    )
    fees_total_vnd: StrictInt = Field(description="Sum of the fees.", examples=[500_000])


class ProcedureOverviewOut(ResponseModel):
    """A procedure in the list."""

    code: str = Field(description="Code in this catalogue.", examples=["1.002088"])
    national_code: str | None = Field(description="National code, where known.", examples=["1.002088"])
    code_confidence: Confidence = _SURE
    version: int = Field(description="Version in force.", examples=[1])
    name: str = Field(description="Official name.", examples=["Cấp số tiếp nhận Phiếu công bố mỹ phẩm"])
    agency: Named = Field(description="Organisation that works on it.")
    field: Named = Field(description="Field of administration.")
    level: str = Field(description="Level of the state.", examples=["ministry"])
    online_kind: str = Field(description="`full`, `partial` or `unknown`.", examples=["full"])
    deadline: Deadline = Field(description="Time limit.")
    fees_total_vnd: int = Field(description="Sum of the fees.", examples=[500_000])
