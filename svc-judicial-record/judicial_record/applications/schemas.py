"""Wire shapes of applications as the applicant sees them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool, StrictInt, StringConstraints

from chassis.schemas import RequestModel, ResponseModel
from contracts.events.judicial_record import ApplicationStatus

EXAMPLE_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"
MOMENT = "2026-11-23T02:15:00Z"
Json = dict[str, Any]  # Any: JSON members
FeeGroup = Literal[
    "ordinary",
    "student",
    "merit",
    "martyr_relative",
    "elderly",
    "disabled",
    "poor_household",
    "hardship_area",
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ApplicationIn(RequestModel):
    """What is applied for. The person is the one signed in; name, birth and number come from the register."""

    form: Annotated[StrictInt, Field(ge=1, le=2)] = Field(
        description="1: shows what is not expunged; 2: the whole record, for the person alone.", examples=[1]
    )
    purpose: Line = Field(description="What for, in the applicant's words.", examples=["Xin việc làm"])
    purpose_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_.-]{1,20}$")] | None = Field(
        None, description="Code of the purpose, where the applicant's list has one.", examples=["XIN_VIEC"]
    )
    delivery: Literal["electronic", "post", "counter"] = Field(
        description="How the result is handed over.", examples=["electronic"]
    )
    copies: Annotated[StrictInt, Field(ge=1, le=20)] = Field(
        1, description="How many; each from the third costs extra.", examples=[1]
    )
    include_bans: StrictBool = Field(
        False, description="Form 1: also say which posts are barred; form 2 always does.", examples=[False]
    )
    fee_group: FeeGroup = Field(
        "ordinary",
        description="Group that pays less or nothing. Age is taken from the register without being named.",
        examples=["ordinary"],
    )


class WithdrawalIn(RequestModel):
    """Why an application is withdrawn; may be left out."""

    reason: Line | None = Field(None, description="In the applicant's words.", examples=["Không cần nữa"])


class SupplementIn(RequestModel):
    """The answer to a request for supplement."""

    text: Paragraph = Field(
        description="What is added, in the applicant's words.",
        examples=["Từ 2010 đến 2014 tôi cư trú tại phường Thử Nghiệm, thành phố Mẫu."],
    )


class WordsOut(ResponseModel):
    """A text in both languages."""

    vi: str = Field(description="In Vietnamese.", examples=["Đang kiểm tra"])
    en: str = Field(description="In English.", examples=["Being checked"])


class NationalStatusOut(ResponseModel):
    """One of the ten national statuses."""

    number: int = Field(description="1 to 10.", examples=[4])
    name: str = Field(description="Its name in this contract.", examples=["processing"])
    label: WordsOut = Field(description="The portal's word for it.")


class WhoOut(ResponseModel):
    """Who did a step, or does the next one: a role, never a name."""

    role: str = Field(
        description="`applicant system office judicial_officer judicial_leader other_body nobody`.",
        examples=["judicial_officer"],
    )
    label: WordsOut = Field(description="The role in words.")
    office: WordsOut | None = Field(description="The office, where the role is one of it.")


class StepOut(ResponseModel):
    """One step of the history."""

    at: AwareDatetime = Field(description="When; legal time.", examples=[MOMENT])
    action: str = Field(description="What was done.", examples=["accept"])
    what: WordsOut = Field(description="The same in words.")
    who: WhoOut = Field(description="Who did it.")
    status: ApplicationStatus = Field(description="Status after it.", examples=["accepted"])
    national_status: NationalStatusOut = Field(description="National status after it.")
    note: str | None = Field(description="What the step says to the applicant.", examples=[None])
    due_at: AwareDatetime | None = Field(description="Deadline after it.", examples=[MOMENT])


class NextOut(ResponseModel):
    """What happens next, and who has to act."""

    who: WhoOut = Field(description="Who acts next.")
    text: WordsOut = Field(description="What comes next.")
    until: AwareDatetime | None = Field(
        description="End of the time for it; past it the case is late, or stops where the applicant waits.",
        examples=[MOMENT],
    )


class SupplementOut(ResponseModel):
    """One round of supplement."""

    round: int = Field(description="1 for the first.", examples=[1])
    asked_for: str = Field(description="What the office asked for.", examples=["Bổ sung nơi cư trú"])
    asked_at: AwareDatetime = Field(description="When it asked.", examples=[MOMENT])
    answered_at: AwareDatetime | None = Field(description="When the answer came.", examples=[None])


class ApplicationOverviewOut(ResponseModel):
    """An application in a list."""

    id: UUID = Field(description="Id of the application.", examples=[EXAMPLE_ID])
    code: str = Field(description="National dossier code.", examples=["G01-20261123-0000001"])
    form: int = Field(description="1 or 2.", examples=[1])
    status: ApplicationStatus = Field(description="Where it stands.", examples=["checking"])
    status_label: WordsOut = Field(description="The status in words.")
    national_status: NationalStatusOut = Field(description="The same in the national numbering.")
    created_at: AwareDatetime = Field(description="When it was made.", examples=[MOMENT])
    due_at: AwareDatetime | None = Field(description="Deadline, where one runs.", examples=[MOMENT])
    is_overdue: bool = Field(description="Whether the day has passed.", examples=[False])
    version: int = Field(description="Counted up by each change; also the ETag.", examples=[3])


class CertificateOut(ResponseModel):
    """The certificate of an application, for its holder."""

    number: str = Field(description="Number printed on it.", examples=["LLTP-G01-2026-0000001"])
    status: Literal["valid", "revoked", "superseded"] = Field(
        description="Whether it still verifies.", examples=["valid"]
    )
    issued_on: date = Field(description="Day of issuing in Việt Nam.", examples=["2026-11-26"])
    ended_on: date | None = Field(description="Day since which it is not valid.", examples=[None])
    superseded_by: str | None = Field(description="Number of the certificate in its place.", examples=[None])
    verification_code: str | None = Field(
        description="Code printed beside the number: whoever has both may verify it. Null where it stands"
        " on the file alone.",
        examples=["7K3M-Q9TX-0A2B-5HJN"],
    )
    verification_address: str | None = Field(
        description="Where the QR code on it leads: the page that says whether it is genuine and valid.",
        examples=["http://127.0.0.1:8080/verify?number=LLTP-G01-2026-0000001&code=7K3M-Q9TX-0A2B-5HJN"],
    )


class ApplicationOut(ApplicationOverviewOut):
    """An application in full."""

    purpose: str = Field(description="What for.", examples=["Xin việc làm"])
    purpose_code: str | None = Field(description="Its code.", examples=["XIN_VIEC"])
    delivery: Literal["electronic", "post", "counter"] = Field(
        description="How the result is handed over.", examples=["electronic"]
    )
    copies: int = Field(description="How many.", examples=[1])
    include_bans: bool = Field(description="Whether bans are shown.", examples=[False])
    office: WordsOut = Field(description="The issuing office.")
    fee: Json = Field(
        description="What is owed and why: lines, total, group, rule, source, confidence.",
        examples=[{"total_vnd": 200000, "group": "ordinary", "lines": []}],
    )
    submitted_at: AwareDatetime | None = Field(
        description="When it was complete: paid, or free of charge.", examples=[MOMENT]
    )
    accepted_at: AwareDatetime | None = Field(description="When it was accepted.", examples=[MOMENT])
    finished_at: AwareDatetime | None = Field(description="When the case ended.", examples=[None])
    deadline: Json | None = Field(
        description="The statutory limit that runs, its source, and how each day was counted.",
        examples=[{"code": "fast", "due_on": "2026-11-26", "steps": []}],
    )
    reason: str | None = Field(description="Why refused or stopped.", examples=[None])
    certificate: CertificateOut | None = Field(
        None, description="The certificate, once it is issued; told to its holder alone."
    )
    next: NextOut = Field(description="What happens next.")
    supplements: list[SupplementOut] = Field(description="Rounds of supplement, in order.")
    steps: list[StepOut] = Field(description="The history, in order.")
