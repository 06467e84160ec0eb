"""Wire shapes of the officers' side."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictInt, StringConstraints

from chassis.schemas import RequestModel, ResponseModel
from dossier.dossiers.schemas import Labels, StatusOut

ActionName = Literal[
    "accept",
    "refuse",
    "request_supplement",
    "extend_supplement",
    "amend_supplement",
    "request_payment",
    "assign",
    "forward",
    "start",
    "consult",
    "propose",
    "sign",
    "deny",
    "return_result",
    "apologise",
    "stop",
    "confirm_withdrawal",
    "decline_withdrawal",
    "replace_result",
    "revoke_result",
]
Queue = Literal["intake", "processing", "to_sign", "waiting", "withdrawals", "results", "overdue", "mine"]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class FeeLineIn(RequestModel):
    """One line of what is to be paid."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")] = Field(
        description="Code of the fee.", examples=["tham-dinh"]
    )
    label: Line = Field(description="What it is for.", examples=["Phí thẩm định"])
    amount_vnd: Annotated[StrictInt, Field(ge=1, le=10**12)] = Field(
        description="Whole dong.", examples=[500_000]
    )


class ActionIn(RequestModel):
    """One step. Which further members a step needs is said by the 422 that misses them."""

    action: ActionName = Field(description="The step, by its name in the table.", examples=["accept"])
    reason: Prose | None = Field(
        None, description="Reason, told to the applicant.", examples=["Thiếu bản công bố"]
    )
    legal_basis: Prose | None = Field(
        None, description="Legal basis of a refusal.", examples=["Thông tư 06/2011/TT-BYT"]
    )
    items: list[Line] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Supplement: everything to bring, in one list.",
        examples=[["Bản công bố có chữ ký"]],
    )
    lines: list[FeeLineIn] | None = Field(
        None,
        min_length=1,
        max_length=50,
        description="Payment: what is to be paid; by default the fees of the procedure.",
    )
    officer_id: UUID | None = Field(
        None, description="Assign: to whom; by default to the caller.", examples=[None]
    )
    office: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        None, description="Forward: the organisation.", examples=["cuc-quan-ly-duoc"]
    )
    kind: Literal["granted", "refused", "consultation", "council", "inspection"] | None = Field(
        None,
        description="Propose: `granted` (default) or `refused`. Consult: `consultation` (default), `council`"
        " or `inspection`.",
        examples=["granted"],
    )
    content: Prose | None = Field(
        None,
        description="Propose, replace: what the result says.",
        examples=["Số tiếp nhận Phiếu công bố: 000001/26/CBMP-QLD"],
    )
    body: Line | None = Field(
        None, description="Consult: the body, council or team asked.", examples=["Sở Y tế Hà Nội"]
    )
    question: Prose | None = Field(
        None, description="Consult: what is asked.", examples=["Ý kiến chuyên môn"]
    )
    limit_days: Annotated[StrictInt, Field(ge=1, le=365)] | None = Field(
        None, description="Consult: its own limit in working days; 5 by default.", examples=[5]
    )
    new_due_on: date | None = Field(
        None,
        description="Apologise: the new day. Extend: until when; by default once more the whole time.",
        examples=["2026-12-07"],
    )


class StepOut(ResponseModel):
    """One step that the reader may take now, its conditions left aside."""

    action: str = Field(description="Name of the step in this API.", examples=["accept"])
    label: Labels = Field(description="What it does.")
    to_status: str = Field(description="Status it leads to; `previous`: the one before.", examples=["2"])


class ControlOut(ResponseModel):
    """One row of the process control sheet."""

    position: int = Field(description="Order, from 1.", examples=[1])
    action: str = Field(description="What was done.", examples=["accept"])
    actor: Labels = Field(description="Organisation or system.")
    role: str | None = Field(description="Role.", examples=["receiving_desk"])
    received_at: AwareDatetime = Field(description="Since when it waited.", examples=["2026-11-23T02:00:00Z"])
    begun_at: AwareDatetime = Field(
        description="Since when it was worked on.", examples=["2026-11-23T02:00:00Z"]
    )
    ended_at: AwareDatetime = Field(description="When it was done.", examples=["2026-11-23T03:00:00Z"])
    queue_seconds: int = Field(description="Time waited.", examples=[0])
    work_seconds: int = Field(description="Time worked.", examples=[3600])
    is_automatic: bool = Field(description="Whether the system did it.", examples=[False])
    standing: Literal["early", "on_time", "late"] = Field(
        description="Before, on or after its day.", examples=["early"]
    )


