"""Wire shapes of the officers' side."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import RequestModel, ResponseModel
from judicial_record.applications.schemas import (
    EXAMPLE_ID,
    MOMENT,
    ApplicationOut,
    ApplicationOverviewOut,
    Paragraph,
)
from judicial_record.convictions.service import FindingIn

Json = dict[str, Any]  # Any: JSON members
ActionName = Literal[
    "claim",
    "release",
    "request_verification",
    "record_finding",
    "propose",
    "approve",
    "return",
    "refuse",
    "request_supplement",
]
NEEDS_NOTE = frozenset({"request_verification", "record_finding", "return", "refuse", "request_supplement"})


class ActionIn(RequestModel):
    """One action of an officer or a leader."""

    action: ActionName = Field(description="What to do.", examples=["propose"])
    note: Paragraph | None = Field(
        None,
        description="Needed with `request_verification`, `record_finding`, `return`, `refuse` (the reason and"
        " its legal ground) and `request_supplement` (what to add). The applicant reads those of `refuse` and"
        " `request_supplement`.",
        examples=["Bổ sung nơi cư trú từ năm 2010 đến năm 2014."],
    )
    finding: FindingIn | None = Field(
        None,
        description="With `record_finding`: that a source has told all of this person up to a day, which"
        " closes its gaps. A finding without it is a note of the office.",
    )


class HolderOut(ResponseModel):
    """The applicant, as the population register described him or her when applying."""

    name: str = Field(description="Full name.", examples=["Nguyễn Văn An"])
    personal_id: str = Field(description="12-digit personal number.", examples=["001085000017"])
    born_on: date = Field(description="Day of birth.", examples=["1985-03-12"])
    is_year_only: bool = Field(description="Whether only the year is known.", examples=[False])
    sex: str = Field(description="As registered.", examples=["male"])
    nationality: str = Field(description="`VN`, else the register's code.", examples=["VN"])
    residence: str | None = Field(description="As written on papers.", examples=["Số 12 phố Thử Nghiệm"])


class LookUpOut(ResponseModel):
    """What the base says, and by which rules."""

    outcome: Literal["clear", "hit", "gap"] = Field(
        description="`gap`: nothing found, but not every source is complete.", examples=["clear"]
    )
    findings: list[Any] = Field(description="Rules that decided.", examples=[[]])
    coverage: list[Any] = Field(description="Sources and how complete they are.", examples=[[]])
    asked_at: AwareDatetime = Field(description="When the base was asked.", examples=[MOMENT])


class OfficeStepOut(ResponseModel):
    """One step, as the office sees it."""

    at: AwareDatetime = Field(description="When; legal time.", examples=[MOMENT])
    action: str = Field(description="What was done.", examples=["claim"])
    role: str = Field(description="In which role.", examples=["judicial_officer"])
    actor: str = Field(
        description="Id of the officer, `system`, or the applicant's id.", examples=[EXAMPLE_ID]
    )
    note: Any = Field(description="What was noted.", examples=[None])


class OfficeOverviewOut(ApplicationOverviewOut):
    """An application in the office's inbox."""

    name: str = Field(description="The applicant's name.", examples=["Nguyễn Văn An"])
    lane: Literal["fast", "slow"] | None = Field(description="Null before the look-up.", examples=["fast"])
    claimed_by: str | None = Field(description="Officer who works on it.", examples=[None])


class OfficeApplicationOut(ApplicationOut):
    """An application in full, as the office sees it."""

    citizen_id: UUID = Field(description="The applicant.", examples=[EXAMPLE_ID])
    holder: HolderOut = Field(description="The applicant as registered.")
    fee_group: str = Field(description="Group that the fee was assessed for.", examples=["ordinary"])
    lane: Literal["fast", "slow"] | None = Field(description="Null before the look-up.", examples=["fast"])
    look_up: LookUpOut | None = Field(description="Null before the look-up.")
    answers: list[str | None] = Field(description="Answers to the rounds of supplement.", examples=[[]])
    proposed_content: list[Any] | None = Field(
        description="What the proposed certificate shows; empty is nothing on record.", examples=[[]]
    )
    claimed_by: str | None = Field(description="Officer who works on it.", examples=[EXAMPLE_ID])
    proposed_by: str | None = Field(description="Officer who proposed it.", examples=[None])
    decided_by: str | None = Field(description="Leader who decided it.", examples=[None])
    allowed_actions: list[str] = Field(
        description="Actions open to the caller's roles in this status.", examples=[["claim", "propose"]]
    )
    office_steps: list[OfficeStepOut] = Field(description="All steps, also those not told to the applicant.")