class RoundOut(ResponseModel):
    """One round of supplement."""

    round: int = Field(description="Number, from 1.", examples=[1])
    revision: int = Field(description="Slip in force; each amended one replaces it.", examples=[1])
    reason: str | None = Field(description="Why it is asked.", examples=["Thiếu giấy tờ"])
    items: list[str] = Field(description="What to bring.", examples=[["Bản công bố"]])
    asked_at: AwareDatetime = Field(description="When asked.", examples=["2026-11-23T03:00:00Z"])
    deadline: dict[str, Any] = Field(description="Until when, and how that was counted.")  # Any: JSON
    answered_at: AwareDatetime | None = Field(description="When answered.", examples=[None])
    rule_id: str = Field(description="Rule of the procedure.", examples=["SUP-COSM"])
    max_rounds: int | None = Field(description="How many rounds it allows; null: no cap.", examples=[1])
    when_exceeded: str = Field(description="What then, in the words of the rule.", examples=["refusal"])
    legal_basis: str = Field(description="Its legal basis.", examples=["TT 06/2011/TT-BYT as codified"])


class DossierWorkOut(ResponseModel):
    """A dossier as officers see it."""

    id: UUID = Field(description="Id of the dossier.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    code: str = Field(description="National code.", examples=["G18-20261123-0000001"])
    version: int = Field(description="Counted up by each change; also the ETag.", examples=[3])
    procedure_code: str = Field(description="Procedure.", examples=["1.002088"])
    procedure_name: str = Field(description="Its name.", examples=["Cấp số tiếp nhận Phiếu công bố"])
    status: StatusOut = Field(description="Where it stands.")
    status_reason: str | None = Field(description="Why, where the status needs a reason.", examples=[None])
    channel: str = Field(description="How it was filed.", examples=["online"])
    office: Labels = Field(description="Organisation that works on it.")
    office_code: str = Field(description="Its code.", examples=["cuc-quan-ly-duoc"])
    assigned_to: UUID | None = Field(description="Officer in charge.", examples=[None])
    owner_kind: str = Field(description="`citizen` or `company`.", examples=["company"])
    parties: dict[str, Any] = Field(description="Owner and who acted for them.")  # Any: JSON
    form: dict[str, Any] = Field(description="The electronic form.")  # Any: JSON
    attachments: list[dict[str, Any]] = Field(description="Papers, without their content.")  # Any: JSON
    submitted_at: AwareDatetime | None = Field(description="When filed.", examples=["2026-11-23T02:00:00Z"])
    accepted_at: AwareDatetime | None = Field(description="When accepted.", examples=[None])
    finished_at: AwareDatetime | None = Field(description="When decided or ended.", examples=[None])
    intake_deadline: dict[str, Any] | None = Field(  # Any: JSON
        description="Until when intake decides, and how that was counted."
    )
    deadline: dict[str, Any] | None = Field(  # Any: JSON
        description="When the result is due, and how that was counted."
    )
    is_overdue: bool = Field(
        description="Whether the day of the current status has passed.", examples=[False]
    )
    is_on_time: bool = Field(
        description="Whether it counts as on time by indicator 2.1 of QĐ 766/QĐ-TTg.", examples=[True]
    )
    supplements: list[RoundOut] = Field(description="Rounds of supplement.")
    payment_requests: list[dict[str, Any]] = Field(description="What it was asked to pay.")  # Any: JSON
    inner_requests: list[dict[str, Any]] = Field(description="Other bodies asked.")  # Any: JSON
    proposal: dict[str, Any] | None = Field(description="Open proposal of a result.")  # Any: JSON
    results: list[dict[str, Any]] = Field(description="Signed papers, without their files.")  # Any: JSON
    control_sheet: list[ControlOut] = Field(description="Process control sheet.")
    steps: list[StepOut] = Field(description="Steps that the reader's role may take from here.")


class InboxItemOut(ResponseModel):
    """One dossier in the inbox."""

    id: UUID = Field(description="Id of the dossier.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    code: str = Field(description="National code.", examples=["G18-20261123-0000001"])
    procedure_code: str = Field(description="Procedure.", examples=["1.002088"])
    procedure_name: str = Field(description="Its name.", examples=["Cấp số tiếp nhận Phiếu công bố"])
    status: StatusOut = Field(description="Where it stands.")
    office_code: str = Field(description="Organisation that works on it.", examples=["cuc-quan-ly-duoc"])
    assigned_to: UUID | None = Field(description="Officer in charge.", examples=[None])
    is_proposed: bool = Field(description="Whether a result waits for its signature.", examples=[False])
    due_at: AwareDatetime | None = Field(
        description="The day of its current status.", examples=["2026-11-26T17:00:00Z"]
    )
    is_due_soon: bool = Field(description="Whether that day is near.", examples=[False])
    is_overdue: bool = Field(description="Whether that day has passed.", examples=[False])
    submitted_at: AwareDatetime | None = Field(description="When filed.", examples=["2026-11-23T02:00:00Z"])
    version: int = Field(description="Version, for `If-Match`.", examples=[1])
